"""The other layout, beside which ours is measured: a row an event. As good as we could make it.

All columns but the text are as small as codecs make them; a granule holds about as much JSON as one of
`recordings`.
"""

from collections.abc import Iterator

from benchmarks.query.corpus import GrownBatch
from sessionizer.sink.row_binary import Pieces, row_writer

TABLE = "event_rows"

DDL = f"""
CREATE TABLE IF NOT EXISTS {TABLE}
(
    connection_id String CODEC(ZSTD(1)),
    session_id    UUID CODEC(ZSTD(1)),
    window_id     String CODEC(ZSTD(1)),
    timestamp     DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    seq           Int64 CODEC(Delta, ZSTD(1)),
    idx           UInt32 CODEC(Delta, ZSTD(1)),
    event         String CODEC(ZSTD(3)),
    expires_on    Date CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(expires_on)
ORDER BY (connection_id, session_id, window_id, timestamp, seq, idx)
TTL expires_on
SETTINGS
    index_granularity = 1024,
    min_bytes_for_wide_part = 1073741824,
    non_replicated_deduplication_window = 10000,
    merge_selector_base = 16,
    ttl_only_drop_parts = 1
"""

COLUMNS = {
    "connection_id": "String",
    "session_id": "UUID",
    "window_id": "String",
    "timestamp": "DateTime64(3, 'UTC')",
    "seq": "Int64",
    "idx": "UInt32",
    "event": "String",
    "expires_on": "Date",
}
_write = row_writer(list(COLUMNS.values()))


def event_rows(batch: GrownBatch) -> Iterator[Pieces]:
    """A row an event, in the event's own bytes."""
    assigned = batch.assigned
    facts = assigned.batch
    seq = -1 if facts.seq is None else facts.seq
    for idx, (at, text) in enumerate(batch.events()):
        yield _write(
            (facts.connection, assigned.session_id, facts.window, at, seq, idx, text, assigned.expires_on)
        )
