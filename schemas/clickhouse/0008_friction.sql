-- Friction, and when a visitor was busy. From when on something is what it is called is a parameter, so it applies to
-- the past too: SELECT … FROM v_rage_clicks(rage_clicks = 3, rage_within_ms = 1000, rage_radius_px = 30) WHERE
-- connection_id = … . A condition on connection or session reads only that stretch of the events.
--
-- A row of `events` that was inserted twice changes nothing: clicks are taken once.

-- As many clicks of one window as it takes, in time and near one another; a row a burst, however many follow in it.
-- A click that tells no place is at the others' place. A double click comes behind its two clicks and is none.
CREATE VIEW IF NOT EXISTS v_rage_clicks AS
SELECT
    connection_id,
    session_id,
    window_id,
    first_at AS timestamp,
    clicked_at AS ended_at,
    node_id,
    x,
    y
FROM
(
    SELECT
        connection_id,
        session_id,
        window_id,
        first_at,
        clicked_at,
        node_id,
        x,
        y,
        burst,
        lagInFrame(burst, 1, 0) OVER (
            PARTITION BY connection_id, session_id, window_id
            ORDER BY clicked_at, seq, batch_id, idx
            ROWS BETWEEN 1 PRECEDING AND CURRENT ROW
        ) AS burst_before
    FROM
    (
        SELECT
            connection_id,
            session_id,
            window_id,
            clicked_at,
            seq,
            batch_id,
            idx,
            node_id,
            x,
            y,
            min(clicked_at) OVER so_many AS first_at,
            toUInt8(
                count() OVER so_many = {rage_clicks:UInt32}
                AND dateDiff('millisecond', first_at, clicked_at) <= {rage_within_ms:UInt32}
                AND ifNull(max(x) OVER so_many - min(x) OVER so_many, 0) <= {rage_radius_px:UInt32}
                AND ifNull(max(y) OVER so_many - min(y) OVER so_many, 0) <= {rage_radius_px:UInt32}
            ) AS burst
        FROM
        (
            SELECT DISTINCT
                connection_id,
                session_id,
                window_id,
                timestamp AS clicked_at,
                seq,
                batch_id,
                idx,
                node_id,
                x,
                y
            FROM events
            WHERE type = 3 AND source = 2 AND interaction = 2
        )
        WINDOW so_many AS (
            PARTITION BY connection_id, session_id, window_id
            ORDER BY clicked_at, seq, batch_id, idx
            ROWS BETWEEN {rage_clicks:UInt32} - 1 PRECEDING AND CURRENT ROW
        )
    )
)
WHERE burst AND NOT burst_before;

-- A click after which, for longer than the time, its window is recorded and does not react. A page, a custom event, and
-- each change, scroll, input, selection and medium is a reaction; a mouse that moves, a finger, the console and a click
-- itself are none. The focus that a click gives comes just before it. A click into a field that takes input never is
-- dead.
CREATE VIEW IF NOT EXISTS v_dead_clicks AS
SELECT
    connection_id,
    session_id,
    window_id,
    clicked_at AS timestamp,
    node_id,
    x,
    y
FROM
(
    SELECT DISTINCT
        connection_id,
        session_id,
        window_id,
        clicked_at,
        seq,
        batch_id,
        idx,
        node_id,
        x,
        y
    FROM
    (
        SELECT
            connection_id,
            session_id,
            window_id,
            timestamp AS clicked_at,
            seq,
            batch_id,
            idx,
            node_id,
            x,
            y,
            unanswered,
            countIf(typed) OVER (PARTITION BY connection_id, session_id, window_id, node_id) AS inputs
        FROM
        (
            SELECT
                connection_id,
                session_id,
                window_id,
                timestamp,
                seq,
                batch_id,
                idx,
                node_id,
                x,
                y,
                typed,
                click
                    AND ifNull(min(reacted_at_ms) OVER later, max(at_ms) OVER later) - at_ms
                        > {dead_after_ms:UInt32} AS unanswered
            FROM
            (
                SELECT
                    connection_id,
                    session_id,
                    window_id,
                    timestamp,
                    seq,
                    batch_id,
                    idx,
                    node_id,
                    x,
                    y,
                    toUnixTimestamp64Milli(timestamp) AS at_ms,
                    type = 3 AND ifNull(source = 2 AND interaction = 2, 0) AS click,
                    type = 3 AND ifNull(source = 2 AND interaction = 5, 0) AS focus,
                    type = 3 AND ifNull(source = 5, 0) AS typed,
                    if(
                        focus
                        OR type IN (2, 4, 5)
                        OR (type = 3 AND ifNull(source NOT IN (1, 2, 6, 11, 12), 0)),
                        at_ms,
                        NULL
                    ) AS reacted_at_ms
                FROM events
            )
            WINDOW later AS (
                PARTITION BY connection_id, session_id, window_id
                ORDER BY at_ms + if(focus, 100, 0) DESC, seq DESC, batch_id DESC, idx DESC
                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            )
        )
        WHERE unanswered OR typed
    )
    WHERE unanswered AND inputs = 0
);

-- Back at the page before, after a look at another that was no longer than the time.
CREATE VIEW IF NOT EXISTS v_quick_backs AS
SELECT
    connection_id,
    session_id,
    window_id,
    timestamp,
    url,
    came_to_other_at
FROM
(
    SELECT
        connection_id,
        session_id,
        window_id,
        timestamp,
        url,
        lagInFrame(timestamp, 1) OVER pages AS came_to_other_at,
        lagInFrame(url, 2) OVER pages AS url_before_that
    FROM v_page_views
    WINDOW pages AS (
        PARTITION BY connection_id, session_id, window_id
        ORDER BY timestamp
        ROWS BETWEEN 2 PRECEDING AND CURRENT ROW
    )
)
WHERE url = url_before_that
    AND dateDiff('millisecond', came_to_other_at, timestamp) <= {quick_back_within_ms:UInt32};

-- The stretches in which a visitor did something: one ends where the visitor goes to another window, or does nothing
-- for the time or longer. What the page does by itself is nothing of the visitor's.
CREATE VIEW IF NOT EXISTS v_session_activity AS
SELECT
    connection_id,
    session_id,
    window_id,
    min(act_at) AS timestamp,
    max(act_at) AS ended_at,
    count() AS acts,
    argMin(window_before, place) AS window_id_before,
    argMin(idle_ms, place) AS idle_ms_before
FROM
(
    SELECT
        connection_id,
        session_id,
        window_id,
        act_at,
        window_before,
        idle_ms,
        (act_at, window_id, seq, batch_id, idx) AS place,
        sum(window_id != window_before OR idle_ms >= {idle_after_ms:UInt32}) OVER (
            PARTITION BY connection_id, session_id
            ORDER BY act_at, window_id, seq, batch_id, idx
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS stretch
    FROM
    (
        SELECT
            connection_id,
            session_id,
            window_id,
            timestamp AS act_at,
            seq,
            batch_id,
            idx,
            lagInFrame(window_id, 1, window_id) OVER acts AS window_before,
            dateDiff('millisecond', lagInFrame(timestamp, 1, timestamp) OVER acts, timestamp) AS idle_ms
        FROM events
        FINAL
        WHERE type = 3 AND source IN (1, 2, 3, 5, 6, 12, 14)
        WINDOW acts AS (
            PARTITION BY connection_id, session_id
            ORDER BY timestamp, window_id, seq, batch_id, idx
            ROWS BETWEEN 1 PRECEDING AND CURRENT ROW
        )
    )
)
GROUP BY
    connection_id,
    session_id,
    stretch,
    window_id;
