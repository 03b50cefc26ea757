"""The connections of the compacted topic `playhead.connections`, held in memory."""

from query_api import metrics
from query_api.book_reader import BookReader, Measures
from schemas.connection import Connection, ConnectionBook
from schemas.topic import CONNECTIONS

MEASURES = Measures(
    held=metrics.CONNECTIONS,
    unreadable=metrics.CONNECTION_RECORDS_UNREADABLE,
    restarts=metrics.CONNECTIONS_READER_RESTARTS,
)


class ConnectionReader(BookReader[ConnectionBook]):
    def __init__(self, kafka_bootstrap: str) -> None:
        super().__init__(kafka_bootstrap, CONNECTIONS, ConnectionBook, MEASURES)

    def by_id(self, connection_id: str) -> Connection | None:
        """None also while nothing has caught up; ask `caught_up` first."""
        return None if self.book is None else self.book.by_id(connection_id)

    def of_tenant(self, tenant: str) -> list[Connection]:
        """In order of creation, then id."""
        return [] if self.book is None else self.book.of_tenant(tenant)
