"""The friction of a connection's sessions, for whoever may see them."""

from uuid import UUID

from query_api.connections.service import ConnectionService
from query_api.friction.repository import FrictionRepository, FrictionRow
from query_api.friction.thresholds import FrictionThresholds
from query_api.sessions.service import started_at_of
from schemas.rrweb_event import LATEST_AT


class FrictionService:
    def __init__(self, connections: ConnectionService, repository: FrictionRepository) -> None:
        self._connections = connections
        self._repository = repository

    async def counts(
        self, tenant: str, connection_id: str, sessions: list[UUID], thresholds: FrictionThresholds
    ) -> list[FrictionRow]:
        """Of those that are there, in the order asked for.

        Raises:
            Refusal: unknown_connection, and what ClickHouse and Kafka add.
        """
        connection = self._connections.one(tenant, connection_id)
        # An id holds its session's start; one beyond all time is nobody's.
        possible = [each for each in dict.fromkeys(sessions) if started_at_of(each) <= LATEST_AT]
        if not possible:
            return []
        return await self._repository.counts(
            tenant=tenant,
            connection_id=connection.id,
            session_ids=[str(each) for each in possible],
            started_at=[started_at_of(each) for each in possible],
            thresholds=thresholds,
        )
