"""A tenant's sessions: pages of the list, totals with their activity, and one session."""

import re
import time
from collections.abc import Awaitable, Callable, Hashable
from itertools import pairwise
from typing import NamedTuple, TypeVar
from uuid import UUID

import msgspec

from query_api.connections.service import ConnectionService
from query_api.cursor import seal, unseal
from query_api.problems import Reason, Refusal
from query_api.sessions import look_back
from query_api.sessions.activity import BucketLength
from query_api.sessions.covered import covered, cut_of, fits
from query_api.sessions.filters import Filters, scope_of
from query_api.sessions.order import NEWEST_FIRST, Order, Position, position_of
from query_api.sessions.recent import Recent
from query_api.sessions.repository import (
    NO_SESSIONS,
    RecordedSessionRow,
    SessionRepository,
    SessionRow,
    SessionWithWindowsRow,
    Sought,
    SpanRow,
    StatsRow,
)
from query_api.sessions.whereabouts import Whereabouts
from schemas.rrweb_event import LATEST_AT

SESSION_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class Bucket(NamedTuple):
    """ms since the epoch; `ends_at` is the first ms that is not part of it."""

    starts_at: int
    ends_at: int
    sessions: int
    active: int
    events: int


class Stats(NamedTuple):
    in_all: StatsRow
    length: BucketLength
    activity: list[Bucket]
    """Without a gap, the earliest first."""


def clock() -> int:
    return time.time_ns() // 1_000_000


class SessionService:
    def __init__(
        self, connections: ConnectionService, repository: SessionRepository, now: Callable[[], int] = clock
    ) -> None:
        self._connections = connections
        self._repository = repository
        self._now = now
        self._reaches = look_back.Remembered()
        self._spans: Recent[tuple[str, str], SpanRow] = Recent()
        self._whereabouts = Whereabouts()

    async def page(
        self,
        tenant: str,
        connection_id: str,
        filters: Filters,
        order: Order,
        *,
        limit: int,
        cursor: str | None,
    ) -> tuple[list[SessionRow], str | None]:
        """At most `limit` sessions, and the next page's cursor.

        Raises:
            Refusal: unknown_connection, bad_parameter (the cursor), and what ClickHouse and Kafka add.
        """
        connection = self._connections.one(tenant, connection_id)
        scope = ("sessions", connection.id, order.sort, order.direction, scope_of(filters))
        after = None if cursor is None else unseal(cursor, Position, *scope)
        newest_first = order == NEWEST_FIRST
        until = [after.started_at if after and newest_first else None, filters.to_at]
        before_at = min((at for at in until if at is not None), default=self._now())

        async def ask(from_at: int | None) -> list[SessionRow]:
            return await self._repository.page(
                tenant=tenant,
                connection_id=connection.id,
                filters=msgspec.structs.replace(filters, from_at=from_at),
                order=order,
                after=after,
                # One more than asked for tells whether there is a next page.
                limit=limit + 1,
                covered_ms=None if from_at is None else before_at - from_at,
            )

        # A visitor has few sessions, and they may lie anywhere.
        if newest_first and filters.visitor is None:
            # Whatever the time: "the last week" is another one at each moment.
            alike = scope_of(msgspec.structs.replace(filters, from_at=None, to_at=None))
            asked = connection.id, alike, limit
            rows = await self._newest(ask, before_at, filters.from_at, limit, asked)
        else:
            rows = await ask(filters.from_at)
        if len(rows) <= limit:
            return rows, None
        return rows[:limit], seal(position_of(rows[limit - 1], order), *scope)

    async def _newest(
        self,
        ask: Callable[[int | None], Awaitable[list[SessionRow]]],
        before_at: int,
        from_at: int | None,
        limit: int,
        asked: Hashable,
    ) -> list[SessionRow]:
        """What `ask` finds since `from_at`, looked for ever further back while there are at most `limit`."""
        rows: list[SessionRow] = []
        for start in look_back.starts(before_at, from_at, self._reaches.first(asked)):
            rows = await ask(start)
            if len(rows) > limit:
                break
        last_at = rows[limit].started_at_ms if len(rows) > limit else None
        self._reaches.was_enough(asked, look_back.enough(before_at, last_at))
        return rows

    async def stats(
        self,
        tenant: str,
        connection_id: str,
        filters: Filters,
        *,
        bucket: BucketLength | None,
        time_zone: str,
    ) -> Stats:
        """
        Args:
            bucket: how long a bucket of the activity is; without it, what suits the time it covers.
            time_zone: one of `activity.time_zones()`.

        Raises:
            Refusal: unknown_connection, bad_parameter (the bucket), and what ClickHouse and Kafka add.
        """
        connection = self._connections.one(tenant, connection_id)
        now = self._now()
        known, guessed = await self._span(tenant, connection.id, filters, bucket, now)
        while True:
            stretch = covered(filters, known, now)
            cut = cut_of(stretch, bucket, time_zone)
            in_all, found = await self._repository.stats(
                tenant=tenant,
                connection_id=connection.id,
                filters=filters,
                edges=cut.at[:-1],
                covered_ms=stretch.to_at - stretch.from_at,
            )
            # What was counted tells the span of that moment.
            then = covered(filters, in_all, now)
            if not guessed or then == stretch or cut_of(then, bucket, time_zone) == cut:
                break
            known, guessed = in_all, False
        if filters.from_at is None and filters.to_at is None:
            self._spans.put((tenant, connection.id), in_all)
        by_start = {row.starts_at: row for row in found}
        activity = [
            Bucket(starts_at, ends_at, row.sessions, row.active, row.events_in_all)
            if (row := by_start.get(starts_at))
            else Bucket(starts_at, ends_at, 0, 0, 0)
            for starts_at, ends_at in pairwise(cut.at)
        ]
        return Stats(in_all, cut.length, activity)

    async def _span(
        self, tenant: str, connection_id: str, filters: Filters, bucket: BucketLength | None, now: int
    ) -> tuple[SpanRow, bool]:
        """What is known of the connection's span, as far as `covered` asks; and whether that is a guess."""
        if filters.from_at is not None:
            # Then it only matters whether one started later than now, as none should.
            return NO_SESSIONS, filters.to_at is None
        remembered = self._spans.get((tenant, connection_id))
        # A refusal is not to come from a guess.
        if remembered is not None and fits(covered(filters, remembered, now), bucket):
            return remembered, True
        return await self._repository.span(tenant=tenant, connection_id=connection_id), False

    async def one(self, tenant: str, session_id: str) -> SessionWithWindowsRow:
        """
        Raises:
            Refusal: unknown_session, also where it is another tenant's; and what ClickHouse and Kafka add.
        """
        session = _there(await self._repository.one(self._sought(tenant, session_id)))
        self._whereabouts.learn(session.session_id, session.connection_id)
        return session

    async def recorded(self, tenant: str, session_id: str) -> RecordedSessionRow:
        """As `one`, for who reads its recording."""
        session = _there(await self._repository.recorded(self._sought(tenant, session_id)))
        self._whereabouts.learn(session.session_id, session.connection_id)
        return session

    def connection_of(self, tenant: str, session_id: str) -> str | None:
        """The tenant's connection that this session is in, if it is there at all; None where only looking it
        up could tell.

        Raises:
            Refusal: unknown_session, of an id that cannot be one; not_ready.
        """
        sought = self._sought(tenant, session_id)
        return self._whereabouts.of(str(UUID(session_id)), sought.connection_ids)

    def _sought(self, tenant: str, session_id: str) -> Sought:
        # Asked even for an id that cannot be one, so that "not ready" never looks like "not there".
        connection_ids = [connection.id for connection in self._connections.of_tenant(tenant)]
        if not SESSION_ID.fullmatch(session_id) or not connection_ids:
            raise Refusal(Reason.UNKNOWN_SESSION)
        started_at = started_at_of(UUID(session_id))
        if started_at > LATEST_AT:
            raise Refusal(Reason.UNKNOWN_SESSION)
        return Sought(tenant, connection_ids, session_id, started_at)


Row = TypeVar("Row")


def _there(found: Row | None) -> Row:
    if found is None:
        raise Refusal(Reason.UNKNOWN_SESSION)
    return found


def started_at_of(session_id: UUID) -> int:
    """ms since the epoch: the upper 48 bits of a session's id (rule 8)."""
    return session_id.int >> 80
