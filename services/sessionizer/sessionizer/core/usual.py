"""The usual batch, in one go: the next of a known window of the visitor's active session.

Nearly every batch is one, and its way through the rules costs several times as much. What is done here is
what the rules do where nothing is due, late or missing, and only counts and the end of the span change; every
condition below rules out one of the other cases. A property test runs logs both ways.
"""

from schemas.envelope import Batch
from sessionizer.core.effects import Assigned, Effects
from sessionizer.core.state import Shard, Visitor


def took_usual(
    shard: Shard, offset: int, key: bytes, visitor: Visitor, batch: Batch, effects: Effects
) -> bool:
    """Take the batch if it is a usual one; false, with nothing changed, where the rules must look at it."""
    session = visitor.active
    seq = batch.seq
    if (
        session is None
        or seq is None
        # Rule 10, rule 9 and the end of a window (rule 3).
        or batch.full_snapshots_at
        or batch.meta_at is not None
        or batch.final
        # A completed session could be nearer (rule 1), or an erased one (rule 11).
        or visitor.completed
        or visitor.erased
        # Something is due (rules 2, 3, 5 and 11).
        or shard.watermark >= visitor.due
    ):
        return False
    name = batch.window
    seen = visitor.seen.get(name)
    # Rules 6 and 7: it follows the highest seq, so it was not seen, passes none over and closes none.
    if seen is None or not seen.seqs or seen.seqs[-1] != seq:
        return False
    for window in session.windows:
        if window.id == name:
            break
    else:
        return False
    last_at = batch.last_at
    at = last_at + window.skew_ms
    if at > batch.received_at:
        at = batch.received_at
    first_at = session.first_at
    # Rules 1 and 2: within the span, or after it by less than the gap and the maximum.
    if (
        at - (last_at - batch.first_at) < first_at
        or at >= session.last_at + session.gap_ms
        or at - first_at >= session.max_session_ms
    ):
        return False

    if at > session.last_at:
        session.last_at = at
    events, raw_bytes = batch.events, batch.raw_bytes
    session.events += events
    session.batches += 1
    session.raw_bytes += raw_bytes
    session.touched_watermark = shard.watermark
    if session.visitor_id is None:
        session.visitor_id = batch.visitor_id
    window.highest_seq = seq
    window.ended = False
    if batch.first_at < window.first_at:
        window.first_at = batch.first_at
    if last_at > window.last_at:
        window.last_at = last_at
    window.events += events
    window.batches += 1
    seen.seqs[-1] = seq + 1
    # As `Effects.session_changed` has it.
    session.version += 1
    visitor.changes += 1
    effects.touched[session.id] = key, session
    effects.changed[key] = None
    effects.assigned.append(
        Assigned(offset, session.id, at - last_at, session.expires_on, events, raw_bytes, batch)
    )
    counts = effects.counts
    counts.batches += 1
    counts.events += events
    return True
