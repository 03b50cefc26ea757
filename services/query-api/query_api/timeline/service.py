"""A session's timeline, for whoever may see the session."""

from query_api.sessions.service import SessionService
from query_api.timeline.repository import ItemRow, Thresholds, TimelineRepository


class TimelineService:
    def __init__(self, sessions: SessionService, repository: TimelineRepository) -> None:
        self._sessions = sessions
        self._repository = repository

    async def items(
        self, tenant: str, session_id: str, thresholds: Thresholds, *, from_at: int, limit: int
    ) -> tuple[list[ItemRow], bool]:
        """At most `limit` items from `from_at` on, in order of time, and whether there are more.

        Raises:
            Refusal: unknown_session, and what ClickHouse and Kafka add.
        """
        session = await self._sessions.recorded(tenant, session_id)
        found = await self._repository.items(
            connection_id=session.connection_id,
            session_id=session.session_id,
            thresholds=thresholds,
            from_at=from_at,
            # One more than asked for tells whether there are more.
            limit=limit + 1,
        )
        return found[:limit], len(found) > limit
