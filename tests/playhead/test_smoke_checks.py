"""The comparison itself: a smoke run that could not fail would say nothing."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

import pytest

from playhead.player.play import Played, Visit
from playhead.player.recording import Recording, timed
from playhead.player.send import Window
from playhead.query_client import Session, Stats, Status
from playhead.smoke import SmokeFailed, _check

META = b'{"type":4,"data":{},"timestamp":10}'
SNAPSHOT = b'{"type":2,"data":{},"timestamp":11}'
CLICK = b'{"type":3,"data":{"x":1.50},"timestamp":12}'
RECORDING = Recording("r", [timed(META), timed(SNAPSHOT), timed(CLICK)])
PLAYED = Played(
    Visit(RECORDING, "key"), Window("key", "ann", "w", "Browser/1"), shift_ms=100, accepted=3, batches=1
)
SESSION = Session("s", "ann", "active", 110, 110, 112, events=3, replayable=True)


@dataclass
class Api:
    """Answers as the query API would; each test bends one answer."""

    listed: list[Session] = field(default_factory=lambda: [SESSION])
    stored: list[bytes] = field(
        default_factory=lambda: [timed(e).shifted(100) for e in (META, SNAPSHOT, CLICK)]
    )
    bent_stats: Stats | None = None
    bent_active: list[Session] | None = None

    async def stats(self, connection: str, status: Status | None = None) -> Stats:
        active = sum(session.status == "active" for session in self.listed)
        events = sum(session.events for session in self.listed)
        return self.bent_stats or Stats(len(self.listed), active, len(self.listed) - active, events)

    async def sessions(self, connection: str, status: Status | None = None) -> list[Session]:
        if status == "active" and self.bent_active is not None:
            return self.bent_active
        return [session for session in self.listed if status in (None, session.status)]

    async def windows(self, session_id: str) -> list[str]:
        return ["w"]

    async def events(self, session_id: str, window: str) -> AsyncIterator[bytes]:
        for event in self.stored:
            yield event


async def check(api: Api, played: Played = PLAYED) -> None:
    await _check(api, {"c": [played]})


async def test_what_came_back_whole_passes() -> None:
    await check(Api())


@pytest.mark.parametrize(
    ("bend", "reason"),
    [
        (lambda e: [e[0], e[1], e[2].replace(b"1.50", b"1.5")], "event 2 is"),
        (lambda e: [e[0], e[1], e[2] + b" "], "event 2 is"),
        (lambda e: [e[1], e[0], e[2]], "event 0 is"),
        (lambda e: e[:2], "2 events came back of 3"),
        (lambda e: [*e, e[2]], "event 3 is"),
        (lambda e: [], "0 events came back of 3"),
    ],
)
async def test_an_event_that_differs_is_missing_doubled_or_out_of_order_fails(bend, reason: str) -> None:
    api = Api()
    api.stored = bend(api.stored)
    with pytest.raises(SmokeFailed, match=reason):
        await check(api)


def bent(**changes: object) -> Session:
    return Session(**{name: getattr(SESSION, name) for name in SESSION.__struct_fields__} | changes)


@pytest.mark.parametrize(
    ("api", "reason"),
    [
        (Api(listed=[]), "no session"),
        (Api(listed=[bent(status="completed")]), "is completed, not active"),
        (Api(listed=[bent(replayable=False)]), "replayable is wrong"),
        (Api(listed=[SESSION, bent(session_id="t", visitor_id="eve")]), "never came"),
        (Api(listed=[SESSION, SESSION]), "listed twice"),
        (Api(bent_active=[]), "not the whole"),
        (Api(bent_stats=Stats(1, 1, 0, 4)), "hold 3 events"),
        (Api(bent_stats=Stats(2, 2, 0, 3)), "the lists hold 1, 1 and 0"),
    ],
)
async def test_a_list_or_a_count_that_is_wrong_fails(api: Api, reason: str) -> None:
    with pytest.raises(SmokeFailed, match=reason):
        await check(api)


async def test_a_visit_that_was_to_be_completed_and_is_active_fails() -> None:
    with pytest.raises(SmokeFailed, match="is active, not completed"):
        await check(Api(), replace(PLAYED, visit=replace(PLAYED.visit, ended_ago_ms=5)))
