-- A row a session version; the highest version is the session. Read with FINAL, or through v_sessions.
CREATE TABLE IF NOT EXISTS sessions
(
    tenant_id         String,
    connection_id     String,
    session_id        UUID,
    visitor_id        String,
    started_at        DateTime64(3, 'UTC') COMMENT 'start of its first batch to arrive, on the collector''s clock; never changes',
    first_event_at    DateTime64(3, 'UTC') COMMENT 'start of its span, on the collector''s clock',
    last_event_at     DateTime64(3, 'UTC') COMMENT 'end of its span, on the collector''s clock',
    status            Enum8('active' = 1, 'completed' = 2),
    completed_at      Nullable(DateTime64(3, 'UTC')) COMMENT 'when the rule that completed it fell due, on the collector''s clock',
    completion_reason LowCardinality(String) COMMENT 'inactivity, max_duration or ended; empty while active',
    landing_url       String,
    user_agent        String,
    browser           LowCardinality(String),
    os                LowCardinality(String),
    device            LowCardinality(String),
    country           LowCardinality(String),
    events            UInt64,
    batches           UInt64,
    raw_bytes         UInt64,
    replayable        Bool COMMENT 'some window has a Meta followed by a FullSnapshot',
    windows           Nested
    (
        id           String,
        first_at     DateTime64(3, 'UTC'),
        last_at      DateTime64(3, 'UTC'),
        skew_ms      Int64,
        events       UInt64,
        batches      UInt64,
        playable_at  Nullable(DateTime64(3, 'UTC')),
        missing      UInt64,
        missing_seqs Array(Int64),
        ended        Bool
    ),
    partition         UInt16,
    expires_on        Date,
    version           UInt64
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(expires_on)
ORDER BY (connection_id, started_at, session_id)
TTL expires_on
SETTINGS
    non_replicated_deduplication_window = 10000,
    ttl_only_drop_parts = 1;
