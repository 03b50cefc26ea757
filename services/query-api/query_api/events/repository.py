"""A window's batches as the table `recordings` holds them; all SQL about them is here."""

import secrets
import struct
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from query_api.clickhouse import ClickHouse
from query_api.events.order import Batch, Place
from query_api.events.outline import Outline
from query_api.problems import Reason, Refusal

# What several selects share. They begin at a line's start and end with it.
_OF_WINDOW = """FROM recordings
PREWHERE connection_id = {connection_id:String}
    AND session_id = {session_id:UUID}
    AND window_id = {window_id:String}
"""

_BATCH = f"""SELECT
    {{mark:UInt64}} AS mark,
    toUnixTimestamp64Milli(first_at) AS first_at_ms,
    toUnixTimestamp64Milli(last_at) AS last_at_ms,
    seq,
    partition,
    `offset`,
    events,
    in_order,
    payload
{_OF_WINDOW}"""

_OUTLINE_OF = f"""SELECT
    {{mark:UInt64}} AS mark,
    toUnixTimestamp64Milli(first_at) AS first_at_ms,
    seq,
    partition,
    `offset`,
    raw_bytes
{_OF_WINDOW}"""

_BETWEEN = """    AND events > 0
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
    AND (toUnixTimestamp64Milli(first_at), seq, toInt64(partition), `offset`, toInt64(0)) < (
        {before_at:Int64},
        {before_seq:Int64},
        {before_partition:Int64},
        {before_offset:Int64},
        {before_idx:Int64}
    )
"""

_IN_ORDER = """ORDER BY
    connection_id,
    session_id,
    window_id,
    first_at,
    seq,
    partition,
    `offset`
"""

_EACH_ONCE = """LIMIT 1 BY
    first_at,
    seq,
    batch_id
"""

_AS_READ = """SETTINGS
    max_block_size = 32,
    max_threads = 1
"""

# Read in the order of the primary key, whose part (connection, session, window) is one stretch, so that rows
# come before all are read. A batch that was inserted twice has one key and comes once.
# `mark` begins each row: a failure in mid-stream arrives as text among the rows, and is told from them by it.
# A batch of which no event was left (rule 6) has no text.
# The engine hands on what it has merged in blocks of so many rows: with its own 65,000 that is a session, in
# its memory before the first byte comes. More threads would only read further ahead.
BATCHES = f"{_BATCH}{_BETWEEN}{_IN_ORDER}{_EACH_ONCE}{_AS_READ}"

# The same batches without their text.
OUTLINES = f"""{_OUTLINE_OF}{_BETWEEN}{_IN_ORDER}{_EACH_ONCE}SETTINGS
    max_block_size = 1024,
    max_threads = 1
"""

# Which batch it is, is found without the text of the others.
WITH_SNAPSHOT = (
    _BATCH
    + """    AND (first_at, seq, batch_id) IN (
        SELECT
            first_at,
            seq,
            batch_id
        FROM recordings
        ARRAY JOIN arrayMap(at -> toUnixTimestamp64Milli(at), full_snapshots_at) AS snapshot_at
        WHERE connection_id = {connection_id:String}
            AND session_id = {session_id:UUID}
            AND window_id = {window_id:String}
            AND events > 0
            AND snapshot_at BETWEEN {not_before_at:Int64} AND {not_after_at:Int64}
        ORDER BY
            snapshot_at DESC,
            seq DESC,
            partition DESC,
            `offset` DESC
        LIMIT 1
    )
LIMIT 1
"""
)

# From the last one back. What the expression finds besides is looked at for nothing.
WITH_META = (
    f"{_BATCH}{_BETWEEN}"
    r"""WHERE match(payload, '"type"\\s*:\\s*4[^0-9]')
ORDER BY
    connection_id DESC,
    session_id DESC,
    window_id DESC,
    first_at DESC,
    seq DESC,
    partition DESC,
    `offset` DESC
"""
    f"{_EACH_ONCE}{_AS_READ}"
)

BEFORE_ALL = Place(at=-(2**62), seq=-1, partition=-1, offset=-1, idx=-1)
AFTER_ALL = Place(at=2**62, seq=-1, partition=-1, offset=-1, idx=-1)

_HEAD = struct.Struct("<QqqqHqI?")
"""A row in RowBinary up to the payload: mark, first_at, last_at, seq, partition, offset, events, in_order."""

_OUTLINE = struct.Struct("<QqqHqQ")
"""A row without payload: mark, first_at, seq, partition, offset, raw_bytes."""

MAX_PAYLOAD_BYTES = 1 << 30
"""A length beyond this is no length: the stream is out of step."""


Row = TypeVar("Row")
Read = Callable[[AsyncIterator[bytes], int], AsyncGenerator[Row, None]]
"""Makes rows of RowBinary in pieces of any size, each of which begins with the mark."""


@dataclass(frozen=True)
class WindowKey:
    connection_id: str
    session_id: str
    window_id: str


class EventRepository:
    """Refusal (clickhouse_unavailable, query_timeout) comes when a block is entered, and while what it gives
    is iterated. Leaving the block early ends the query."""

    def __init__(self, clickhouse: ClickHouse) -> None:
        self._clickhouse = clickhouse

    @asynccontextmanager
    async def batches(
        self, window: WindowKey, after: Place | None, before: Place | None = None
    ) -> AsyncIterator[AsyncIterator[Batch]]:
        """The window's batches that hold an event behind `after` and begin before `before`, by (first_at,
        seq, partition, offset), as they are read."""
        async with self._rows("events", BATCHES, _between(window, after, before), rows) as found:
            yield found

    @asynccontextmanager
    async def with_meta(
        self, window: WindowKey, after: Place | None, before: Place
    ) -> AsyncIterator[AsyncIterator[Batch]]:
        """Of what `batches` gives, those that may hold a Meta event, from the last one back."""
        between = _between(window, after, before)
        async with self._rows("events_with_meta", WITH_META, between, rows) as found:
            yield found

    @asynccontextmanager
    async def outlines(
        self, window: WindowKey, after: Place | None, before: Place | None
    ) -> AsyncIterator[AsyncIterator[Outline]]:
        """What `batches` gives, without the text."""
        between = _between(window, after, before)
        async with self._rows("events_outlines", OUTLINES, between, outline_rows) as found:
            yield found

    async def with_snapshot(self, window: WindowKey, not_before_at: int, not_after_at: int) -> Batch | None:
        """The batch that holds the last full snapshot of these times (ms, both included).

        Raises:
            Refusal: clickhouse_unavailable, query_timeout.
        """
        parameters = vars(window) | {"not_before_at": not_before_at, "not_after_at": not_after_at}
        async with self._rows("events_with_snapshot", WITH_SNAPSHOT, parameters, rows) as found:
            return await anext(found, None)

    @asynccontextmanager
    async def _rows(
        self, name: str, sql: str, parameters: dict[str, Any], read: Read[Row]
    ) -> AsyncIterator[AsyncIterator[Row]]:
        mark = secrets.randbits(64)
        async with (
            self._clickhouse.stream(name, sql, {"mark": mark, **parameters}, "RowBinary") as chunks,
            aclosing(read(chunks, mark)) as found,
        ):
            yield found


def _between(window: WindowKey, after: Place | None, before: Place | None) -> dict[str, Any]:
    after, before = after or BEFORE_ALL, before or AFTER_ALL
    return (
        vars(window)
        | {f"after_{name}": value for name, value in after._asdict().items()}
        | {f"before_{name}": value for name, value in before._asdict().items()}
    )


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


async def outline_rows(chunks: AsyncIterator[bytes], mark: int) -> AsyncGenerator[Outline, None]:
    """As `rows`, of outlines.

    Raises:
        Refusal: clickhouse_unavailable, where the stream ends or fails inside a row.
    """
    buffer = b""
    async for chunk in chunks:
        buffer += chunk
        whole = len(buffer) - len(buffer) % _OUTLINE.size
        for sent_mark, first_at, seq, partition, offset, raw_bytes in _OUTLINE.iter_unpack(buffer[:whole]):
            if sent_mark != mark:
                raise Refusal(Reason.CLICKHOUSE_UNAVAILABLE, "ClickHouse failed in the middle of its answer.")
            yield Outline(Place(first_at, seq, partition, offset, 0), raw_bytes)
        buffer = buffer[whole:]
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
