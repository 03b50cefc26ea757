"""Waits until what was played can be asked back, and says what is missing if it cannot."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from playhead.player.play import Played
from playhead.query_client import QueryClient, QueryFailed, Stats


class NotLanded(Exception):  # noqa: N818
    """The time ran out; the message says what the query API answered and what was expected."""


@dataclass(frozen=True)
class Expected:
    """Of one connection: at least what was played just now.

    Attributes:
        before: its stats before the playing.
        events: that were accepted.
        completed: visits that ended longer ago than the gap.
    """

    before: Stats
    events: int
    visits: int
    completed: int

    def reached(self, now: Stats) -> bool:
        return (
            now.events - self.before.events >= self.events
            and now.total - self.before.total >= self.visits
            and now.completed - self.before.completed >= self.completed
        )


def expected(before: Stats, played: list[Played]) -> Expected:
    return Expected(
        before,
        sum(one.accepted for one in played),
        len(played),
        sum(one.visit.ended_ago_ms > 0 for one in played),
    )


async def until_landed(client: QueryClient, wanted: Mapping[str, Expected], timeout_ms: int) -> None:
    """Raises:
    NotLanded: not in time.
    """
    deadline = time.monotonic() + timeout_ms / 1000
    while True:
        try:
            now = {connection: await client.stats(connection) for connection in wanted}
        except (QueryFailed, httpx.TransportError) as error:
            missing = [str(error)]
        else:
            missing = [f"{c}: {now[c]}, wanted {w}" for c, w in wanted.items() if not w.reached(now[c])]
        if not missing:
            return
        if time.monotonic() >= deadline:
            raise NotLanded(f"not all there after {timeout_ms / 1000:g} s: {'; '.join(missing)}")
        await asyncio.sleep(0.1)
