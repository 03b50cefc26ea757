"""One block's rows of one table into ClickHouse, as one insert that may be repeated.

Knows the server and the form of a safe insert (design.md section 7), not what the rows mean.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import stamina

from sessionizer.sink.connection import Connection
from sessionizer.sink.errors import Outcome, RowsRefused, error_name, outcome

ONE_BLOCK = 1 << 40
"""More rows and bytes than any insert of ours has: the engine must not cut it (several
blocks are not atomic)."""

SETTINGS = {
    "async_insert": 0,
    "deduplicate_blocks_in_dependent_materialized_views": 1,
    "insert_deduplicate": 1,
    # A block is too small to share out: threads only cost, about 20 ms of processor an insert.
    "max_insert_threads": 1,
    "max_threads": 1,
    "max_insert_block_size": ONE_BLOCK,
    "min_insert_block_size_rows": ONE_BLOCK,
    "min_insert_block_size_bytes": ONE_BLOCK,
}


@dataclass
class Waiting:
    """An insert that is not acknowledged yet."""

    table: str
    since_s: float
    """When its first try began, on the monotonic clock."""
    failed: int = 0
    """Tries that failed."""
    error: str = ""
    """What the last of them failed with; see `errors.error_name`."""


Retried = Callable[[str, str], None]
"""Told the table and the error of each try that failed and is repeated."""


class Inserter:
    """Inserts until acknowledged. Connects at the first insert."""

    def __init__(
        self,
        url: str,
        user: str,
        password: str,
        database: str,
        timeout_s: float = 30,
        retried: Retried = lambda table, error: None,
    ):
        self._connection = Connection(url, user, password, database, timeout_s)
        self._retried = retried
        self._waiting: dict[str, Waiting] = {}

    @property
    def waiting(self) -> Mapping[str, Waiting]:
        """The inserts under way, by token."""
        return self._waiting

    async def insert(self, table: str, columns: Sequence[str], body: bytes, token: str) -> None:
        """Insert rows in RowBinary; returns once the server has acknowledged them, however long that takes.

        Args:
            token: `insert_deduplication_token`; the same token always goes with the same body.

        Raises:
            RowsRefused: the server refuses what a row holds.
            clickhouse_connect.driver.exceptions.Error: the server says that something needs a person.
        """
        waiting = self._waiting[token] = Waiting(table, time.monotonic())
        try:
            async for attempt in stamina.retry_context(
                on=_is_transient, attempts=None, timeout=None, wait_initial=0.1, wait_max=5.0, wait_jitter=0.5
            ):
                with attempt:
                    await self._try(waiting, columns, body, token)
        except Exception as error:
            if outcome(error) is Outcome.DEAD_LETTER:
                raise RowsRefused(str(error)) from error
            raise
        finally:
            del self._waiting[token]

    async def _try(self, waiting: Waiting, columns: Sequence[str], body: bytes, token: str) -> None:
        settings = SETTINGS | {"insert_deduplication_token": token}
        try:
            client = await self._connection.client()
            await client.raw_insert(waiting.table, columns, body, settings, fmt="RowBinary")
        except Exception as error:
            if _is_transient(error):
                waiting.failed += 1
                waiting.error = error_name(error)
                self._retried(waiting.table, waiting.error)  # stamina logs it.
            raise

    async def close(self) -> None:
        await self._connection.close()


def _is_transient(error: Exception) -> bool:
    return outcome(error) is Outcome.RETRY
