-- Who is erased is named as the log names it: the client's own name for its visitor is not in the record key.
ALTER TABLE sessions ADD COLUMN IF NOT EXISTS visitor String DEFAULT visitor_id COMMENT 'as in the record key' AFTER session_id;

-- A row a record of an erasure, without the visitor: what was asked, and how much went. The receipt is made of
-- the rows with its id: who asks twice has two.
CREATE TABLE IF NOT EXISTS erasures
(
    tenant_id     String,
    connection_id String,
    erasure_id    UUID,
    scope         Enum8('visitor' = 1, 'session' = 2),
    accepted_at   DateTime64(3, 'UTC'),
    session_ids   Array(UUID) COMMENT 'of the sessions that went',
    batches       UInt64,
    events        UInt64,
    partition     UInt16,
    `offset`      Int64
)
ENGINE = ReplacingMergeTree
ORDER BY (connection_id, erasure_id, partition, `offset`)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE OR REPLACE VIEW v_sessions AS
SELECT
    *,
    dateDiff('millisecond', first_event_at, last_event_at) AS duration_ms
FROM sessions
FINAL;
