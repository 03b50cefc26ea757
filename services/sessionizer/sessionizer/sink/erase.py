"""What an erasure removes from ClickHouse, and the row that its receipt is made of (rule 11).

Every step may be repeated: what was counted first is kept in `erasures`, so a repeat that finds nothing left
tells the same. The rows of `sessions` go last, since they say which sessions are the visitor's.
"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import stamina
import structlog
from clickhouse_connect.driver import AsyncClient

from sessionizer.core.effects import Erasing
from sessionizer.sink.connection import Connection
from sessionizer.sink.errors import Outcome, outcome

TABLES = ("events", "recordings", "sessions")
"""In the order in which their rows go."""
SESSIONS_OF_VISITOR = """
SELECT DISTINCT session_id FROM sessions
WHERE connection_id = {connection:String} AND visitor = {value:String}
"""
THE_SESSION = """
SELECT DISTINCT session_id FROM sessions
WHERE connection_id = {connection:String} AND session_id = {value:UUID}
"""
TAKEN = """
SELECT session_ids FROM erasures FINAL
WHERE connection_id = {connection:String} AND erasure_id = {erasure:UUID}
    AND partition = {partition:UInt16} AND offset = {offset:Int64}
"""
RECEIPT = """
SELECT arraySort(arrayDistinct(arrayFlatten(groupArray(session_ids)))), sum(batches), sum(events)
FROM erasures FINAL
WHERE connection_id = {connection:String} AND erasure_id = {erasure:UUID}
"""
DELETION = """
ALTER TABLE {table:Identifier}
DELETE WHERE connection_id = {connection:String} AND session_id IN {gone:Array(UUID)}
"""
LEFT = """
SELECT count() FROM {table:Identifier}
WHERE connection_id = {connection:String} AND session_id IN {gone:Array(UUID)}
"""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TIMEOUT_S = 900
"""A part that holds one of the rows is written again; the largest take minutes."""

log = structlog.get_logger(__name__)


class ErasedRows(msgspec.Struct, frozen=True):
    """What an erasure took, in this try or in an earlier one."""

    session_ids: tuple[UUID, ...]
    batches: int
    events: int


class RowsLeft(Exception):  # noqa: N818
    """A finished mutation has left rows that it names. It is to be repeated."""


class Eraser:
    """Removes rows, physically, and returns once they are gone. Connects at the first erasure."""

    def __init__(self, url: str, user: str, password: str, database: str):
        self._connection = Connection(url, user, password, database, TIMEOUT_S)

    async def erase(self, erasing: Erasing, partition: int) -> ErasedRows:
        """Remove the rows, however long that takes.

        Raises:
            clickhouse_connect.driver.exceptions.Error: the server says that something needs a person.
        """
        async for attempt in stamina.retry_context(
            on=_is_transient, attempts=None, timeout=None, wait_initial=0.1, wait_max=5.0, wait_jitter=0.5
        ):
            with attempt:
                return await self._erase(await self._connection.client(), erasing, partition)
        raise AssertionError("it is tried until it succeeds or raises")

    async def close(self) -> None:
        await self._connection.close()

    async def _erase(self, client: AsyncClient, erasing: Erasing, partition: int) -> ErasedRows:
        gone = await self._taken(client, erasing, partition)
        if gone is None:
            gone = await self._sessions_of(client, erasing)
            await self._count(client, erasing, gone, partition)
        # Else a repeat: after a rebuild, rows of sessions that began in later blocks can be there by now.
        if gone:
            for table in TABLES:
                await self._delete(client, table, erasing.erasure.connection, gone)
        return await self._receipt(client, erasing)

    async def _delete(self, client: AsyncClient, table: str, connection: str, gone: list[UUID]) -> None:
        """Delete the rows, and look: of two mutations that begin at once the engine can lose one (ADR 35).

        Raises:
            RowsLeft: the engine says that the mutation is done, and rows are there.
        """
        parameters = {"table": table, "connection": connection, "gone": [str(each) for each in gone]}
        await client.command(DELETION, parameters=parameters, settings={"mutations_sync": 2})
        answer = await client.query(LEFT, parameters=parameters)
        (left,) = answer.result_rows[0]
        if left:
            raise RowsLeft(f"{left} rows of {table} outlived the mutation that deletes them")

    async def _sessions_of(self, client: AsyncClient, erasing: Erasing) -> list[UUID]:
        erasure = erasing.erasure
        if erasure.session_id is None:
            query, value = SESSIONS_OF_VISITOR, erasure.visitor
        else:
            query, value = THE_SESSION, str(UUID(bytes=erasure.session_id))
        parameters = {"connection": erasure.connection, "value": value}
        answer = await client.query(query, parameters=parameters)
        stays = {UUID(bytes=session_id) for session_id in erasing.stays}
        return sorted(session_id for (session_id,) in answer.result_rows if session_id not in stays)

    async def _taken(self, client: AsyncClient, erasing: Erasing, partition: int) -> list[UUID] | None:
        """What this very record took in an earlier try; None where there was none."""
        place = {"partition": partition, "offset": erasing.offset}
        answer = await client.query(TAKEN, parameters=_named(erasing) | place)
        for (session_ids,) in answer.result_rows:
            return list(session_ids)
        return None

    async def _receipt(self, client: AsyncClient, erasing: Erasing) -> ErasedRows:
        """Over all records with the erasure's id."""
        answer = await client.query(RECEIPT, parameters=_named(erasing))
        session_ids, batches, events = answer.result_rows[0]
        return ErasedRows(tuple(session_ids), batches, events)

    async def _count(self, client: AsyncClient, erasing: Erasing, gone: list[UUID], partition: int) -> None:
        """Count rows, and what this block withholds; keep it before anything goes."""
        erasure = erasing.erasure
        answer = await client.query(
            "SELECT count(), sum(events) FROM recordings FINAL "
            "WHERE connection_id = {connection:String} AND session_id IN {gone:Array(UUID)}",
            parameters={"connection": erasure.connection, "gone": [str(each) for each in gone]},
        )
        batches, events = answer.result_rows[0]
        withheld = erasing.withheld
        ids = sorted({*gone, *(UUID(bytes=session_id) for session_id in withheld)})
        row = {
            "tenant_id": erasure.tenant,
            "connection_id": erasure.connection,
            "erasure_id": UUID(bytes=erasure.erasure_id),
            "scope": "visitor" if erasure.session_id is None else "session",
            "accepted_at": EPOCH + timedelta(milliseconds=erasure.received_at),
            "session_ids": ids,
            "batches": batches + sum(counts[0] for counts in withheld.values()),
            "events": events + sum(counts[1] for counts in withheld.values()),
            "partition": partition,
            "offset": erasing.offset,
        }
        await client.insert(
            "erasures", [list(row.values())], column_names=list(row), settings={"async_insert": 0}
        )


def _named(erasing: Erasing) -> dict[str, object]:
    erasure = erasing.erasure
    return {"connection": erasure.connection, "erasure": str(UUID(bytes=erasure.erasure_id))}


def _is_transient(error: Exception) -> bool:
    retry = isinstance(error, RowsLeft) or outcome(error) is Outcome.RETRY
    if retry:
        log.warning("erasure is tried again", error=str(error))
    return retry
