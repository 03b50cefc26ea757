"""What happened in a session, found in the rows of its events; all SQL about it is here.

Every part names connection and session, so it reads that session's stretch of the primary key, and of the
columns those that it needs: `data`, by far the largest, only for events that say something in words. All
times are the visitor's clock, which is one for all windows of a session.
"""

from typing import Literal

import msgspec

from query_api.clickhouse import ClickHouse
from query_api.friction.thresholds import FrictionThresholds

Kind = Literal[
    "click",
    "rage_click",
    "dead_click",
    "input",
    "page_view",
    "quick_back",
    "error",
    "custom",
    "idle",
    "window_change",
]

TEXT_CHARACTERS = 1_000
"""Longer texts are cut: an error may hold a page, and a custom event whatever a site puts into it."""

# What friction and activity are is said by their views (schemas/clickhouse/0008_friction.sql).
# A double click comes behind its two clicks, so it is not counted as a click of its own.
TIMELINE = """
WITH
    clicks AS (
        SELECT
            window_id,
            toUnixTimestamp64Milli(timestamp) AS at_ms,
            node_id,
            x,
            y
        FROM v_clicks
        WHERE connection_id = {connection_id:String}
            AND session_id = {session_id:UUID}
            AND NOT double_click
    ),
    page_views AS (
        SELECT
            window_id,
            toUnixTimestamp64Milli(timestamp) AS at_ms,
            url
        FROM v_page_views
        WHERE connection_id = {connection_id:String}
            AND session_id = {session_id:UUID}
    ),
    typed AS (
        SELECT
            window_id,
            toUnixTimestamp64Milli(timestamp) AS at_ms,
            seq,
            batch_id,
            idx,
            type,
            source,
            interaction,
            node_id
        FROM events
        FINAL
        WHERE connection_id = {connection_id:String}
            AND session_id = {session_id:UUID}
    ),
    activity AS (
        SELECT
            window_id,
            toUnixTimestamp64Milli(timestamp) AS at_ms,
            window_id_before,
            idle_ms_before
        FROM v_session_activity(idle_after_ms = {idle_after_ms:UInt32})
        WHERE connection_id = {connection_id:String}
            AND session_id = {session_id:UUID}
    )
SELECT
    kind,
    toValidUTF8(window_id) AS window_id,
    at_ms,
    until_at_ms,
    node_id,
    x,
    y,
    name,
    substringUTF8(toValidUTF8(text), 1, {text_characters:UInt32}) AS text
FROM
(
    SELECT
        'click' AS kind,
        window_id,
        at_ms,
        CAST(NULL, 'Nullable(Int64)') AS until_at_ms,
        CAST(node_id, 'Nullable(Int32)') AS node_id,
        x,
        y,
        CAST(NULL, 'Nullable(String)') AS name,
        CAST(NULL, 'Nullable(String)') AS text
    FROM clicks

    UNION ALL

    SELECT
        'rage_click',
        window_id,
        toUnixTimestamp64Milli(timestamp),
        toUnixTimestamp64Milli(ended_at),
        node_id,
        x,
        y,
        NULL,
        NULL
    FROM v_rage_clicks(
        rage_clicks = {rage_clicks:UInt32},
        rage_within_ms = {rage_within_ms:UInt32},
        rage_radius_px = {rage_radius_px:UInt32}
    )
    WHERE connection_id = {connection_id:String}
        AND session_id = {session_id:UUID}

    UNION ALL

    SELECT
        'dead_click',
        window_id,
        toUnixTimestamp64Milli(timestamp),
        NULL,
        node_id,
        x,
        y,
        NULL,
        NULL
    FROM v_dead_clicks(dead_after_ms = {dead_after_ms:UInt32})
    WHERE connection_id = {connection_id:String}
        AND session_id = {session_id:UUID}

    UNION ALL

    -- Typing into one field is one input, until it pauses or another field is typed into.
    SELECT
        'input',
        window_id,
        at_ms,
        NULL,
        node_id,
        NULL,
        NULL,
        NULL,
        NULL
    FROM
    (
        SELECT
            *,
            lagInFrame(at_ms, 1, 0) OVER fields AS before_at_ms,
            lagInFrame(node_id) OVER fields AS before_node_id
        FROM typed
        WHERE type = 3 AND source = 5
        WINDOW fields AS (
            PARTITION BY window_id
            ORDER BY at_ms, seq, batch_id, idx
            ROWS BETWEEN 1 PRECEDING AND CURRENT ROW
        )
    )
    WHERE before_at_ms = 0
        OR at_ms - before_at_ms > {input_pause_ms:UInt32}
        OR NOT (node_id <=> before_node_id)

    UNION ALL

    SELECT
        'page_view',
        window_id,
        at_ms,
        NULL,
        NULL,
        NULL,
        NULL,
        NULL,
        url
    FROM page_views

    UNION ALL

    SELECT
        'quick_back',
        window_id,
        toUnixTimestamp64Milli(timestamp),
        NULL,
        NULL,
        NULL,
        NULL,
        NULL,
        url
    FROM v_quick_backs(quick_back_within_ms = {quick_back_within_ms:UInt32})
    WHERE connection_id = {connection_id:String}
        AND session_id = {session_id:UUID}

    UNION ALL

    SELECT
        'error',
        window_id,
        toUnixTimestamp64Milli(timestamp),
        NULL,
        NULL,
        NULL,
        NULL,
        level,
        message
    FROM v_console
    WHERE connection_id = {connection_id:String}
        AND session_id = {session_id:UUID}
        AND level IN ('error', 'assert')

    UNION ALL

    SELECT
        'custom',
        window_id,
        toUnixTimestamp64Milli(timestamp),
        NULL,
        NULL,
        NULL,
        NULL,
        toValidUTF8(tag),
        JSONExtractRaw(data, 'payload')
    FROM events
    FINAL
    WHERE connection_id = {connection_id:String}
        AND session_id = {session_id:UUID}
        AND type = 5
        AND ifNull(tag, '') != 'url-change'

    UNION ALL

    SELECT
        'idle',
        window_id_before,
        at_ms - idle_ms_before,
        at_ms,
        NULL,
        NULL,
        NULL,
        NULL,
        NULL
    FROM activity
    WHERE idle_ms_before >= {idle_after_ms:UInt32}

    UNION ALL

    SELECT
        'window_change',
        window_id,
        at_ms,
        NULL,
        NULL,
        NULL,
        NULL,
        NULL,
        NULL
    FROM activity
    WHERE window_id != window_id_before
)
WHERE at_ms >= {from_at:Int64}
ORDER BY
    at_ms,
    kind,
    window_id,
    node_id,
    text
LIMIT {limit:UInt32}
"""


class Thresholds(FrictionThresholds, frozen=True, kw_only=True):
    """From when on something is what it is called."""

    idle_after_ms: int = 10_000
    """A visitor who does nothing for so long is idle."""
    input_pause_ms: int = 2_000
    """Typing into one field is one input until a pause that is longer than this."""


class ItemRow(msgspec.Struct, frozen=True, kw_only=True):
    """`*_at_ms` are ms since the epoch on the visitor's clock; x and y are CSS pixels of the viewport."""

    kind: Kind
    window_id: str
    at_ms: int
    until_at_ms: int | None
    node_id: int | None
    x: float | None
    y: float | None
    name: str | None
    text: str | None


class TimelineRepository:
    def __init__(self, clickhouse: ClickHouse) -> None:
        self._clickhouse = clickhouse

    async def items(
        self, *, connection_id: str, session_id: str, thresholds: Thresholds, from_at: int, limit: int
    ) -> list[ItemRow]:
        """In order of time, those of the same ms by kind, window, node and text.

        Raises:
            Refusal: clickhouse_unavailable, query_timeout.
        """
        parameters = {
            "connection_id": connection_id,
            "session_id": session_id,
            "from_at": from_at,
            "limit": limit,
            "text_characters": TEXT_CHARACTERS,
            **msgspec.structs.asdict(thresholds),
        }
        return await self._clickhouse.select("timeline", TIMELINE, parameters, ItemRow)
