"""The way to ClickHouse: bound queries in, typed rows or raw bytes out, its failures as refusals.

Knows the client library and nothing of what is asked; the SQL is the repositories'.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

import aiohttp
import msgspec
import structlog
from clickhouse_connect.driver import create_async_client
from clickhouse_connect.driver.asyncclient import AsyncClient
from clickhouse_connect.driver.exceptions import ClickHouseError, ProgrammingError

from query_api import metrics
from query_api.problems import Reason, Refusal

log = structlog.get_logger(__name__)

Row = TypeVar("Row")
Parameters = dict[str, Any]

# ClickHouse's own codes that say "not now" or "not set up yet"; any other code is a fault of ours.
REASONS_BY_CODE: dict[int | None, Reason] = {
    None: Reason.CLICKHOUSE_UNAVAILABLE,  # the network, or an answer that no ClickHouse gave
    159: Reason.QUERY_TIMEOUT,  # TIMEOUT_EXCEEDED
    160: Reason.QUERY_TIMEOUT,  # TOO_SLOW
    60: Reason.CLICKHOUSE_UNAVAILABLE,  # UNKNOWN_TABLE: not migrated yet
    81: Reason.CLICKHOUSE_UNAVAILABLE,  # UNKNOWN_DATABASE
    202: Reason.CLICKHOUSE_UNAVAILABLE,  # TOO_MANY_SIMULTANEOUS_QUERIES
    209: Reason.CLICKHOUSE_UNAVAILABLE,  # SOCKET_TIMEOUT
    210: Reason.CLICKHOUSE_UNAVAILABLE,  # NETWORK_ERROR
    236: Reason.CLICKHOUSE_UNAVAILABLE,  # ABORTED, by a stop of the server
    241: Reason.CLICKHOUSE_UNAVAILABLE,  # MEMORY_LIMIT_EXCEEDED
    394: Reason.CLICKHOUSE_UNAVAILABLE,  # QUERY_WAS_CANCELLED
    516: Reason.CLICKHOUSE_UNAVAILABLE,  # AUTHENTICATION_FAILED
}


# With threads of their own to format answers, the engine hands each block on twice and copies it once more:
# of stored text that is a third of all it does.
SETTINGS = {"output_format_parallel_formatting": 0}


class ClickHouse:
    """One pool of connections. It connects at the first query, and again after an outage, by itself."""

    def __init__(
        self, *, url: str, user: str, password: str, database: str, connections: int, query_timeout_ms: int
    ) -> None:
        self._url, self._user, self._password, self._database = url, user, password, database
        self._connections = connections
        self._timeout_s = query_timeout_ms / 1000
        self._connecting = asyncio.Lock()
        self._client: AsyncClient | None = None

    async def _connected(self) -> AsyncClient:
        async with self._connecting:
            if self._client is None:
                self._client = await create_async_client(
                    dsn=self._url,
                    username=self._user,
                    password=self._password,
                    database=self._database,
                    # A session would run its queries one after the other.
                    autogenerate_session_id=False,
                    # Payload lies compressed on disk and goes compressed to the browser; once more in
                    # between is waste.
                    compress=False,
                    settings=SETTINGS,
                    connect_timeout=self._timeout_s,
                    send_receive_timeout=self._timeout_s,
                    connector_limit=self._connections,
                    connector_limit_per_host=self._connections,
                )
            return self._client

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def select(self, name: str, sql: str, parameters: Parameters, row: type[Row]) -> list[Row]:
        """All rows of a small result, as `row` (a msgspec struct whose fields are the columns).

        Raises:
            Refusal: clickhouse_unavailable or query_timeout.
        """
        lines = await self.read(name, sql, parameters, "JSONEachRow")
        # Not strict: some releases quote 64-bit integers.
        return msgspec.json.Decoder(row, strict=False).decode_lines(lines)

    async def read(self, name: str, sql: str, parameters: Parameters, form: str) -> bytes:
        """A result of bounded size whole, in ClickHouse's format `form`.

        Raises:
            Refusal: clickhouse_unavailable or query_timeout.
        """
        with self._timed(name):
            async with asyncio.timeout(self._timeout_s):
                client = await self._connected()
                return await client.raw_query(sql, parameters, fmt=form, settings={"wait_end_of_query": 1})

    @asynccontextmanager
    async def stream(
        self, name: str, sql: str, parameters: Parameters, form: str
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """A large result as it comes, in ClickHouse's format `form`. Leaving the block early ends the query.

        Raises:
            Refusal: clickhouse_unavailable or query_timeout; while iterating too.
        """
        with self._timed(name):
            async with asyncio.timeout(self._timeout_s):
                client = await self._connected()
                answer = await client.raw_stream(sql, parameters, fmt=form)
        async with answer as chunks:
            yield self._patiently(chunks)

    async def _patiently(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        while True:
            with _refused():
                async with asyncio.timeout(self._timeout_s):
                    chunk = await anext(chunks, None)
            if chunk is None:
                return
            yield chunk

    @contextmanager
    def _timed(self, name: str) -> Iterator[None]:
        start, outcome = time.perf_counter(), "error"
        try:
            with _refused():
                yield
            outcome = "ok"
        finally:
            metrics.CLICKHOUSE_SECONDS.labels(name, outcome).observe(time.perf_counter() - start)


@contextmanager
def _refused() -> Iterator[None]:
    """What ClickHouse, or the way to it, raises becomes a refusal; our own mistakes stay what they are."""
    try:
        yield
    except ProgrammingError:
        raise
    except TimeoutError:
        raise Refusal(Reason.QUERY_TIMEOUT) from None
    except aiohttp.ClientError as error:
        raise Refusal(Reason.CLICKHOUSE_UNAVAILABLE) from error
    except ClickHouseError as error:
        code = getattr(error, "code", None)
        reason = REASONS_BY_CODE.get(code)
        if reason is None:
            raise
        log.warning("ClickHouse refused", reason=str(reason), code=code, error=str(error)[:500])
        raise Refusal(reason) from error
