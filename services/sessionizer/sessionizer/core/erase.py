"""Rule 11: an erasure takes a visitor, or one of its sessions, out of state and rows, and leaves a marker."""

from schemas.envelope import Batch, Erasure
from sessionizer.core.assign import Home, distance_ms
from sessionizer.core.clocks import event_time, own_skew_ms
from sessionizer.core.effects import Effects, Erasing
from sessionizer.core.lifecycle import forget_windows
from sessionizer.core.state import Erased, Session, Shard, Visitor

MOST_MARKERS = 16
"""Markers of one visitor; past that the oldest two are taken for one."""


def erase(
    shard: Shard, offset: int, key: bytes, visitor: Visitor, erasure: Erasure, effects: Effects
) -> None:
    """Forget what the erasure names, withhold its rows of this block, and remember its span."""
    if erasure.session_id is None:
        gone = visitor.sessions()
        spans = [(0, erasure.received_at)]
    else:
        gone = [session for session in visitor.sessions() if session.id == erasure.session_id]
        spans = [(session.first_at, session.last_at) for session in gone]
        if not gone and erasure.first_at is not None and erasure.last_at is not None:
            spans = [(erasure.first_at, erasure.last_at)]
    _forget(shard, visitor, gone)
    visitor.erased += [Erased(first_at, last_at, erasure.received_at) for first_at, last_at in spans]
    if len(visitor.erased) > MOST_MARKERS:
        older, newer = visitor.erased[:2]
        visitor.erased[:2] = [
            Erased(
                min(older.first_at, newer.first_at),
                max(older.last_at, newer.last_at),
                max(older.erased_at, newer.erased_at),
            )
        ]
    withheld = _withhold(key, erasure, effects)
    effects.erasures.append(Erasing(offset, erasure, withheld))
    effects.visitor_changed(key, visitor)
    effects.counts.erasures += 1


def was_erased(visitor: Visitor, batch: Batch, home: Home | None) -> bool:
    """Whether the batch is of what was erased: a marker holds it, and no session that stayed is nearer."""
    if not visitor.erased:
        return False
    at = event_time(batch, own_skew_ms(batch))
    nearest = None if home is None else distance_ms(home[0], home[1])
    return any(
        _holds(marker, at, batch.gap_ms) and (nearest is None or _distance_ms(marker, at) <= nearest)
        for marker in visitor.erased
    )


def _holds(marker: Erased, at: int, gap_ms: int) -> bool:
    """As rule 1 has it for a session, but nothing that happened after the erasure is held."""
    return at <= marker.erased_at and marker.first_at - gap_ms < at < marker.last_at + gap_ms


def _distance_ms(marker: Erased, at: int) -> int:
    return max(marker.first_at - at, at - marker.last_at, 0)


def _forget(shard: Shard, visitor: Visitor, gone: list[Session]) -> None:
    ids = {session.id for session in gone}
    if visitor.active is not None and visitor.active.id in ids:
        visitor.active = None
        shard.active_sessions -= 1
    visitor.completed = [session for session in visitor.completed if session.id not in ids]
    forget_windows(visitor)


def _withhold(key: bytes, erasure: Erasure, effects: Effects) -> dict[bytes, list[int]]:
    """Take what this block already asks for of the erased sessions out of its effects."""
    only = erasure.session_id
    ids = {
        session_id
        for session_id, (owner, _) in effects.touched.items()
        if owner == key and only in (None, session_id)
    }
    if not ids:
        return {}
    withheld = {session_id: [0, 0] for session_id in ids}
    kept = []
    for row in effects.assigned:
        if row.session_id in ids:
            counts = withheld[row.session_id]
            counts[0] += 1
            counts[1] += row.events
        else:
            kept.append(row)
    effects.assigned = kept
    for session_id in ids:
        del effects.touched[session_id]
        effects.started.discard(session_id)
    return withheld
