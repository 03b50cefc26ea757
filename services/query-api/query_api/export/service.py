"""A window's events from its first to its last, page after page, so that memory is flat."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from query_api.events.forms import Form
from query_api.events.service import Asked, EventService, PageStream, Start, Window
from query_api.problems import Reason, Refusal


class ExportService:
    def __init__(self, events: EventService) -> None:
        self._events = events

    async def window(self, tenant: str, session_id: str, window_id: str | None) -> Window:
        """The window named, whether it plays or not; else the first that plays.

        Raises:
            Refusal: unknown_session, unknown_window, not_playable, and what ClickHouse and Kafka add.
        """
        found = await self._events.window(tenant, session_id, window_id)
        if window_id is not None:
            return found
        session = found.session
        by_start = sorted(zip(session.window_first_at_ms, session.window_ids, strict=True))
        for window in (Window(session, each) for _, each in by_start):
            if window.playable_at is not None:
                return window
        raise Refusal(Reason.NOT_PLAYABLE, "None of its windows can be played; name one to have its events.")

    async def stream(self, asked: Asked, form: Form, page_bytes: int) -> "ExportStream":
        """Ready to be sent. Close what you get.

        Raises:
            Refusal: not_playable; clickhouse_unavailable, query_timeout, while iterating too.
        """
        start = await self._events.start(asked)
        first = await self._events.page(asked, start, page_bytes)
        return ExportStream(self._events, asked, form, page_bytes, first)


class ExportStream:
    def __init__(
        self, events: EventService, asked: Asked, form: Form, page_bytes: int, first: PageStream
    ) -> None:
        self._events = events
        self._asked = asked
        self._form = form
        self._page_bytes = page_bytes
        self._page = first

    async def aclose(self) -> None:
        """End the query, however much was read."""
        await self._page.aclose()

    async def __aiter__(self) -> AsyncGenerator[bytes, None]:
        begin = self._form.begin()
        while True:
            async with aclosing(self._page.written(self._form, begin, self._end)) as pieces:
                async for piece in pieces:
                    yield piece
            await self._page.aclose()
            begin, after = b"", self._page.next_after
            if after is None:
                return
            asked = replace(self._asked, after=after)
            self._page = await self._events.page(asked, Start(after), self._page_bytes)

    def _end(self) -> bytes:
        return self._form.end(None) if self._page.next_after is None else b""
