"""The rows of `recordings` (schemas/clickhouse/0001_recordings.sql): a row a batch, its text in it."""

from sessionizer.core.effects import Assigned
from sessionizer.sink.payload import in_order, without_events
from sessionizer.sink.row_binary import Pieces, row_writer

TABLE = "recordings"
COLUMNS = {
    "connection_id": "String",
    "session_id": "UUID",
    "window_id": "String",
    "first_at": "DateTime64(3, 'UTC')",
    "seq": "Int64",
    "batch_id": "FixedString(16)",
    "last_at": "DateTime64(3, 'UTC')",
    "received_at": "DateTime64(3, 'UTC')",
    "partition": "UInt16",
    "offset": "Int64",
    "skew_ms": "Int64",
    "events": "UInt32",
    "raw_bytes": "UInt64",
    "full_snapshots_at": "Array(DateTime64(3, 'UTC'))",
    "payload": "String",
    "in_order": "Bool",
    "expires_on": "Date",
}
"""The columns that are written, with their types; the others have defaults that the engine fills."""

WITHOUT_SEQ = -1

_write = row_writer(list(COLUMNS.values()))


def recording_row(assigned: Assigned, partition: int, text: bytes) -> Pieces:
    """One row in RowBinary, as pieces to be joined.

    Args:
        text: the batch's events, comma-separated, as `sink.payload.events_text` gives them.

    Raises:
        UndecodablePayload: events are to be taken out (rule 6) of a text that is no JSON.
        Unwritable: a value does not fit its column.
    """
    batch = assigned.batch
    return _write(
        (
            batch.connection,
            assigned.session_id,
            batch.window,
            batch.first_at,
            WITHOUT_SEQ if batch.seq is None else batch.seq,
            batch.batch_id,
            batch.last_at,
            batch.received_at,
            partition,
            assigned.offset,
            assigned.skew_ms,
            assigned.events,
            assigned.raw_bytes,
            batch.full_snapshots_at,
            without_events(text, assigned.taken_out) if assigned.taken_out else text,
            in_order(text) if batch.in_order is None else batch.in_order,
            assigned.expires_on,
        )
    )
