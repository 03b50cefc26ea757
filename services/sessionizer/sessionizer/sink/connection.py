"""The connection of what writes to ClickHouse. Knows the server, not what is written."""

import asyncio

import clickhouse_connect
from clickhouse_connect.driver import AsyncClient


class Connection:
    """Connects when it is first asked for, once, and serves calls beside one another.

    Whoever calls repeats what failed: the client itself repeats nothing.
    """

    def __init__(self, url: str, user: str, password: str, database: str, timeout_s: float):
        self._url, self._user, self._password, self._database = url, user, password, database
        self._timeout_s = timeout_s
        self._client: AsyncClient | None = None
        self._connecting = asyncio.Lock()

    async def client(self) -> AsyncClient:
        """
        Raises:
            clickhouse_connect.driver.exceptions.Error: the server does not answer, or refuses.
        """
        async with self._connecting:
            if self._client is None:
                self._client = await clickhouse_connect.get_async_client(
                    dsn=self._url,
                    username=self._user,
                    password=self._password,
                    database=self._database,
                    compress=False,
                    autogenerate_session_id=False,
                    connect_timeout=5,
                    send_receive_timeout=self._timeout_s,
                    query_retries=0,
                )
        return self._client

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()
            self._client = None
