"""Reads a page's batches while it is still looked up whether the caller may have them.

Nothing of it goes to anybody before that is known. It is taken where exactly this turns out to be asked for,
and ended otherwise: so it decides how soon a page begins, and never what is in it
(docs/adr/0108-a-page-is-read-while-its-session-is-looked-up.md).
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import structlog

from query_api.events.order import Batch, Place
from query_api.events.repository import EventRepository, WindowKey
from query_api.problems import Reason, Refusal

log = structlog.get_logger(__name__)

AT_ONCE = 4
"""Readings ahead of one process: each holds a query open, and what it waits for needs queries of its own."""


@dataclass(frozen=True)
class Start:
    """Where a page begins."""

    after: Place | None
    lead: bytes = b""
    """An event of before that goes first, so that the page plays."""


class Stretch(NamedTuple):
    """Of a window, what comes behind `after` and before `until`."""

    window: WindowKey
    after: Place | None
    until: Place | None


class Opened(NamedTuple):
    """A query for a window's batches; the first of them is there."""

    query: AsyncExitStack
    """Close it: that ends the query, however much was read."""
    first: Batch | None
    batches: AsyncIterator[Batch]


async def opened(repository: EventRepository, stretch: Stretch) -> Opened:
    """
    Raises:
        Refusal: clickhouse_unavailable, query_timeout.
    """
    async with AsyncExitStack() as stack:
        batches = await stack.enter_async_context(repository.batches(*stretch))
        first = await anext(batches, None)
        return Opened(stack.pop_all(), first, batches)


class Room:
    """How many may read ahead at a time. Who finds none goes without; nobody waits."""

    def __init__(self, most: int = AT_ONCE) -> None:
        self.left = most


class Ahead:
    """One call's reading ahead. Leaving the block ends what of it was not taken."""

    def __init__(self, repository: EventRepository, room: Room) -> None:
        self._repository = repository
        self._room = room
        self._holds_room = False
        self._stretch: Stretch | None = None
        self._opening: asyncio.Task[Opened] | None = None
        self._seeking: asyncio.Task[Start] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        begun = [task for task in (self._seeking, self._opening) if task is not None]
        for task in begun:
            task.cancel()
        if begun:
            await asyncio.wait(begun)
        for task in begun:
            if not task.cancelled() and (error := task.exception()) and not isinstance(error, Refusal):
                log.error("reading ahead failed", exc_info=error)
        if self._opening is not None and not self._opening.cancelled() and not self._opening.exception():
            await self._opening.result().query.aclose()
        if self._holds_room:
            self._holds_room = False
            self._room.left += 1

    def read(self, stretch: Stretch) -> None:
        """Begin to read; once."""
        if self._opening is None and self._has_room():
            self._stretch = stretch
            self._opening = asyncio.create_task(opened(self._repository, stretch))

    def seek(self, start: Coroutine[Any, Any, Start]) -> None:
        """Begin to look for where a page begins; once."""
        if self._has_room():
            self._seeking = asyncio.create_task(start)
        else:
            start.close()

    def _has_room(self) -> bool:
        if not self._holds_room and self._room.left:
            self._room.left -= 1
            self._holds_room = True
        return self._holds_room

    async def start(self) -> Start | None:
        """Where a page begins, if it was sought and found.

        Raises:
            Refusal: clickhouse_unavailable, query_timeout.
        """
        if self._seeking is None:
            return None
        try:
            return await self._seeking
        except Refusal as refusal:
            if refusal.reason is Reason.NOT_PLAYABLE:
                return None
            raise

    async def take(self, stretch: Stretch) -> Opened | None:
        """What was read ahead, if it was this; it is then the caller's to close.

        Raises:
            Refusal: clickhouse_unavailable, query_timeout.
        """
        if self._opening is None or self._stretch != stretch:
            return None
        taken = await self._opening
        self._opening = None
        return taken
