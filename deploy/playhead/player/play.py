"""Plays recordings as visitors: each recording is one window of one visitor, moved to a time near now."""

import asyncio
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import httpx

from playhead.player.batches import Cut, body, cut
from playhead.player.recording import Recording
from playhead.player.send import Window, send

_AT_ONCE = 4
"""Visitors that send at the same time."""


@dataclass(frozen=True)
class Visit:
    """What one visitor is to do.

    Attributes:
        key: write key of the connection.
        ended_ago_ms: how long ago, on the visitor's clock, the recording's last event was.
        user_agent: what the visitor's browser calls itself.
    """

    recording: Recording
    key: str
    ended_ago_ms: int = 0
    user_agent: str = "playhead-player"


@dataclass(frozen=True)
class Played:
    """What one visitor did.

    Attributes:
        shift_ms: every event's timestamp is the recording's plus this.
        accepted: events that the collector acknowledged.
    """

    visit: Visit
    sender: Window
    shift_ms: int
    accepted: int
    batches: int


def now_ms() -> int:
    return time.time_ns() // 1_000_000


async def play(
    collector: str,
    visits: Sequence[Visit],
    *,
    limits: Cut | None = None,
    timeout_s: float = 60.0,
    done: Callable[[Played], None] = lambda _: None,
) -> list[Played]:
    """Send all visits, a few at a time; in the order of `visits`.

    The visitor's clock is right, so `sent_at` is the time of sending, whatever the age of the events: a
    visitor who was offline sends old events late.

    Raises:
        Refused, Unavailable, httpx.TransportError: of the first visit that failed.
    """
    turn = asyncio.Semaphore(_AT_ONCE)
    async with httpx.AsyncClient(base_url=collector, timeout=30, trust_env=False) as client:

        async def one(visit: Visit) -> Played:
            async with turn:
                played = await _play_one(client, visit, limits or Cut(), timeout_s)
            done(played)
            return played

        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(one(visit)) for visit in visits]
        except ExceptionGroup as several:
            raise several.exceptions[0] from None
    return [task.result() for task in tasks]


async def _play_one(client: httpx.AsyncClient, visit: Visit, limits: Cut, timeout_s: float) -> Played:
    sender = Window(visit.key, f"v-{secrets.token_hex(8)}", f"w-{secrets.token_hex(8)}", visit.user_agent)
    shift_ms = now_ms() - visit.ended_ago_ms - visit.recording.last_at
    accepted = 0
    seq = -1
    for seq, events in enumerate(cut(visit.recording.events, limits)):
        accepted += await send(
            client,
            sender,
            seq=seq,
            body=body(events, shift_ms),
            sent_at=now_ms(),
            timeout_s=timeout_s,
        )
    return Played(visit, sender, shift_ms, accepted, seq + 1)
