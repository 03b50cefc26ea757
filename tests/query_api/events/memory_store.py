"""A window's batches in memory, with what `EventRepository` promises of them and no more."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from query_api.events.order import Batch, Place
from query_api.events.outline import Outline
from query_api.events.repository import WindowKey
from query_api.problems import Reason, Refusal
from tests.query_api.kinds import snapshots_at


class MemoryStore:
    """Gives batches, and fails where it is told to; knows how many of its queries are open."""

    def __init__(
        self, *batches: Batch, fails_after: int | None = None, opens: asyncio.Event | None = None
    ) -> None:
        self._batches = sorted(batches, key=lambda each: each.begin)
        self._fails_after = fails_after
        self._opens = opens
        self.open_queries = 0
        self.queries_of_batches = 0
        self.payloads_given = 0

    @asynccontextmanager
    async def batches(
        self, window: WindowKey, after: Place | None, before: Place | None = None
    ) -> AsyncIterator[AsyncIterator[Batch]]:
        self.open_queries += 1
        self.queries_of_batches += 1
        try:
            if self._opens is not None:
                await self._opens.wait()
            yield self._given(self._between(after, before))
        finally:
            self.open_queries -= 1

    @asynccontextmanager
    async def with_meta(
        self, window: WindowKey, after: Place | None, before: Place
    ) -> AsyncIterator[AsyncIterator[Batch]]:
        found = [each for each in self._between(after, before) if b'"type": 4' in each.payload]
        yield self._given(list(reversed(found)))

    @asynccontextmanager
    async def outlines(
        self, window: WindowKey, after: Place | None, before: Place | None
    ) -> AsyncIterator[AsyncIterator[Outline]]:
        async def found() -> AsyncIterator[Outline]:
            for each in self._between(after, before):
                yield Outline(each.begin, each.end, len(each.payload) + 2)

        yield found()

    async def with_snapshot(self, window: WindowKey, not_before_at: int, not_after_at: int) -> Batch | None:
        found = [
            (at, each.seq, each.partition, each.offset, each)
            for each in self._batches
            for at in snapshots_at(each)
            if not_before_at <= at <= not_after_at
        ]
        return max(found)[-1] if found else None

    def _between(self, after: Place | None, before: Place | None) -> list[Batch]:
        return [
            each
            for each in self._batches
            if (after is None or each.end > after) and (before is None or each.begin < before)
        ]

    async def _given(self, batches: list[Batch]) -> AsyncIterator[Batch]:
        for each in batches:
            if self.payloads_given == self._fails_after:
                raise Refusal(Reason.CLICKHOUSE_UNAVAILABLE)
            self.payloads_given += 1
            yield each
