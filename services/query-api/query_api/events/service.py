"""A window's ordered events, a page at a time, streamed while they are read."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Annotated

import msgspec
from msgspec import Meta

from query_api import metrics
from query_api.cursor import seal, unseal
from query_api.events.order import Batch, Page, Place
from query_api.events.repository import EventRepository
from query_api.problems import Reason, Refusal
from query_api.sessions.repository import SessionWithWindowsRow
from query_api.sessions.service import SessionService
from schemas.rrweb_event import LATEST_AT

PIECE_BYTES = 64 * 1024
"""Small batches are sent together, up to about so much at a time."""

Int64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]


class Position(msgspec.Struct, array_like=True, frozen=True):
    """The last event of a page: `Place`, within what ClickHouse takes."""

    at: Annotated[int, Meta(ge=-LATEST_AT, le=LATEST_AT)]
    seq: Int64
    partition: Int64
    offset: Int64
    idx: Int64


@dataclass(frozen=True)
class Window:
    """A window of a session that the caller may see."""

    session: SessionWithWindowsRow
    window_id: str


class EventService:
    def __init__(self, sessions: SessionService, repository: EventRepository) -> None:
        self._sessions = sessions
        self._repository = repository

    async def window(self, tenant: str, session_id: str, window_id: str | None) -> Window:
        """The window named, else the session's first.

        Raises:
            Refusal: unknown_session, unknown_window, and what ClickHouse and Kafka add.
        """
        session = await self._sessions.one(tenant, session_id)
        by_start = sorted(zip(session.window_first_at_ms, session.window_ids, strict=True))
        if window_id is None and by_start:
            return Window(session, by_start[0][1])
        if window_id is None or window_id not in session.window_ids:
            raise Refusal(Reason.UNKNOWN_WINDOW)
        return Window(session, window_id)

    def place(self, window: Window, cursor: str | None) -> Place | None:
        """Where a cursor says to go on.

        Raises:
            Refusal: bad_parameter.
        """
        if cursor is None:
            return None
        position = unseal(cursor, Position, *_scope(window))
        return Place(position.at, position.seq, position.partition, position.offset, position.idx)

    async def page(self, window: Window, after: Place | None, limit_bytes: int) -> "PageStream":
        """A page that is ready to be sent: the store has answered, so a store that is down is a refusal and
        not half a page. Close what you get.

        Raises:
            Refusal: clickhouse_unavailable, query_timeout; while iterating too.
        """
        async with AsyncExitStack() as stack:
            batches = await stack.enter_async_context(
                self._repository.batches(
                    connection_id=window.session.connection_id,
                    session_id=window.session.session_id,
                    window_id=window.window_id,
                    after=after,
                )
            )
            first = await anext(batches, None)
            return PageStream(stack.pop_all(), window, Page(after, limit_bytes), first, batches)


class PageStream:
    """The JSON of a page, `{"events": [...], "next_cursor": ...}`, in pieces of about PIECE_BYTES."""

    def __init__(
        self,
        query: AsyncExitStack,
        window: Window,
        page: Page,
        first: Batch | None,
        batches: AsyncIterator[Batch],
    ) -> None:
        self._query = query
        self._window = window
        self._page = page
        self._first = first
        self._batches = batches

    async def aclose(self) -> None:
        """End the query, however much was read."""
        await self._query.aclose()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        page, batch = self._page, self._first
        held, held_bytes, separator = [b'{"events":['], 0, b""
        while batch is not None and not page.full:
            for event_text in page.add(batch):
                held += (separator, event_text)
                held_bytes += len(event_text)
                separator = b","
            if held_bytes >= PIECE_BYTES:
                yield b"".join(held)
                held, held_bytes = [], 0
            batch = None if page.full else await anext(self._batches, None)
        for event_text in page.close():
            held += (separator, event_text)
            separator = b","
        metrics.EVENT_BYTES.labels("as_stored").inc(page.bytes - page.merged_bytes)
        metrics.EVENT_BYTES.labels("merged").inc(page.merged_bytes)
        yield b"".join([*held, b'],"next_cursor":', self._next_cursor(), b"}"])

    def _next_cursor(self) -> bytes:
        if not self._page.full or self._page.last is None:
            return b"null"
        return f'"{seal(Position(*self._page.last), *_scope(self._window))}"'.encode()


def _scope(window: Window) -> tuple[str, ...]:
    return "events", window.session.session_id, window.window_id
