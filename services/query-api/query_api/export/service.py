"""A window's events from its first to its last, page after page, so that memory is flat."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

from query_api.events.ahead import Start
from query_api.events.forms import ArrayForm, Form
from query_api.events.service import Asked, EventService, PageStream, Window
from query_api.export.page import Packed, Player, begin_window, end, end_window
from query_api.problems import Reason, Refusal


class ExportService:
    """
    Args:
        html_max_bytes: an HTML page of a session with more bytes of events is refused.
    """

    def __init__(self, events: EventService, html_max_bytes: int) -> None:
        self._events = events
        self._html_max_bytes = html_max_bytes

    async def windows(self, tenant: str, session_id: str, window_id: str | None) -> list[Window]:
        """For a page: the window named, else all, the first opened first.

        Raises:
            Refusal: unknown_session, unknown_window, not_playable, export_too_large, and what ClickHouse and
                Kafka add.
        """
        found = await self._events.window(tenant, session_id, window_id)
        session = found.session
        if session.raw_bytes > self._html_max_bytes:
            raise Refusal(
                Reason.EXPORT_TOO_LARGE,
                f"Its events are {session.raw_bytes} bytes; a page holds {self._html_max_bytes} at most. "
                "Ask for NDJSON or JSON.",
            )
        by_start = sorted(zip(session.window_first_at_ms, session.window_ids, strict=True))
        windows = [found] if window_id is not None else [Window(session, each) for _, each in by_start]
        if all(window.playable_at is None for window in windows):
            raise Refusal(
                Reason.NOT_PLAYABLE, "None of its windows can be played. JSON and NDJSON have the events."
            )
        return windows

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

    async def page(
        self, windows: Sequence[Asked], player: Player, opening: bytes, page_bytes: int
    ) -> "HtmlStream":
        """As `stream`, of an HTML page that begins with `opening` and holds these windows.

        A window that `at` asks to play and that cannot is left out.
        """
        some = [each for each in windows if each.bounds.at is None or each.window.playable_at is not None]
        first = await self.stream(some[0], ArrayForm(), page_bytes)
        return HtmlStream(self, some, player, opening, page_bytes, first)


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


class HtmlStream:
    """One window after the other, each a block of packed events."""

    def __init__(
        self,
        export: ExportService,
        windows: Sequence[Asked],
        player: Player,
        opening: bytes,
        page_bytes: int,
        first: ExportStream,
    ) -> None:
        self._export = export
        self._windows = windows
        self._player = player
        self._opening = opening
        self._page_bytes = page_bytes
        self._window = first

    async def aclose(self) -> None:
        """End the query, however much was read."""
        await self._window.aclose()

    async def __aiter__(self) -> AsyncGenerator[bytes, None]:
        yield self._opening
        for number, asked in enumerate(self._windows):
            if number:
                self._window = await self._export.stream(asked, ArrayForm(), self._page_bytes)
            yield begin_window(asked.window.window_id)
            packed = Packed()
            async with aclosing(aiter(self._window)) as pieces:
                async for piece in pieces:
                    if lines := packed.add(piece):
                        yield lines
            await self._window.aclose()
            yield packed.end() + end_window()
        yield end(self._player)
