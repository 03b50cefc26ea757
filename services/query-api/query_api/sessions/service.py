"""A tenant's sessions: pages of the list, totals, and one session."""

import re
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from query_api.connections.service import ConnectionService
from query_api.cursor import seal, unseal
from query_api.problems import Reason, Refusal
from query_api.sessions.repository import (
    SessionRepository,
    SessionRow,
    SessionWithWindowsRow,
    StatsRow,
    Status,
)
from schemas.rrweb_event import LATEST_AT

SESSION_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class Position(msgspec.Struct, array_like=True, frozen=True):
    """The last session of a page. Neither part ever changes, so a page begins where the one before ended,
    whatever arrived or changed its status in between."""

    started_at: Annotated[int, Meta(ge=0, le=LATEST_AT)]
    session_id: UUID


FROM_THE_START = Position(LATEST_AT, UUID(int=2**128 - 1))


class SessionService:
    def __init__(self, connections: ConnectionService, repository: SessionRepository) -> None:
        self._connections = connections
        self._repository = repository

    async def page(
        self, tenant: str, connection_id: str, status: Status | None, limit: int, cursor: str | None
    ) -> tuple[list[SessionRow], str | None]:
        """At most `limit` sessions, the newest started first, and the next page's cursor.

        Raises:
            Refusal: unknown_connection, bad_parameter (the cursor), and what ClickHouse and Kafka add.
        """
        connection = self._connections.one(tenant, connection_id)
        scope = ("sessions", connection_id, status or "")
        position = FROM_THE_START if cursor is None else unseal(cursor, Position, *scope)
        rows = await self._repository.before(
            tenant=tenant,
            connection_id=connection.id,
            status=status,
            # One more than asked for tells whether there is a next page.
            limit=limit + 1,
            before_at=position.started_at,
            before_id=str(position.session_id),
        )
        if len(rows) <= limit:
            return rows, None
        last = rows[limit - 1]
        return rows[:limit], seal(Position(last.started_at_ms, UUID(last.session_id)), *scope)

    async def stats(self, tenant: str, connection_id: str, status: Status | None) -> StatsRow:
        """
        Raises:
            Refusal: unknown_connection, and what ClickHouse and Kafka add.
        """
        connection = self._connections.one(tenant, connection_id)
        return await self._repository.stats(tenant=tenant, connection_id=connection.id, status=status)

    async def one(self, tenant: str, session_id: str) -> SessionWithWindowsRow:
        """
        Raises:
            Refusal: unknown_session, also where it is another tenant's; and what ClickHouse and Kafka add.
        """
        # Asked even for an id that cannot be one, so that "not ready" never looks like "not there".
        connection_ids = [connection.id for connection in self._connections.of_tenant(tenant)]
        if not SESSION_ID.fullmatch(session_id) or not connection_ids:
            raise Refusal(Reason.UNKNOWN_SESSION)
        started_at = started_at_of(UUID(session_id))
        if started_at > LATEST_AT:
            raise Refusal(Reason.UNKNOWN_SESSION)
        found = await self._repository.one(
            tenant=tenant, connection_ids=connection_ids, session_id=session_id, started_at=started_at
        )
        if found is None:
            raise Refusal(Reason.UNKNOWN_SESSION)
        return found


def started_at_of(session_id: UUID) -> int:
    """ms since the epoch: the upper 48 bits of a session's id (rule 8)."""
    return session_id.int >> 80
