"""Which records are possible. What is not goes to the dead letters and moves neither state nor watermark.

The bounds are those of the tables (a Date, a DateTime64, a UInt32) and of the record key; the collector
keeps tighter ones of its own.
"""

from schemas.envelope import Batch, Erasure, Tick, visitor_key
from sessionizer.core.effects import Rejected
from sessionizer.core.record import Record

DAY_MS = 86_400_000
LAST_RECEIVED_AT = 55_000 * DAY_MS - 1
"""In the year 2120: with the longest retention added it still is a Date."""
LAST_CLIENT_AT = 10_413_791_999_999
"""End of 2299, where DateTime64 ends."""
LAST_SEQ = 2**53 - 1
"""The largest integer that a browser counts to."""
MOST_EVENTS = 2**32 - 1
MOST_BYTES = 2**40
LONGEST_SETTING_MS = 366 * DAY_MS
LONGEST_RETENTION_DAYS = 10_000
HASH_BYTES = 8
BATCH_ID_BYTES = 16
ID_BYTES = 16
"""Of a session and of an erasure: both are UUIDs."""


def impossible_tick(record: Record, tick: Tick) -> Rejected | None:
    """Why this tick is refused; None where it is possible."""
    if record.key is not None:
        return Rejected(record.offset, "wrong_key", f"a tick has no key, not {record.key!r}")
    if 0 <= tick.received_at <= LAST_RECEIVED_AT:
        return None
    return Rejected(record.offset, "impossible_time", f"received_at {tick.received_at}")


def impossible_erasure(record: Record, erasure: Erasure) -> Rejected | None:
    """Why this erasure is refused; None where it is possible."""
    if record.key != visitor_key(erasure.connection, erasure.visitor):
        detail = f"{record.key!r} is not the key of {erasure.connection}/{erasure.visitor}"
        return Rejected(record.offset, "wrong_key", detail)
    if "/" in erasure.connection or not (erasure.connection and erasure.visitor and erasure.tenant):
        return Rejected(record.offset, "impossible_identity", "an empty id, or a connection with a slash")
    if len(erasure.erasure_id) != ID_BYTES or len(erasure.session_id or bytes(ID_BYTES)) != ID_BYTES:
        return Rejected(record.offset, "impossible_identity", f"an id that has not {ID_BYTES} bytes")
    first_at, last_at = erasure.first_at, erasure.last_at
    has_span = first_at is not None and last_at is not None
    if not (
        0 <= erasure.received_at <= LAST_RECEIVED_AT
        and (has_span or first_at is last_at)
        and 0 <= (first_at or 0) <= (last_at or 0) <= LAST_RECEIVED_AT
        and (erasure.session_id is not None or not has_span)
    ):
        detail = f"received_at {erasure.received_at}, first_at {first_at}, last_at {last_at}"
        return Rejected(record.offset, "impossible_time", detail)
    return None


def impossible_batch(record: Record, batch: Batch) -> Rejected | None:
    """Why this batch is refused; None where it is possible."""
    if _is_possible(batch) and record.key == visitor_key(batch.connection, batch.visitor):
        return None
    return _why_impossible(record, batch)


def _is_possible(batch: Batch) -> bool:
    """All that `_why_impossible` asks, but for the key, in one go: nearly every batch is possible."""
    first_at, last_at, seq = batch.first_at, batch.last_at, batch.seq
    return (
        (seq is None or 0 <= seq <= LAST_SEQ)
        and 0 <= first_at <= last_at <= LAST_CLIENT_AT
        and 0 <= batch.received_at <= LAST_RECEIVED_AT
        and 1 <= batch.events <= MOST_EVENTS
        and 0 <= batch.raw_bytes <= MOST_BYTES
        and 1 <= batch.gap_ms <= LONGEST_SETTING_MS
        and 1 <= batch.max_session_ms <= LONGEST_SETTING_MS
        and 1 <= batch.retention_days <= LONGEST_RETENTION_DAYS
        and len(batch.batch_id) == BATCH_ID_BYTES
        and (batch.sent_at is None or 0 <= batch.sent_at <= LAST_CLIENT_AT)
        and (batch.meta_at is None or first_at <= batch.meta_at <= last_at)
        and (batch.event_hashes is None or len(batch.event_hashes) == HASH_BYTES * batch.events)
        and (not batch.full_snapshots_at or _within(batch))
        and batch.connection != ""
        and batch.visitor != ""
        and batch.window != ""
        and batch.tenant != ""
        and "/" not in batch.connection
    )


def _within(batch: Batch) -> bool:
    return all(batch.first_at <= at <= batch.last_at for at in batch.full_snapshots_at)


def _why_impossible(record: Record, batch: Batch) -> Rejected | None:
    if record.key != visitor_key(batch.connection, batch.visitor):
        detail = f"{record.key!r} is not the key of {batch.connection}/{batch.visitor}"
        return Rejected(record.offset, "wrong_key", detail)
    if "/" in batch.connection or not (batch.connection and batch.visitor and batch.window and batch.tenant):
        return Rejected(record.offset, "impossible_identity", "an empty id, or a connection with a slash")
    if len(batch.batch_id) != BATCH_ID_BYTES:
        return Rejected(record.offset, "impossible_identity", f"batch id of {len(batch.batch_id)} bytes")
    if batch.seq is not None and not 0 <= batch.seq <= LAST_SEQ:
        return Rejected(record.offset, "impossible_identity", f"seq {batch.seq}")
    if not _times_possible(batch):
        return Rejected(record.offset, "impossible_time", _times(batch))
    if not (1 <= batch.events <= MOST_EVENTS and 0 <= batch.raw_bytes <= MOST_BYTES):
        detail = f"{batch.events} events of {batch.raw_bytes} bytes"
        return Rejected(record.offset, "impossible_count", detail)
    if batch.event_hashes is not None and len(batch.event_hashes) != HASH_BYTES * batch.events:
        detail = f"{len(batch.event_hashes)} bytes of hashes for {batch.events} events"
        return Rejected(record.offset, "impossible_count", detail)
    if not (
        1 <= batch.gap_ms <= LONGEST_SETTING_MS
        and 1 <= batch.max_session_ms <= LONGEST_SETTING_MS
        and 1 <= batch.retention_days <= LONGEST_RETENTION_DAYS
    ):
        detail = f"gap_ms {batch.gap_ms}, max_session_ms {batch.max_session_ms}, days {batch.retention_days}"
        return Rejected(record.offset, "impossible_setting", detail)
    return None


def _times_possible(batch: Batch) -> bool:
    return (
        0 <= batch.received_at <= LAST_RECEIVED_AT
        and 0 <= batch.first_at <= batch.last_at <= LAST_CLIENT_AT
        and (batch.sent_at is None or 0 <= batch.sent_at <= LAST_CLIENT_AT)
        and (batch.meta_at is None or batch.first_at <= batch.meta_at <= batch.last_at)
        and _within(batch)
    )


def _times(batch: Batch) -> str:
    return (
        f"received_at {batch.received_at}, sent_at {batch.sent_at}, first_at {batch.first_at}, "
        f"last_at {batch.last_at}, meta_at {batch.meta_at}, full_snapshots_at {batch.full_snapshots_at}"
    )
