"""Which connections a tenant has. What another tenant has is, to the caller, not there."""

from query_api.connections.repository import ConnectionReader
from query_api.problems import Reason, Refusal
from schemas.connection import Connection


class ConnectionService:
    def __init__(self, reader: ConnectionReader) -> None:
        self._reader = reader

    def _ready(self) -> ConnectionReader:
        # With half of the connections known, "there is none" would be a lie.
        if not self._reader.caught_up:
            raise Refusal(Reason.NOT_READY)
        return self._reader

    def of_tenant(self, tenant: str) -> list[Connection]:
        """In order of creation.

        Raises:
            Refusal: not_ready.
        """
        return self._ready().of_tenant(tenant)

    def one(self, tenant: str, connection_id: str) -> Connection:
        """
        Raises:
            Refusal: unknown_connection, also where it is another tenant's; not_ready.
        """
        connection = self._ready().by_id(connection_id)
        if connection is None or connection.tenant != tenant:
            raise Refusal(Reason.UNKNOWN_CONNECTION)
        return connection
