"""What happened in a session, found in the rows of its events; all SQL about it is here.

Every part names connection and session, so it reads that session's stretch of the primary key, and of the
columns those that it needs: `data`, by far the largest, only for events that say something in words. All
times are the visitor's clock, which is one for all windows of a session.
"""

from typing import Literal

import msgspec

from query_api.clickhouse import ClickHouse

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

# rrweb's sources: 0 mutation, 1 mouse move, 2 mouse interaction, 3 scroll, 5 input, 6 touch move, 7 media,
# 8 and 13 style, 12 drag, 14 selection; interactions of source 2: 2 click, 4 double click, 5 focus.
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
    reactions AS (
        SELECT
            window_id,
            at_ms
        FROM typed
        WHERE type IN (2, 4, 5)
            OR (type = 3 AND source IN (0, 3, 5, 7, 8, 13))
            OR (type = 3 AND source = 2 AND interaction = 5)
    ),
    ends AS (
        SELECT
            window_id,
            max(at_ms) AS last_at_ms
        FROM typed
        GROUP BY window_id
    ),
    activity AS (
        SELECT
            window_id,
            at_ms,
            lagInFrame(at_ms, 1, at_ms) OVER everything AS before_at_ms,
            lagInFrame(window_id, 1, window_id) OVER everything AS before_window_id
        FROM typed
        WHERE type = 3 AND source IN (1, 2, 3, 5, 6, 12, 14)
        WINDOW everything AS (
            ORDER BY at_ms, window_id, seq, batch_id, idx
            ROWS BETWEEN 1 PRECEDING AND CURRENT ROW
        )
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

    -- The first of a burst: as many clicks as it takes, near one another, each of them within the time.
    SELECT
        'rage_click',
        window_id,
        first_at_ms,
        at_ms,
        node_id,
        x,
        y,
        NULL,
        NULL
    FROM
    (
        SELECT
            *,
            lagInFrame(burst, 1, 0) OVER (
                PARTITION BY window_id
                ORDER BY at_ms
                ROWS BETWEEN 1 PRECEDING AND CURRENT ROW
            ) AS burst_before
        FROM
        (
            SELECT
                *,
                groupArray((at_ms, x, y)) OVER (
                    PARTITION BY window_id
                    ORDER BY at_ms
                    ROWS BETWEEN 20 PRECEDING AND CURRENT ROW
                ) AS latest,
                arraySlice(latest, -toInt64({rage_clicks:UInt32})) AS needed,
                needed[1].1 AS first_at_ms,
                toUInt8(
                    length(needed) = {rage_clicks:UInt32}
                    AND at_ms - first_at_ms <= {rage_within_ms:UInt32}
                    AND arrayAll(
                        click -> ifNull(abs(click.2 - x) <= {rage_within_px:UInt32}, 1)
                            AND ifNull(abs(click.3 - y) <= {rage_within_px:UInt32}, 1),
                        needed
                    )
                ) AS burst
            FROM clicks
        )
    )
    WHERE burst AND NOT burst_before

    UNION ALL

    -- Nothing came of it in time, and the window was still recorded by then.
    SELECT
        'dead_click',
        c.window_id,
        c.at_ms,
        NULL,
        c.node_id,
        c.x,
        c.y,
        NULL,
        NULL
    FROM
    (
        SELECT
            c.window_id AS window_id,
            c.at_ms AS at_ms,
            c.node_id AS node_id,
            c.x AS x,
            c.y AS y,
            if(r.at_ms = 0, NULL, r.at_ms) AS reaction_at_ms
        FROM (SELECT *, at_ms - 100 AS since_ms FROM clicks) AS c
        ASOF LEFT JOIN reactions AS r ON c.window_id = r.window_id AND r.at_ms >= c.since_ms
    ) AS c
    INNER JOIN ends ON ends.window_id = c.window_id
    WHERE ends.last_at_ms >= c.at_ms + {dead_after_ms:UInt32}
        AND ifNull(c.reaction_at_ms > c.at_ms + {dead_after_ms:UInt32}, 1)

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

    -- Back at the page before, after a look at another that was short.
    SELECT
        'quick_back',
        window_id,
        at_ms,
        NULL,
        NULL,
        NULL,
        NULL,
        NULL,
        url
    FROM
    (
        SELECT
            *,
            lagInFrame(at_ms, 1, 0) OVER pages AS left_at_ms,
            lagInFrame(url, 2) OVER pages AS url_before_that
        FROM page_views
        WINDOW pages AS (
            PARTITION BY window_id
            ORDER BY at_ms
            ROWS BETWEEN 2 PRECEDING AND CURRENT ROW
        )
    )
    WHERE url = url_before_that AND at_ms - left_at_ms <= {quick_back_within_ms:UInt32}

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
        before_window_id,
        before_at_ms,
        at_ms,
        NULL,
        NULL,
        NULL,
        NULL,
        NULL
    FROM activity
    WHERE at_ms - before_at_ms >= {idle_after_ms:UInt32}

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
    WHERE window_id != before_window_id
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


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """From when on something is what it is called."""

    rage_clicks: int
    rage_within_ms: int
    rage_within_px: int
    dead_after_ms: int
    quick_back_within_ms: int
    idle_after_ms: int
    input_pause_ms: int


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
