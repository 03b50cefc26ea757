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
from schemas.rrweb_event import LATEST_AT

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
    toUnixTimestamp64Milli(last_at) AS last_at_ms,
    seq,
    partition,
    `offset`,
    events,
    raw_bytes
{_OF_WINDOW}"""

# A batch of which no event was left (rule 6) has no text.
_NOT_EMPTY = """    AND events > 0
"""

# By time alone, which leaves in what begins or ends in the very ms; the rest is `_within`. A comparison of
# whole places is a long expression: to make sense of it took the engine a quarter of a page's first byte.
_FROM = """    AND last_at >= fromUnixTimestamp64Milli({after_at:Int64}, 'UTC')
"""
_TO = """    AND first_at <= fromUnixTimestamp64Milli({before_at:Int64}, 'UTC')
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


def select_batches(*, after: bool, before: bool) -> str:
    """Read in the order of the primary key, whose part (connection, session, window) is one stretch, so that
    rows come before all are read. A batch that was inserted twice has one key and comes once.

    `mark` begins each row: a failure in mid-stream arrives as text among the rows, and is told from them by
    it.

    The engine hands on what it has merged in blocks of so many rows: with its own 65,000 that is a session,
    in its memory before the first byte comes. More threads would only read further ahead.
    """
    return f"{_BATCH}{_between(after, before)}{_IN_ORDER}{_EACH_ONCE}{_AS_READ}"


def select_outlines(*, after: bool, before: bool) -> str:
    """The same batches without their text."""
    return f"""{_OUTLINE_OF}{_between(after, before)}{_IN_ORDER}{_EACH_ONCE}SETTINGS
    max_block_size = 1024,
    max_threads = 1
"""


def select_with_meta(*, after: bool, before: bool) -> str:
    """Those that may hold a Meta event, from the last one back. What the expression finds besides is looked
    at for nothing."""
    return (
        f"{_BATCH}{_between(after, before)}"
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


def _between(after: bool, before: bool) -> str:
    return _NOT_EMPTY + (_FROM if after else "") + (_TO if before else "")


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
SETTINGS max_threads = 1
"""
)

_HEAD = struct.Struct("<QqqqHqI?")
"""A row in RowBinary up to the payload: mark, first_at, last_at, seq, partition, offset, events, in_order."""

_OUTLINE = struct.Struct("<QqqqHqIQ")
"""A row without payload: mark, first_at, last_at, seq, partition, offset, events, raw_bytes."""

MAX_PAYLOAD_BYTES = 1 << 30
"""A length beyond this is no length: the stream is out of step."""


Row = TypeVar("Row")
Spanning = TypeVar("Spanning", Batch, Outline)
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
        sql = select_batches(after=after is not None, before=before is not None)
        async with (
            self._rows("events", sql, _bound(window, after, before), rows) as found,
            aclosing(_within(found, after, before)) as within,
        ):
            yield within

    @asynccontextmanager
    async def with_meta(
        self, window: WindowKey, after: Place | None, before: Place
    ) -> AsyncIterator[AsyncIterator[Batch]]:
        """Of what `batches` gives, those that may hold a Meta event, from the last one back."""
        sql = select_with_meta(after=after is not None, before=True)
        async with (
            self._rows("events_with_meta", sql, _bound(window, after, before), rows) as found,
            aclosing(_within(found, after, before)) as within,
        ):
            yield within

    @asynccontextmanager
    async def outlines(
        self, window: WindowKey, after: Place | None, before: Place | None
    ) -> AsyncIterator[AsyncIterator[Outline]]:
        """What `batches` gives, without the text."""
        sql = select_outlines(after=after is not None, before=before is not None)
        async with (
            self._rows("events_outlines", sql, _bound(window, after, before), outline_rows) as found,
            aclosing(_within(found, after, before)) as within,
        ):
            yield within

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


def _bound(window: WindowKey, after: Place | None, before: Place | None) -> dict[str, Any]:
    parameters: dict[str, Any] = {**vars(window)}
    # No event has a time outside of these, and the engine could not make one of it.
    if after is not None:
        parameters["after_at"] = min(max(after.at, 0), LATEST_AT)
    if before is not None:
        parameters["before_at"] = min(max(before.at, 0), LATEST_AT)
    return parameters


async def _within(
    found: AsyncIterator[Spanning], after: Place | None, before: Place | None
) -> AsyncGenerator[Spanning, None]:
    """Of what the times alone let in, what holds an event behind `after` and begins before `before`."""
    async for each in found:
        if (after is None or each.end > after) and (before is None or each.begin < before):
            yield each


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
        for row in _OUTLINE.iter_unpack(buffer[:whole]):
            sent_mark, first_at, last_at, seq, partition, offset, events, raw_bytes = row
            if sent_mark != mark:
                raise Refusal(Reason.CLICKHOUSE_UNAVAILABLE, "ClickHouse failed in the middle of its answer.")
            begin = Place(first_at, seq, partition, offset, 0)
            end = Place(last_at, seq, partition, offset, events - 1)
            yield Outline(begin, end, raw_bytes)
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
