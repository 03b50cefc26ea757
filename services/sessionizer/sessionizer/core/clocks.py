"""Event time: a visitor's clock put on the collector's (design.md section 6, before rule 1)."""

from schemas.envelope import Batch


def own_skew_ms(batch: Batch) -> int:
    """What this batch itself tells of its visitor's clock: `received_at − sent_at`, 0 without `sent_at`."""
    return 0 if batch.sent_at is None else batch.received_at - batch.sent_at


def event_time(batch: Batch, skew_ms: int) -> int:
    """The batch's `t` in ms: `last_at + skew`, clamped so that nothing happens after it was received."""
    return max(0, min(batch.last_at + skew_ms, batch.received_at))


def start_time(batch: Batch, at: int) -> int:
    """The batch's first event on the collector's clock, where its last is `at`.

    One event with a senseless timestamp must not stretch a session, so a batch is no longer than the maximum.
    """
    return max(0, at - min(batch.last_at - batch.first_at, batch.max_session_ms))
