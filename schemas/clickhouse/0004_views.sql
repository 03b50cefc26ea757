-- For analysts. Times of events are on the visitor's clock; add skew_ms for the collector's.
CREATE VIEW IF NOT EXISTS v_sessions AS
SELECT
    *,
    dateDiff('millisecond', first_event_at, last_event_at) AS duration_ms
FROM sessions
FINAL;

CREATE VIEW IF NOT EXISTS v_page_views AS
SELECT
    connection_id,
    session_id,
    window_id,
    timestamp,
    assumeNotNull(href) AS url,
    domain(url) AS host,
    path(url) AS url_path
FROM events
FINAL
WHERE type = 4 AND href IS NOT NULL;

CREATE VIEW IF NOT EXISTS v_clicks AS
SELECT
    connection_id,
    session_id,
    window_id,
    timestamp,
    assumeNotNull(node_id) AS node_id,
    x,
    y,
    interaction = 4 AS double_click
FROM events
FINAL
WHERE type = 3 AND source = 2 AND interaction IN (2, 4);
