"""A window's batches as the table `recordings` holds them; all SQL about them is here."""

import secrets
import struct
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager

from query_api.clickhouse import ClickHouse
from query_api.events.order import Batch, Place
from query_api.problems import Reason, Refusal

# Read in the order of the primary key, whose part (connection, session, window) is one stretch, so that rows
# come before all are read. A batch that was inserted twice has one key and comes once.
# `mark` begins each row: a failure in mid-stream arrives as text among the rows, and is told from them by it.
# A batch of which no event was left (rule 6) has no text.
BATCHES = """
SELECT
    {mark:UInt64} AS mark,
    toUnixTimestamp64Milli(first_at) AS first_at_ms,
    toUnixTimestamp64Milli(last_at) AS last_at_ms,
    seq,
    partition,
    `offset`,
    events,
    in_order,
    payload
FROM recordings
PREWHERE connection_id = {connection_id:String}
    AND session_id = {session_id:UUID}
    AND window_id = {window_id:String}
    AND events > 0
    AND (
        toUnixTimestamp64Milli(last_at),
        seq,
        toInt64(partition),
        `offset`,
        toInt64(events) - 1
    ) > (
        {after_at:Int64},
        {after_seq:Int64},
        {after_partition:Int64},
        {after_offset:Int64},
        {after_idx:Int64}
    )
ORDER BY
    connection_id,
    session_id,
    window_id,
    first_at,
    seq,
    partition,
    `offset`
LIMIT 1 BY
    first_at,
    seq,
    batch_id
"""

BEFORE_ALL = Place(at=-(2**62), seq=-1, partition=-1, offset=-1, idx=-1)

_HEAD = struct.Struct("<QqqqHqI?")
"""A row in RowBinary up to the payload: mark, first_at, last_at, seq, partition, offset, events, in_order."""

MAX_PAYLOAD_BYTES = 1 << 30
"""A length beyond this is no length: the stream is out of step."""


class EventRepository:
    def __init__(self, clickhouse: ClickHouse) -> None:
        self._clickhouse = clickhouse

    @asynccontextmanager
    async def batches(
        self, *, connection_id: str, session_id: str, window_id: str, after: Place | None
    ) -> AsyncIterator[AsyncIterator[Batch]]:
        """The window's batches that hold an event behind `after`, by (first_at, seq, partition, offset), as
        they are read. Leaving the block early ends the query.

        Raises:
            Refusal: clickhouse_unavailable, query_timeout; while iterating too.
        """
        after = after or BEFORE_ALL
        mark = secrets.randbits(64)
        parameters = {
            "mark": mark,
            "connection_id": connection_id,
            "session_id": session_id,
            "window_id": window_id,
            "after_at": after.at,
            "after_seq": after.seq,
            "after_partition": after.partition,
            "after_offset": after.offset,
            "after_idx": after.idx,
        }
        async with (
            self._clickhouse.stream("events", BATCHES, parameters, "RowBinary") as chunks,
            aclosing(rows(chunks, mark)) as found,
        ):
            yield found


async def rows(chunks: AsyncIterator[bytes], mark: int) -> AsyncGenerator[Batch, None]:
    """RowBinary, in pieces of any size, as batches.

    Raises:
        Refusal: clickhouse_unavailable, where the stream ends or fails inside a row.
    """
    buffer = bytearray()
    async for chunk in chunks:
        buffer += chunk
        start = 0
        while (found := _row(buffer, start, mark)) is not None:
            batch, start = found
            yield batch
        del buffer[:start]
    if buffer:
        raise Refusal(Reason.CLICKHOUSE_UNAVAILABLE, "ClickHouse's answer ended in the middle.")


def _row(buffer: bytearray, start: int, mark: int) -> tuple[Batch, int] | None:
    """The row at `start` and where the next one begins; None while it is not all there."""
    at = start + _HEAD.size
    if len(buffer) <= at:
        return None
    sent_mark, first_at, last_at, seq, partition, offset, events, in_order = _HEAD.unpack_from(buffer, start)
    if sent_mark != mark:
        raise Refusal(Reason.CLICKHOUSE_UNAVAILABLE, "ClickHouse failed in the middle of its answer.")
    length = shift = 0
    while True:
        if at == len(buffer):
            return None
        byte = buffer[at]
        at += 1
        length |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
        shift += 7
    if length > MAX_PAYLOAD_BYTES:
        raise Refusal(Reason.CLICKHOUSE_UNAVAILABLE, "ClickHouse's answer cannot be read.")
    if len(buffer) < at + length:
        return None
    payload = bytes(memoryview(buffer)[at : at + length])
    return Batch(first_at, last_at, seq, partition, offset, events, in_order, payload), at + length
