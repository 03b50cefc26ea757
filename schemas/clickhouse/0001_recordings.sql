-- A row a batch, for replay. The query API's ordered events read this table and nothing else.
CREATE TABLE IF NOT EXISTS recordings
(
    connection_id     String,
    session_id        UUID,
    window_id         String,
    first_at          DateTime64(3, 'UTC') COMMENT 'smallest event timestamp, the visitor''s clock',
    seq               Int64 COMMENT '-1 where the client numbers nothing',
    batch_id          FixedString(16),
    last_at           DateTime64(3, 'UTC') COMMENT 'largest event timestamp, the visitor''s clock',
    received_at       DateTime64(3, 'UTC') COMMENT 'the collector''s clock',
    partition         UInt16,
    `offset`          Int64 COMMENT 'with partition the order of arrival: a visitor is in one partition',
    skew_ms           Int64 COMMENT 'add to a client time to have it on the collector''s clock',
    events            UInt32,
    raw_bytes         UInt64,
    full_snapshots_at Array(DateTime64(3, 'UTC')),
    payload           String COMMENT 'the events'' JSON, comma-separated, without the brackets' CODEC(ZSTD(3)),
    -- Left out of inserts. A text that the engine cannot read counts as unordered: the reader then looks itself.
    in_order          Bool DEFAULT
        length(JSONExtract(concat('[', payload, ']'), 'Array(Tuple(timestamp Float64))').timestamp AS event_times) = events
        AND arraySort(event_times) = event_times
        COMMENT 'the timestamps of the batch''s events never go back, so its text may be passed on as it is',
    expires_on        Date
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(expires_on)
ORDER BY (connection_id, session_id, window_id, first_at, seq, batch_id)
TTL expires_on
SETTINGS
    index_granularity = 128,
    -- A block of payloads is large, its columns are many: as one file each, most of an insert is making files.
    min_bytes_for_wide_part = 1073741824,
    non_replicated_deduplication_window = 10000,
    -- Payloads are big and compressed hard: a merge of more parts at once writes them fewer times.
    merge_selector_base = 16,
    ttl_only_drop_parts = 1;
