"""`playhead smoke`: does this installation work? Recordings in, everything asked back and compared."""

import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import msgspec

from playhead.demo_playing import LANDS_WITHIN_MS, play_in
from playhead.landed import until_landed
from playhead.player.play import Played
from playhead.player.recording import Recording, read_folder
from playhead.query_client import QueryClient, Session
from playhead.settings import FREE_PORTS, StackSettings
from playhead.stack.stack import Stack

_META = 4
_FULL_SNAPSHOT = 2


class _Kind(msgspec.Struct):
    type: int


class SmokeFailed(Exception):  # noqa: N818
    """Something that was asked back is not what was sent; the message says what."""


@dataclass(frozen=True)
class Figures:
    sessions: int
    active: int
    completed: int
    events: int
    raw_bytes: int
    start_s: float
    play_s: float
    land_s: float
    check_s: float
    total_s: float

    def __str__(self) -> str:
        return (
            f"smoke: {self.sessions} sessions ({self.active} active, {self.completed} completed), "
            f"{self.events:,} events, {self.raw_bytes / 1e6:.1f} MB came back byte-equal and in order; "
            f"start {self.start_s:.1f} s, play {self.play_s:.1f} s, land {self.land_s:.1f} s, "
            f"check {self.check_s:.1f} s, in all {self.total_s:.1f} s"
        )


async def smoke(settings: StackSettings, recordings: Path) -> Figures:
    """Run once with temporary data on free ports.

    Raises:
        SmokeFailed: what came back differs.
        Whatever `Stack.start`, the player and `until_landed` raise.
    """
    began = time.monotonic()
    read = read_folder(recordings)
    with tempfile.TemporaryDirectory(prefix="playhead-smoke-") as folder:
        own = settings.model_copy(update={**FREE_PORTS, "data_path": Path(folder)})
        async with Stack(own, say=lambda line: print(f"  {line}", flush=True)) as stack:
            started = time.monotonic()
            checked = await _through(stack, read)
    sessions = checked.sessions
    return Figures(
        sessions=len(sessions),
        active=sum(session.status == "active" for session in sessions),
        completed=sum(session.status == "completed" for session in sessions),
        events=sum(len(recording.events) for recording in read),
        raw_bytes=sum(recording.raw_bytes for recording in read),
        start_s=started - began,
        play_s=checked.play_s,
        land_s=checked.land_s,
        check_s=checked.check_s,
        total_s=time.monotonic() - began,
    )


@dataclass(frozen=True)
class _Checked:
    sessions: Sequence[Session]
    play_s: float
    land_s: float
    check_s: float


async def _through(stack: Stack, recordings: Sequence[Recording]) -> _Checked:
    clock = [time.monotonic()]
    async with QueryClient(stack.addresses.query_api, stack.secrets.dashboard_token) as client:
        into = await play_in(stack, client, recordings)
        clock.append(time.monotonic())
        await until_landed(client, into.wanted, LANDS_WITHIN_MS)
        clock.append(time.monotonic())
        sessions = await _check(client, into.played)
    clock.append(time.monotonic())
    play_s, land_s, check_s = (later - earlier for earlier, later in pairwise(clock))
    return _Checked(sessions, play_s, land_s, check_s)


async def _check(client: QueryClient, played: Mapping[str, Sequence[Played]]) -> list[Session]:
    """Ask everything back. The data is fresh, so what is there is exactly what was played."""
    everything = []
    for connection, visits in played.items():
        sessions = await client.sessions(connection)
        await _check_lists(client, connection, sessions)
        for visit in visits:
            await _check_visit(client, visit, [s for s in sessions if s.visitor_id == visit.sender.visitor])
        strangers = {s.visitor_id for s in sessions} - {visit.sender.visitor for visit in visits}
        _demand(not strangers, f"{connection} holds sessions of visitors that never came: {strangers}")
        everything += sessions
    return everything


async def _check_lists(client: QueryClient, connection: str, sessions: Sequence[Session]) -> None:
    stats = await client.stats(connection)
    ids = {session.session_id for session in sessions}
    active = {session.session_id for session in await client.sessions(connection, "active")}
    completed = {session.session_id for session in await client.sessions(connection, "completed")}
    _demand(len(ids) == len(sessions), f"{connection}: a session is listed twice")
    _demand(
        active | completed == ids and not active & completed, f"{connection}: the two lists are not the whole"
    )
    _demand(
        (stats.total, stats.active, stats.completed) == (len(ids), len(active), len(completed)),
        f"{connection}: {stats}, but the lists hold {len(ids)}, {len(active)} and {len(completed)}",
    )
    events = sum(session.events for session in sessions)
    _demand(stats.events == events, f"{connection}: {stats}, but its sessions hold {events} events")


async def _check_visit(client: QueryClient, played: Played, sessions: Sequence[Session]) -> None:
    name = played.visit.recording.name
    # A recording with a pause longer than the gap is several sessions.
    in_order = sorted(sessions, key=lambda session: session.first_event_at)
    _demand(bool(in_order), f"{name}: no session")
    status = "completed" if played.visit.ended_ago_ms else "active"
    last = in_order[-1]
    _demand(last.status == status, f"{name}: session {last.session_id} is {last.status}, not {status}")
    # The order of replay: by timestamp, then as they were sent.
    wanted = sorted(played.visit.recording.events, key=lambda event: event.at)
    _demand(in_order[0].replayable == _playable(played.visit.recording), f"{name}: replayable is wrong")
    position = 0
    for session in in_order:
        for window in await client.windows(session.session_id):
            async for event in client.events(session.session_id, window):
                sent = wanted[position].shifted(played.shift_ms) if position < len(wanted) else b"nothing"
                _demand(
                    event == sent, f"{name}: event {position} is {event[:200]!r}, sent was {sent[:200]!r}"
                )
                position += 1
    _demand(position == len(wanted), f"{name}: {position} events came back of {len(wanted)}")


def _playable(recording: Recording) -> bool:
    """Rule 10 of design.md: a Meta followed by a FullSnapshot."""
    kinds = [msgspec.json.decode(event.text, type=_Kind).type for event in recording.events]
    return _META in kinds and _FULL_SNAPSHOT in kinds[kinds.index(_META) :]


def _demand(holds: bool, otherwise: str) -> None:
    if not holds:
        raise SmokeFailed(otherwise)
