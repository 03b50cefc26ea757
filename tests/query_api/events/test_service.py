"""What a caller gets who follows the cursors, in both forms, against a plain sort of all events."""

import json
from dataclasses import dataclass
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_api.events.bounds import EVERYTHING, Bounds
from query_api.events.order import Batch, Place, cut
from query_api.events.service import Asked, EventService, Window
from query_api.problems import Reason, Refusal
from tests.query_api.events.memory_store import MemoryStore
from tests.query_api.kinds import FULL_SNAPSHOT, INCREMENTAL, META
from tests.query_api.seeds import batch, event

BIG = 1_000_000


@dataclass
class Session:
    """The part of a session's row that is looked at."""

    window_playable_at_ms: list[int | None]
    window_ids: tuple[str, ...] = ("w",)
    window_first_at_ms: tuple[int, ...] = (0,)
    connection_id: str = "shop"
    session_id: str = "019abf3c-5d80-7c3e-9f21-6b8d0e4a7c55"


Placed = list[tuple[Place, bytes]]


def in_order(batches: list[Batch]) -> Placed:
    return sorted(pair for each in batches for pair in cut(each))


def kind(event_text: bytes) -> int:
    return cast(int, json.loads(event_text)["type"])


def playable_at(batches: list[Batch]) -> int | None:
    """Rule 10: the earliest full snapshot at or after the earliest Meta."""
    everything = in_order(batches)
    meta_at = min((place.at for place, text in everything if kind(text) == META), default=None)
    if meta_at is None:
        return None
    found = (place.at for place, text in everything if kind(text) == FULL_SNAPSHOT and place.at >= meta_at)
    return min(found, default=None)


def expected(batches: list[Batch], bounds: Bounds) -> list[bytes]:
    everything = in_order(batches)
    to_at = 2**62 if bounds.to_at is None else bounds.to_at
    if bounds.at is None:
        from_at = bounds.from_at or 0
        return [text for place, text in everything if from_at <= place.at < to_at]
    first = playable_at(batches)
    assert first is not None
    begins = [
        number
        for number, (place, text) in enumerate(everything)
        if kind(text) == FULL_SNAPSHOT and first <= place.at <= max(first, bounds.at)
    ]
    if everything[begins[-1]][0].at >= to_at:
        return []
    metas = [text for _, text in everything[: begins[-1]] if kind(text) == META]
    return metas[-1:] + [text for place, text in everything[begins[-1] :] if place.at < to_at]


class Whereabouts:
    """In the place of `SessionService`: each session may be in one connection."""

    def connection_of(self, tenant: str, session_id: str) -> str:
        return Session.connection_id


def service_of(batches: list[Batch]) -> tuple[EventService, Window]:
    window = Window(cast(Any, Session([playable_at(batches)])), "w")
    return EventService(cast(Any, Whereabouts()), cast(Any, MemoryStore(*batches))), window


async def pages(batches: list[Batch], bounds: Bounds, limit_bytes: int) -> list[list[bytes]]:
    service, window = service_of(batches)
    found, cursor = [], None
    while True:
        async with service.ahead("demo", Session.session_id, "w", bounds, cursor) as ahead:
            asked = service.asked(window, bounds, cursor)
            page = await service.page(asked, await service.start(asked, ahead), limit_bytes, ahead)
        text = b"".join([piece async for piece in page])
        await page.aclose()
        cursor = json.loads(text)["next_cursor"]
        tail = f'],"next_cursor":{json.dumps(cursor)}}}'.encode()
        events = text.removeprefix(b'{"events":[').removesuffix(tail)
        found.append([raw for _, raw in cut(Batch(0, 0, 0, 0, 0, 0, False, events))])
        if cursor is None:
            return found


async def pages_of_lines(batches: list[Batch], bounds: Bounds, limit_bytes: int) -> list[list[bytes]]:
    service, window = service_of(batches)
    found, cursor = [], None
    while True:
        asked = service.asked(window, bounds, cursor)
        start = await service.start(asked)
        plan = await service.plan(asked, start, limit_bytes)
        lines = await service.lines(asked, start, plan)
        text = b"".join([piece async for piece in lines])
        await lines.aclose()
        found.append(text.splitlines())
        if (cursor := plan.next_cursor) is None:
            return found


@st.composite
def windows(draw: st.DrawFn) -> list[Batch]:
    """Batches of one window, with few times, so that they overlap and tie."""
    numbered = draw(st.booleans())
    batches = []
    for number in range(draw(st.integers(1, 6))):
        events = [
            event(
                draw(st.integers(0, 12)),
                f"{number}.{n}",
                draw(st.sampled_from([META, FULL_SNAPSHOT, INCREMENTAL, INCREMENTAL])),
            )
            for n in range(draw(st.integers(1, 5)))
        ]
        if draw(st.booleans()):
            events.sort(key=lambda each: json.loads(each)["timestamp"])
        batches.append(batch(*events, seq=number if numbered else -1, offset=number))
    return batches


times = st.none() | st.integers(0, 13)
bounds_that_go_together = st.builds(
    lambda at, from_at, span: Bounds(
        at,
        from_at if at is None else None,
        None if span is None else (at or 0 if at is not None else from_at or 0) + span,
    ),
    times,
    times,
    times,
)
limits = st.sampled_from([1, 100, 250, 600, BIG])


@given(windows(), bounds_that_go_together, limits)
async def test_pages_are_the_plain_sort_of_all_events(
    batches: list[Batch], bounds: Bounds, limit_bytes: int
) -> None:
    if bounds.at is not None and playable_at(batches) is None:
        return

    found = await pages(batches, bounds, limit_bytes)

    assert [text for page in found for text in page] == expected(batches, bounds)
    assert all(found) or found == [[]]
    if limit_bytes == BIG:
        assert len(found) == 1


@given(windows(), bounds_that_go_together, limits)
async def test_pages_of_lines_are_the_same_events(
    batches: list[Batch], bounds: Bounds, limit_bytes: int
) -> None:
    if bounds.at is not None and playable_at(batches) is None:
        return

    found = await pages_of_lines(batches, bounds, limit_bytes)

    assert [text for page in found for text in page] == expected(batches, bounds)
    if limit_bytes == BIG:
        assert len(found) == 1


@pytest.mark.parametrize("limit_bytes", [1, 200, 5_000])
async def test_the_head_of_a_page_of_lines_needs_no_text(limit_bytes: int) -> None:
    batches = [batch(event(at, "x" * 50), event(at + 1), seq=at) for at in range(0, 40, 2)]
    store = MemoryStore(*batches)
    service = EventService(cast(Any, None), cast(Any, store))
    asked = Asked(Window(cast(Any, Session([None])), "w"), EVERYTHING, None)

    await service.plan(asked, await service.start(asked), limit_bytes)

    assert store.payloads_given == 0


async def test_where_many_batches_reach_over_each_other_a_page_of_lines_is_still_no_larger() -> None:
    """Each begins at once and ends late: which events of which a page holds only reading tells."""
    batches = [batch(event(0, f"{n}"), event(100 + n, "x" * 300), seq=n) for n in range(40)]

    found = await pages_of_lines(batches, EVERYTHING, 1_000)

    assert [text for page in found for text in page] == expected(batches, EVERYTHING)
    # The batches of a page may begin before it; beyond a page of these its size is that of its events.
    assert max(sum(map(len, page)) for page in found) <= 2_000


async def test_a_seek_begins_with_the_meta_event_that_was_cut_from_its_snapshot() -> None:
    meta, snapshot = event(10, "meta", META), event(12, "snapshot", FULL_SNAPSHOT)
    batches = [
        batch(event(0, "old", META), event(1, "old", FULL_SNAPSHOT), seq=0),
        batch(event(9), meta, seq=1),
        batch(snapshot, event(13), seq=2),
    ]

    (page,) = await pages(batches, Bounds(at=12), BIG)

    assert page == [meta, snapshot, event(13)]


async def test_a_seek_takes_the_latest_meta_event_also_of_a_batch_that_reaches_over() -> None:
    late_meta = event(10, "late", META)
    batches = [
        batch(event(0, "early", META), event(1, "first", FULL_SNAPSHOT), late_meta, event(30), seq=0),
        batch(event(5, "own", META), event(12, "snapshot", FULL_SNAPSHOT), seq=1),
    ]

    (page,) = await pages(batches, Bounds(at=20), BIG)

    assert page == [late_meta, event(12, "snapshot", FULL_SNAPSHOT), event(30)]


async def test_a_seek_into_a_window_that_cannot_be_played_says_so() -> None:
    with pytest.raises(Refusal) as refused:
        await pages([batch(event(0), seq=0)], Bounds(at=0), BIG)

    assert refused.value.reason is Reason.NOT_PLAYABLE


@pytest.mark.parametrize(
    "other", [EVERYTHING, Bounds(at=1), Bounds(from_at=0, to_at=9), Bounds(from_at=0, to_at=8)]
)
async def test_a_cursor_goes_with_the_bounds_it_was_given_for(other: Bounds) -> None:
    service, window = service_of([batch(event(at), seq=at) for at in range(3)])
    asked = service.asked(window, Bounds(from_at=0))
    plan = await service.plan(asked, await service.start(asked), 1)

    assert service.asked(window, Bounds(from_at=0), plan.next_cursor).after is not None
    with pytest.raises(Refusal) as refused:
        service.asked(window, other, plan.next_cursor)
    assert refused.value.reason is Reason.BAD_PARAMETER
