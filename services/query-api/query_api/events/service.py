"""A window's ordered events, a page at a time, streamed while they are read."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from query_api import metrics
from query_api.cursor import seal, unseal
from query_api.events.ahead import Ahead, Opened, Room, Start, Stretch, opened
from query_api.events.bounds import EVERYTHING, Bounds
from query_api.events.forms import Form, LinesForm, PageForm
from query_api.events.order import Page, Place
from query_api.events.outline import Planning, just_before
from query_api.events.repository import EventRepository, WindowKey
from query_api.events.snapshots import Found, last_full_snapshot, last_meta
from query_api.problems import Reason, Refusal
from query_api.sessions.repository import RecordedSessionRow
from query_api.sessions.service import SessionService
from schemas.rrweb_event import LATEST_AT

PIECE_BYTES = 64 * 1024
"""Small batches are sent together, up to about so much at a time."""

UNLIMITED_BYTES = 2**62
LONG_AGO_AT = -LATEST_AT
"""ms; no event is older."""

Int64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]


class Position(msgspec.Struct, array_like=True, frozen=True):
    """Where a page ended: `Place`, within what ClickHouse takes."""

    at: Annotated[int, Meta(ge=-LATEST_AT, le=LATEST_AT)]
    seq: Int64
    partition: Int64
    offset: Int64
    idx: Int64


@dataclass(frozen=True)
class Window:
    """A window of a session that the caller may see."""

    session: RecordedSessionRow
    window_id: str

    @property
    def key(self) -> WindowKey:
        return WindowKey(self.session.connection_id, self.session.session_id, self.window_id)

    @property
    def playable_at(self) -> int | None:
        """ms, the visitor's clock"""
        return self.session.window_playable_at_ms[self.session.window_ids.index(self.window_id)]


@dataclass(frozen=True)
class Asked:
    """A part of a window, and how far of it the caller is already."""

    window: Window
    bounds: Bounds
    after: Place | None
    """Where the cursor says to go on; None without one."""


@dataclass(frozen=True)
class Plan:
    """A page of lines before it is read."""

    until: Place | None
    """It ends before this; None where it ends with the window."""
    next_cursor: str | None
    held: "list[bytes] | None" = None
    """What it holds, where it had to be read to know."""


class EventService:
    def __init__(self, sessions: SessionService, repository: EventRepository) -> None:
        self._sessions = sessions
        self._repository = repository
        self._room = Room()

    def ahead(
        self, tenant: str, session_id: str, window_id: str | None, bounds: Bounds, cursor: str | None
    ) -> Ahead:
        """Begin to read what a page of such a call would hold, where it is known where that lies; while the
        caller looks up whether there is such a session (`window`)."""
        ahead = Ahead(self._repository, self._room)
        connection_id = self._sessions.connection_of(tenant, session_id)
        if connection_id is None or window_id is None:
            return ahead
        window = WindowKey(connection_id, str(UUID(session_id)), window_id)
        try:
            bounds.check()
            after = _after(window, bounds, cursor)
        except Refusal:
            # It is refused by `asked`, once the session is known.
            return ahead
        if after is not None or bounds.at is None:
            ahead.read(Stretch(window, after or bounds.after, bounds.until))
        else:
            ahead.seek(self._snapshot(window, LONG_AGO_AT, bounds.at, bounds.until, ahead))
        return ahead

    async def window(self, tenant: str, session_id: str, window_id: str | None) -> Window:
        """The window named, else the session's first.

        Raises:
            Refusal: unknown_session, unknown_window, and what ClickHouse and Kafka add.
        """
        session = await self._sessions.recorded(tenant, session_id)
        by_start = sorted(zip(session.window_first_at_ms, session.window_ids, strict=True))
        if window_id is None and by_start:
            return Window(session, by_start[0][1])
        if window_id is None or window_id not in session.window_ids:
            raise Refusal(Reason.UNKNOWN_WINDOW)
        return Window(session, window_id)

    def asked(self, window: Window, bounds: Bounds = EVERYTHING, cursor: str | None = None) -> Asked:
        """
        Raises:
            Refusal: bad_parameter.
        """
        bounds.check()
        return Asked(window, bounds, _after(window.key, bounds, cursor))

    async def start(self, asked: Asked, ahead: Ahead | None = None) -> Start:
        """
        Args:
            ahead: what was begun for this call.

        Raises:
            Refusal: not_playable, where `at` asks for what plays; clickhouse_unavailable, query_timeout.
        """
        if asked.after is not None or asked.bounds.at is None:
            return Start(asked.after or asked.bounds.after)
        playable_at, until = asked.window.playable_at, asked.bounds.until
        if playable_at is None:
            raise Refusal(Reason.NOT_PLAYABLE)
        sought = await ahead.start() if ahead is not None else None
        # It was sought without knowing since when the window plays.
        if sought is None or sought.after is None or not playable_at <= sought.after.at <= asked.bounds.at:
            not_after_at = max(playable_at, asked.bounds.at)
            sought = await self._snapshot(asked.window.key, playable_at, not_after_at, until, ahead)
        begins_in_time = sought.after is not None and (until is None or sought.after < until)
        return sought if begins_in_time else Start(sought.after)

    async def _snapshot(
        self,
        window: WindowKey,
        not_before_at: int,
        not_after_at: int,
        until: Place | None,
        ahead: Ahead | None,
    ) -> Start:
        batch = await self._repository.with_snapshot(window, not_before_at, not_after_at)
        snapshot = None if batch is None else last_full_snapshot(batch, not_after_at)
        if batch is None or snapshot is None:
            raise Refusal(Reason.NOT_PLAYABLE, "Its full snapshot has not arrived in the store yet.")
        after = just_before(snapshot.place)
        if ahead is not None:
            ahead.read(Stretch(window, after, until))
        # rrweb writes the two one after the other; but a batch may end between them, and batches overlap.
        meta = last_meta(batch, None, snapshot.place)
        if meta is None:
            meta = await self._meta_before(window, snapshot.place)
        if meta is not None:
            meta = await self._latest_meta(window, meta, snapshot.place)
        return Start(after, b"" if meta is None else meta.event)

    async def _meta_before(self, window: WindowKey, before: Place) -> Found | None:
        async with self._repository.with_meta(window, None, before) as batches:
            async for batch in batches:
                if (meta := last_meta(batch, None, before)) is not None:
                    return meta
        return None

    async def _latest_meta(self, window: WindowKey, meta: Found, before: Place) -> Found:
        """The last one of all the batches that reach into what lies between."""
        async with self._repository.with_meta(window, meta.place, before) as batches:
            async for batch in batches:
                meta = last_meta(batch, meta.place, before) or meta
        return meta

    async def page(
        self, asked: Asked, start: Start, limit_bytes: int, ahead: Ahead | None = None
    ) -> "PageStream":
        """A page that is ready to be sent: the store has answered, so a store that is down is a refusal and
        not half a page. Close what you get.

        Args:
            ahead: what was begun for this call.

        Raises:
            Refusal: clickhouse_unavailable, query_timeout; while iterating too.
        """
        return await self._stream(asked, start, limit_bytes, asked.bounds.until, PageForm(), ahead)

    async def plan(self, asked: Asked, start: Start, limit_bytes: int) -> Plan:
        """Where a page of lines ends, which its head says.

        Raises:
            Refusal: clickhouse_unavailable, query_timeout.
        """
        until = asked.bounds.until
        planning = Planning(start.after, limit_bytes)
        async with self._repository.outlines(asked.window.key, start.after, until) as outlines:
            async for outline in outlines:
                planning.add(outline)
                if planning.done:
                    break
        if not planning.bounded:
            return await self._read(asked, start, limit_bytes)
        if planning.until is None:
            return Plan(until, None)
        return Plan(planning.until, _cursor(asked, just_before(planning.until)))

    async def _read(self, asked: Asked, start: Start, limit_bytes: int) -> Plan:
        """Where so many batches overlap that only their events tell where a page ends."""
        stream = await self._stream(asked, start, limit_bytes, asked.bounds.until, LinesForm())
        try:
            held = [piece async for piece in stream]
        finally:
            await stream.aclose()
        return Plan(None, stream.next_cursor, held)

    async def lines(self, asked: Asked, start: Start, plan: Plan) -> "PageStream | HeldStream":
        """The planned page, an event a line. Close what you get.

        Raises:
            Refusal: clickhouse_unavailable, query_timeout; while iterating too.
        """
        if plan.held is not None:
            return HeldStream(plan.held)
        return await self._stream(asked, start, UNLIMITED_BYTES, plan.until, LinesForm())

    async def _stream(
        self,
        asked: Asked,
        start: Start,
        limit_bytes: int,
        until: Place | None,
        form: Form,
        ahead: Ahead | None = None,
    ) -> "PageStream":
        stretch = Stretch(asked.window.key, start.after, until)
        query = await ahead.take(stretch) if ahead is not None else None
        if query is None:
            query = await opened(self._repository, stretch)
        return PageStream(query, asked, Page(start.after, limit_bytes, until), form, start.lead)


class PageStream:
    """A page as its form has it, in pieces of about PIECE_BYTES."""

    def __init__(self, query: Opened, asked: Asked, page: Page, form: Form, lead: bytes) -> None:
        self._query = query.query
        self._first = query.first
        self._batches = query.batches
        self._asked = asked
        self._page = page
        self._form = form
        self._lead = lead

    async def aclose(self) -> None:
        """End the query, however much was read."""
        await self._query.aclose()

    async def __aiter__(self) -> AsyncGenerator[bytes, None]:
        form = self._form
        written = self.written(form, form.begin(), lambda: form.end(self.next_cursor))
        async with aclosing(written) as pieces:
            async for piece in pieces:
                yield piece

    async def written(
        self, form: Form, begin: bytes, end: Callable[[], bytes]
    ) -> AsyncGenerator[bytes, None]:
        """The events as `form` has them, between `begin` and what `end` gives when all have been read."""
        held = [begin, *form.pieces([self._lead] if self._lead else [])]
        held_bytes = len(self._lead)
        async with aclosing(self._events()) as found:
            async for pieces in found:
                held += form.pieces(pieces)
                held_bytes += sum(map(len, pieces))
                if held_bytes >= PIECE_BYTES:
                    yield b"".join(held)
                    held, held_bytes = [], 0
        yield b"".join([*held, end()])

    async def _events(self) -> AsyncGenerator[list[bytes], None]:
        page, batch = self._page, self._first
        while batch is not None and not page.full:
            yield page.add(batch)
            batch = None if page.full else await anext(self._batches, None)
        yield page.close()
        metrics.EVENT_BYTES.labels("as_stored").inc(page.bytes - page.merged_bytes)
        metrics.EVENT_BYTES.labels("merged").inc(page.merged_bytes)

    @property
    def next_cursor(self) -> str | None:
        """Known when all of the page has been read."""
        return None if self.next_after is None else _cursor(self._asked, self.next_after)

    @property
    def next_after(self) -> Place | None:
        """As `next_cursor`: what the next page comes after."""
        return self._page.last if self._page.full else None


class HeldStream:
    """A page that has been read."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces

    async def aclose(self) -> None:
        """There is no query."""

    async def __aiter__(self) -> AsyncGenerator[bytes, None]:
        for piece in self._pieces:
            yield piece


def _scope(window: WindowKey, bounds: Bounds) -> tuple[str, ...]:
    return "events", window.session_id, window.window_id, *bounds.scope


def _cursor(asked: Asked, last: Place) -> str:
    return seal(Position(*last), *_scope(asked.window.key, asked.bounds))


def _after(window: WindowKey, bounds: Bounds, cursor: str | None) -> Place | None:
    """Where the cursor says to go on; None without one.

    Raises:
        Refusal: bad_parameter.
    """
    if cursor is None:
        return None
    position = unseal(cursor, Position, *_scope(window, bounds))
    return Place(position.at, position.seq, position.partition, position.offset, position.idx)
