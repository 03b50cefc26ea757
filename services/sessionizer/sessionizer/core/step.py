"""One record of the log, applied to its partition's state: the way of a batch through rules 1 to 11."""

from schemas.envelope import Batch, Erasure, Tick
from sessionizer.core import seqs
from sessionizer.core.admit import DAY_MS, impossible_batch, impossible_erasure, impossible_tick
from sessionizer.core.assign import home_of
from sessionizer.core.clocks import event_time, own_skew_ms, start_time
from sessionizer.core.duplicates import batch_id_seen, events_seen, remember
from sessionizer.core.effects import Assigned, Effects
from sessionizer.core.erase import erase, was_erased
from sessionizer.core.grow import grow, new_session
from sessionizer.core.identity import session_id
from sessionizer.core.lifecycle import complete, next_due, overtaken, retain, settle
from sessionizer.core.missing import arrived, is_missing, note_missing, passed_over
from sessionizer.core.record import Record
from sessionizer.core.rules import Rules
from sessionizer.core.state import NEVER, Seen, Session, Shard, Visitor, Window
from sessionizer.core.usual import took_usual


def step(shard: Shard, record: Record, effects: Effects, rules: Rules) -> None:
    """Apply one readable record; offsets rise from call to call. What follows is added to `effects`."""
    envelope = record.envelope
    if isinstance(envelope, Batch):
        rejected = impossible_batch(record, envelope)
    elif isinstance(envelope, Tick):
        rejected = impossible_tick(record, envelope)
    else:
        rejected = impossible_erasure(record, envelope)
    if rejected is not None:
        effects.rejected.append(rejected)
        return
    # Rule 3, judged at every record, so that it does not matter where blocks end.
    shard.watermark = max(shard.watermark, envelope.received_at - rules.grace_ms)
    if isinstance(envelope, Tick):
        effects.counts.ticks += 1
    elif record.key is not None:
        _step_visitor(shard, record.offset, record.key, envelope, effects, rules)


def _step_visitor(
    shard: Shard, offset: int, key: bytes, envelope: Batch | Erasure, effects: Effects, rules: Rules
) -> None:
    visitor = shard.find(key)
    if visitor is None:
        visitor = shard.add(key)
    elif offset <= visitor.offset:
        # The block was begun before a crash, and this visitor's state was written: so were its rows.
        effects.counts.repeated += 1
        return
    visitor.offset = offset
    if isinstance(envelope, Batch) and took_usual(shard, offset, key, visitor, envelope, effects):
        return
    settle(shard, key, visitor, effects, rules)
    if isinstance(envelope, Batch):
        _step_batch(shard, offset, key, visitor, envelope, effects, rules)
    else:
        erase(shard, offset, key, visitor, envelope, effects)
    due = next_due(visitor, rules)
    if due == NEVER:
        # An erasure of a session that nobody knows: there is nothing to remember of the visitor.
        due = shard.watermark
    if due < visitor.due:
        shard.schedule(key, visitor, due)


def _step_batch(
    shard: Shard, offset: int, key: bytes, visitor: Visitor, batch: Batch, effects: Effects, rules: Rules
) -> None:
    seen = visitor.seen.get(batch.window)
    taken_out: tuple[int, ...] = ()
    if seen is not None:
        if _seen_before(visitor, seen, batch):
            effects.counts.duplicate_batches += 1
            return
        if batch.seq is None:
            taken_out = events_seen(seen, batch)
            effects.counts.duplicate_events += len(taken_out)
            if len(taken_out) == batch.events:
                effects.counts.duplicate_batches += 1
                return
    events = batch.events - len(taken_out)
    raw_bytes = batch.raw_bytes if not taken_out else batch.raw_bytes * events // batch.events

    home = home_of(visitor, batch, rules)
    if was_erased(visitor, batch, home):
        effects.counts.erased += 1
        return
    if home is None:
        at = event_time(batch, own_skew_ms(batch))
        session = _start(shard, offset, key, visitor, batch, at, effects, rules)
        late = False
    else:
        session, at = home
        late = session.completed_at is not None
    if late:
        # Rule 5: it is the last touched now.
        visitor.completed.remove(session)
        visitor.completed.append(session)
        effects.counts.late += 1
    window = grow(session, batch, at, events, raw_bytes, shard.watermark)
    if seen is None:
        seen = Seen()
    visitor.seen[batch.window] = seen
    if batch.seq is not None:
        _note_seq(key, visitor, session, window, seen, batch.seq, effects)
    remember(seen, batch, taken_out)
    effects.session_changed(key, visitor, session)
    effects.assigned.append(
        Assigned(
            offset=offset,
            session_id=session.id,
            skew_ms=at - batch.last_at,
            expires_on=session.expires_on,
            events=events,
            raw_bytes=raw_bytes,
            batch=batch,
            taken_out=taken_out,
            late=late,
        )
    )
    effects.counts.batches += 1
    effects.counts.events += events


def _seen_before(visitor: Visitor, seen: Seen, batch: Batch) -> bool:
    """Rule 6: whether the batch as a whole arrived already."""
    if batch.seq is None:
        return batch_id_seen(seen, batch)
    return seqs.contains(seen.seqs, batch.seq) and not is_missing(visitor, batch.window, batch.seq)


def _start(
    shard: Shard,
    offset: int,
    key: bytes,
    visitor: Visitor,
    batch: Batch,
    at: int,
    effects: Effects,
    rules: Rules,
) -> Session:
    """Start a session at event time `at`. A visitor's newest session alone is active (ADR 10)."""
    started_at = start_time(batch, at)
    place = rules.topic, shard.partition, offset
    # From its arrival, rounded up to a day: a clock that is years behind must not expire its own rows.
    expires_on = -(-batch.received_at // DAY_MS) + batch.retention_days
    session = new_session(
        session_id(batch.connection, batch.visitor, *place, started_at=started_at), batch, at, expires_on
    )
    effects.counts.started += 1
    effects.started.add(session.id)
    active = visitor.active
    if active is not None and at < active.first_at:
        session.completed_at, session.reason = at + session.gap_ms, "inactivity"
        effects.counts.completed["inactivity"] = effects.counts.completed.get("inactivity", 0) + 1
        retain(key, visitor, session, effects, rules)
        return session
    if active is not None:
        complete(shard, key, visitor, active, overtaken(active, at), effects, rules)
    visitor.active = session
    shard.active_sessions += 1
    return session


def _note_seq(
    key: bytes, visitor: Visitor, session: Session, window: Window, seen: Seen, seq: int, effects: Effects
) -> None:
    """Rule 7: a seq closes where it was missed, maybe in another session, or shows what it passed over."""
    misser = arrived(visitor, window.id, seq)
    if misser is not None:
        effects.counts.arrived += 1
        if misser is not session:
            effects.session_changed(key, visitor, misser)
        return
    run = passed_over(seen.seqs, seq)
    if run is not None:
        low, end = run
        note_missing(window, low, end)
        effects.counts.missing += end - low
