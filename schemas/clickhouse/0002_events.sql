-- A row an event, for SQL, filled from `recordings` by the view below; it can be rebuilt from there at any time.
-- The window of its own is a must: without it a repeated insert is dropped from `recordings` and doubled here.
CREATE TABLE IF NOT EXISTS events
(
    connection_id String,
    session_id    UUID,
    window_id     String,
    timestamp     DateTime64(3, 'UTC') COMMENT 'the visitor''s clock',
    seq           Int64,
    batch_id      FixedString(16),
    idx           UInt32 COMMENT 'position in the batch, from 0',
    type          UInt16 COMMENT 'rrweb EventType',
    source        Nullable(UInt8) COMMENT 'rrweb IncrementalSource, where type = 3',
    interaction   Nullable(UInt8) COMMENT 'rrweb MouseInteractions, where source = 2',
    node_id       Nullable(Int32),
    x             Nullable(Float32),
    y             Nullable(Float32),
    href          Nullable(String) COMMENT 'where type = 4',
    tag           LowCardinality(Nullable(String)) COMMENT 'where type = 5',
    level         LowCardinality(Nullable(String)) COMMENT 'of a console event, where type = 6',
    bytes         UInt32,
    data          String COMMENT 'the event''s data, except full snapshots and mutations' CODEC(ZSTD(3)),
    skew_ms       Int64,
    expires_on    Date
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(expires_on)
ORDER BY (connection_id, session_id, window_id, timestamp, seq, batch_id, idx)
TTL expires_on
SETTINGS
    non_replicated_deduplication_window = 10000,
    -- Payloads are big and compressed hard: a merge of more parts at once writes them fewer times.
    merge_selector_base = 16,
    ttl_only_drop_parts = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS recordings_to_events TO events AS
WITH
    -- One parse a batch: the typed fields, and beside them each event's own text.
    JSONExtract(
        concat('[', payload, ']'),
        'Array(Tuple(type UInt16, timestamp Float64, data Tuple(source Nullable(UInt8), type Nullable(UInt8), id Nullable(Int32), x Nullable(Float32), y Nullable(Float32), href Nullable(String), tag Nullable(String), payload Tuple(level Nullable(String)))))'
    ) AS typed,
    JSONExtractArrayRaw(concat('[', payload, ']')) AS raws
SELECT
    connection_id,
    session_id,
    window_id,
    fromUnixTimestamp64Milli(toInt64(event.timestamp), 'UTC') AS timestamp,
    seq,
    batch_id,
    toUInt32(position - 1) AS idx,
    event.type AS type,
    if(type = 3, event.data.source, NULL) AS source,
    if(type = 3 AND source = 2, event.data.type, NULL) AS interaction,
    if(type = 3, event.data.id, NULL) AS node_id,
    if(type = 3, event.data.x, NULL) AS x,
    if(type = 3, event.data.y, NULL) AS y,
    if(type = 4, event.data.href, NULL) AS href,
    if(type = 5, event.data.tag, NULL) AS tag,
    if(type = 6, event.data.payload.level, NULL) AS level,
    toUInt32(length(raw)) AS bytes,
    if(type = 2 OR (type = 3 AND source = 0), '', JSONExtractRaw(raw, 'data')) AS data,
    skew_ms,
    expires_on
FROM recordings
ARRAY JOIN
    typed AS event,
    raws AS raw,
    arrayEnumerate(typed) AS position;
