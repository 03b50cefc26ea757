"""What the table `recordings` tells of a session's full snapshots, without any batch's text."""

import msgspec

from query_api.clickhouse import ClickHouse

MOST_SNAPSHOTS = 500
"""Listed of a window; a recorder that takes one every few minutes comes to fewer in the longest session."""

WINDOWS = """
SELECT
    window_id,
    min(seq) AS lowest_seq,
    countIf(
        toUnixTimestamp64Milli(last_at)
        < transform(window_id, {window_ids:Array(String)}, {playable_at:Array(Int64)}, toInt64(0))
    ) AS batches_before_playable,
    arraySort(
        groupUniqArrayArray(arrayMap(at -> (toUnixTimestamp64Milli(at), seq), full_snapshots_at))
    ) AS all_snapshots,
    arraySlice(all_snapshots, 1, {most:UInt32}) AS full_snapshots,
    length(all_snapshots) AS full_snapshots_in_all
FROM recordings
PREWHERE connection_id = {connection_id:String}
    AND session_id = {session_id:UUID}
    AND events > 0
GROUP BY window_id
"""

Place = tuple[int, int]
"""Time (ms, the visitor's clock) and seq, -1 without seqs."""


class WindowRow(msgspec.Struct, frozen=True, kw_only=True):
    window_id: str
    lowest_seq: int
    batches_before_playable: int
    """Batches whose last event comes before the window's first playable time."""
    full_snapshots: list[Place]
    """The first of them, in order."""
    full_snapshots_in_all: int


NOTHING_STORED = WindowRow(
    window_id="", lowest_seq=-1, batches_before_playable=0, full_snapshots=[], full_snapshots_in_all=0
)


class PlayabilityRepository:
    def __init__(self, clickhouse: ClickHouse) -> None:
        self._clickhouse = clickhouse

    async def windows(
        self, *, connection_id: str, session_id: str, playable_at: dict[str, int]
    ) -> dict[str, WindowRow]:
        """By window.

        Args:
            playable_at: window -> its first playable time, of those that have one.

        Raises:
            Refusal: clickhouse_unavailable, query_timeout.
        """
        # An array of nothing is no map that `transform` takes.
        known = playable_at or {"": 0}
        parameters = {
            "connection_id": connection_id,
            "session_id": session_id,
            "window_ids": list(known),
            "playable_at": list(known.values()),
            "most": MOST_SNAPSHOTS,
        }
        rows = await self._clickhouse.select("playability", WINDOWS, parameters, WindowRow)
        return {row.window_id: row for row in rows}
