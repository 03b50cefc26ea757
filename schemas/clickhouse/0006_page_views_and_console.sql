-- A page view is a page that a window came to: one that was loaded (rrweb's Meta), or a move inside an app, which
-- the recorder writes as the custom event url-change. Every full snapshot repeats the Meta, so the address that the
-- window is at already counts once; loading the same address again does not show.
CREATE OR REPLACE VIEW v_page_views AS
SELECT
    connection_id,
    session_id,
    window_id,
    timestamp,
    url,
    host,
    url_path,
    in_app
FROM
(
    SELECT
        connection_id,
        session_id,
        window_id,
        timestamp,
        if(type = 4, assumeNotNull(href), JSONExtractString(data, 'payload', 'href')) AS url,
        domain(url) AS host,
        path(url) AS url_path,
        type = 5 AS in_app,
        lagInFrame(url) OVER (
            PARTITION BY connection_id, session_id, window_id
            ORDER BY timestamp, seq, batch_id, idx
            ROWS BETWEEN 1 PRECEDING AND CURRENT ROW
        ) AS url_before
    FROM events
    FINAL
    WHERE (type = 4 AND href IS NOT NULL) OR (type = 5 AND tag = 'url-change' AND JSONType(data, 'payload', 'href') = 'String')
)
WHERE url != url_before AND url != '';

-- What the page wrote to its console, and exceptions that nobody caught: rrweb's console plugin, each part a text.
CREATE VIEW IF NOT EXISTS v_console AS
SELECT
    connection_id,
    session_id,
    window_id,
    timestamp,
    assumeNotNull(level) AS level,
    arrayStringConcat(
        arrayMap(
            part -> if(startsWith(part, '"'), JSONExtractString(part), part),
            JSONExtract(data, 'payload', 'payload', 'Array(String)')
        ),
        ' '
    ) AS message,
    JSONExtract(data, 'payload', 'trace', 'Array(String)') AS trace
FROM events
FINAL
WHERE type = 6 AND level IS NOT NULL AND JSONExtractString(data, 'plugin') = 'rrweb/console@1';
