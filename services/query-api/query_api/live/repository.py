"""What a live stream reads of the tables `recordings` and `sessions`; all SQL about it is here."""

import struct
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from query_api.clickhouse import ClickHouse, Parameters
from query_api.events.order import Batch
from query_api.live.arrival import BEFORE_ALL, Arrival
from query_api.problems import Reason, Refusal
from query_api.sessions.filters import Status

# One look at all sessions that anybody sees. A session's version rises with each of its batches, and its row
# comes after theirs, so this tells of news and of the completion. Neither needs FINAL.
NEWS = """
SELECT
    toString(s.session_id) AS session_id,
    max(version) AS newest_version,
    argMax(status, version) AS newest_status,
    toUnixTimestamp64Milli(argMax(completed_at, version)) AS completed_at_ms
FROM sessions AS s
WHERE connection_id IN {connection_ids:Array(String)}
    AND started_at IN (
        SELECT fromUnixTimestamp64Milli(arrayJoin({started_at:Array(Int64)}), 'UTC')
    )
    AND s.session_id IN {session_ids:Array(UUID)}
    AND expires_on > today()
GROUP BY s.session_id
"""

# Of each window its newest full snapshot, and which batch holds it.
STARTS = """
SELECT
    window_id,
    max(at_ms) AS snapshot_at,
    argMax((toInt64(partition), `offset`), (at_ms, seq, `offset`)) AS snapshot_in,
    max((toInt64(partition), `offset`)) AS newest
FROM
(
    SELECT
        window_id,
        partition,
        `offset`,
        seq,
        toUnixTimestamp64Milli(arrayMax(full_snapshots_at)) AS at_ms
    FROM recordings
    PREWHERE connection_id = {connection_id:String}
        AND session_id = {session_id:UUID}
        AND events > 0
        AND (toInt64(partition), `offset`) <= ({horizon_partition:Int64}, {horizon_offset:Int64})
)
GROUP BY window_id
"""

# Which batches come next is found without their text; then only theirs is read. A batch that was inserted
# twice is one record of the log and comes once. One of which no event was left (rule 6) has no text.
NEXT = """
SELECT
    window_id,
    partition,
    `offset`,
    seq,
    toUnixTimestamp64Milli(received_at) AS received_at_ms,
    raw_bytes,
    payload
FROM recordings
PREWHERE connection_id = {connection_id:String}
    AND session_id = {session_id:UUID}
    AND (partition, `offset`) IN (
        SELECT
            partition,
            `offset`
        FROM
        (
            SELECT
                partition,
                `offset`,
                sum(raw_bytes) OVER (
                    ORDER BY partition, `offset`
                    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
                ) - raw_bytes AS bytes_before
            FROM
            (
                SELECT DISTINCT
                    partition,
                    `offset`,
                    raw_bytes
                FROM recordings
                PREWHERE connection_id = {connection_id:String}
                    AND session_id = {session_id:UUID}
                    AND events > 0
                    AND (toInt64(partition), `offset`) > ({after_partition:Int64}, {after_offset:Int64})
                    AND (
                        (toInt64(partition), `offset`) > ({horizon_partition:Int64}, {horizon_offset:Int64})
                        OR toUnixTimestamp64Milli(last_at) >= transform(
                            window_id,
                            {window_ids:Array(String)},
                            {snapshots_at:Array(Int64)},
                            toInt64(0)
                        )
                    )
            )
        )
        WHERE bytes_before < {limit_bytes:UInt64}
    )
    AND events > 0
ORDER BY
    partition,
    `offset`
LIMIT 1 BY
    partition,
    `offset`
SETTINGS max_threads = 1
"""

_HEAD = struct.Struct("<HqqqQ")
"""A row in RowBinary between its texts: partition, offset, seq, received_at_ms, raw_bytes."""

LATEST = Arrival(2**31, 2**62)


class SessionKey(NamedTuple):
    connection_id: str
    session_id: str
    started_at: int
    """ms since the epoch."""


class NewsRow(msgspec.Struct, frozen=True, kw_only=True):
    session_id: str
    newest_version: int
    newest_status: Status
    completed_at_ms: int | None


class _StartRow(msgspec.Struct, frozen=True, kw_only=True):
    window_id: str
    snapshot_at: int
    """ms, the visitor's clock; 0 where it has none."""
    snapshot_in: tuple[int, int]
    newest: tuple[int, int]


class Beginning(NamedTuple):
    """Where a stream begins that resumes nothing: at each window's newest full snapshot."""

    horizon: Arrival
    """The newest batch then. What came after is told whole."""
    snapshots_at: dict[str, int]
    """By window: ms, the visitor's clock. A batch that ended before it is left out."""
    snapshots_in: dict[Arrival, int]
    """Which batches hold them, and when each snapshot was taken."""


EVERYTHING = Beginning(BEFORE_ALL, {}, {})
"""Nothing is left out."""


class Arrived(NamedTuple):
    """A batch as it is stored."""

    at: Arrival
    window_id: str
    seq: int
    """-1 where the window's client numbers nothing."""
    received_at: int
    """ms since the epoch, the collector's clock."""
    payload: bytes
    """The events' JSON, comma-separated."""

    @property
    def batch(self) -> Batch:
        """For whoever cuts it into its events; it does not say what only their order in a window needs."""
        return Batch(0, 0, self.seq, *self.at, 0, False, self.payload)


class Next(NamedTuple):
    batches: list[Arrived]
    """In order of arrival."""
    more: bool
    """There may be more behind them."""


class LiveRepository:
    """Each call raises Refusal: clickhouse_unavailable, query_timeout."""

    def __init__(self, clickhouse: ClickHouse) -> None:
        self._clickhouse = clickhouse

    async def news(self, sessions: Sequence[SessionKey]) -> dict[str, NewsRow]:
        """By session id; of those that are there."""
        parameters: Parameters = {
            "connection_ids": sorted({each.connection_id for each in sessions}),
            "started_at": sorted({each.started_at for each in sessions}),
            "session_ids": [each.session_id for each in sessions],
        }
        rows = await self._clickhouse.select("live_news", NEWS, parameters, NewsRow)
        return {row.session_id: row for row in rows}

    async def beginning(self, session: SessionKey, horizon: Arrival | None) -> Beginning:
        """Of all that has arrived; or as it was when `horizon` was the newest."""
        until = horizon or LATEST
        parameters = _whose(session) | {
            "horizon_partition": until.partition,
            "horizon_offset": until.offset,
        }
        rows = await self._clickhouse.select("live_beginning", STARTS, parameters, _StartRow)
        with_snapshot = [row for row in rows if row.snapshot_at]
        return Beginning(
            horizon=horizon or max((Arrival(*row.newest) for row in rows), default=BEFORE_ALL),
            snapshots_at={row.window_id: row.snapshot_at for row in with_snapshot},
            snapshots_in={Arrival(*row.snapshot_in): row.snapshot_at for row in with_snapshot},
        )

    async def next(self, session: SessionKey, after: Arrival, beginning: Beginning, limit_bytes: int) -> Next:
        """The batches that arrived after `after`, until they come to `limit_bytes`; at least one."""
        # An array of nothing is no map that `transform` takes.
        known = beginning.snapshots_at or {"": 0}
        parameters = _whose(session) | {
            "after_partition": after.partition,
            "after_offset": after.offset,
            "horizon_partition": beginning.horizon.partition,
            "horizon_offset": beginning.horizon.offset,
            "window_ids": list(known),
            "snapshots_at": list(known.values()),
            "limit_bytes": limit_bytes,
        }
        answer = await self._clickhouse.read("live_next", NEXT, parameters, "RowBinary")
        batches, raw_bytes = rows(answer)
        return Next(batches, more=raw_bytes >= limit_bytes)


def _whose(session: SessionKey) -> Parameters:
    return {"connection_id": session.connection_id, "session_id": session.session_id}


def rows(answer: bytes) -> tuple[list[Arrived], int]:
    """RowBinary as batches, and how many bytes these come to.

    Raises:
        Refusal: clickhouse_unavailable, where it is cut off.
    """
    found: list[Arrived] = []
    start, total = 0, 0
    try:
        while start < len(answer):
            window_id, start = _text(answer, start)
            partition, offset, seq, received_at, raw_bytes = _HEAD.unpack_from(answer, start)
            payload, start = _text(answer, start + _HEAD.size)
            at = Arrival(partition, offset)
            found.append(Arrived(at, window_id.decode(errors="replace"), seq, received_at, payload))
            total += raw_bytes
    except (struct.error, IndexError):
        raise Refusal(Reason.CLICKHOUSE_UNAVAILABLE, "ClickHouse's answer ended in the middle.") from None
    return found, total


def _text(answer: bytes, start: int) -> tuple[bytes, int]:
    length = shift = 0
    while True:
        byte = answer[start]
        start += 1
        length |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
        shift += 7
    if start + length > len(answer):
        raise IndexError
    return answer[start : start + length], start + length
