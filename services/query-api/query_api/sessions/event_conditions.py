"""What filters ask of a session's events, as SQL: each select gives the ids of the sessions that have it.

A select reads one connection's stretch of `events`, and of that the sessions of the common table expression
`candidates` only. A row that was inserted twice changes none of the answers: a click that stands there twice
is taken once, and the others ask whether there is one at all. So none reads with FINAL.
"""

# A page was loaded (rrweb's Meta), or an app moved inside itself: what v_page_views is made of.
CAME_TO = """
    SELECT session_id
    FROM events
    PREWHERE connection_id = {connection_id:String}
        AND (type = 4 OR (type = 5 AND tag = 'url-change'))
        AND session_id IN (SELECT session_id FROM candidates)
    WHERE multiSearchAnyCaseInsensitiveUTF8(
        if(type = 4, assumeNotNull(href), JSONExtractString(data, 'payload', 'href')),
        {urls:Array(String)}
    )
"""

# As in v_console.
ERROR = """
    SELECT session_id
    FROM events
    PREWHERE connection_id = {connection_id:String}
        AND type = 6
        AND level = 'error'
        AND session_id IN (SELECT session_id FROM candidates)
    WHERE JSONExtractString(data, 'plugin') = 'rrweb/console@1'
"""

# Each click with those before it that a rage click needs. One that tells no place is at the others' place.
RAGE_CLICK = """
    SELECT session_id
    FROM
    (
        SELECT
            session_id,
            count() OVER so_many AS clicks,
            max(at) OVER so_many - min(at) OVER so_many AS within_ms,
            ifNull(max(x) OVER so_many - min(x) OVER so_many, 0) AS width,
            ifNull(max(y) OVER so_many - min(y) OVER so_many, 0) AS height
        FROM
        (
            SELECT DISTINCT
                session_id,
                window_id,
                toUnixTimestamp64Milli(timestamp) AS at,
                seq,
                batch_id,
                idx,
                x,
                y
            FROM events
            PREWHERE connection_id = {connection_id:String}
                AND type = 3
                AND source = 2
                AND interaction = 2
                AND session_id IN (SELECT session_id FROM candidates)
        )
        WINDOW so_many AS (
            PARTITION BY session_id, window_id
            ORDER BY at, seq, batch_id, idx
            ROWS BETWEEN {rage_clicks_before:UInt32} PRECEDING AND CURRENT ROW
        )
    )
    WHERE clicks > {rage_clicks_before:UInt32}
        AND within_ms <= {rage_within_ms:Int64}
        AND width <= {rage_radius_px:Float64}
        AND height <= {rage_radius_px:Float64}
"""

# A window's events in order, cut behind each reaction. Of such a piece the last event is the reaction, or the
# last of the window: until there, nothing answered the clicks in it. A mouse that moves, a finger, the
# console and a click itself are no reaction. A click into a field that takes input never is dead.
DEAD_CLICK = """
    SELECT session_id
    FROM
    (
        SELECT
            session_id,
            window_id,
            at,
            click,
            sum(reaction) OVER (
                PARTITION BY session_id, window_id
                ORDER BY timestamp, seq, batch_id, idx
                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) - reaction AS piece
        FROM
        (
            SELECT
                session_id,
                window_id,
                timestamp,
                seq,
                batch_id,
                idx,
                toUnixTimestamp64Milli(timestamp) AS at,
                type = 3
                    AND ifNull(source = 2 AND interaction = 2, 0)
                    AND (session_id, window_id, assumeNotNull(node_id)) NOT IN (
                        SELECT
                            session_id,
                            window_id,
                            assumeNotNull(node_id)
                        FROM events
                        PREWHERE connection_id = {connection_id:String}
                            AND type = 3
                            AND source = 5
                            AND session_id IN (SELECT session_id FROM candidates)
                    ) AS click,
                type IN (2, 4, 5) OR (type = 3 AND ifNull(source NOT IN (1, 2, 6, 11, 12), 0)) AS reaction
            FROM events
            PREWHERE connection_id = {connection_id:String}
                AND session_id IN (SELECT session_id FROM candidates)
        )
    )
    GROUP BY
        session_id,
        window_id,
        piece
    HAVING countIf(click) > 0
        AND max(at) - minIf(at, click) > {dead_after_ms:Int64}
"""
