"""Rules 2, 3, 5 and 11: when a session is over, how long it is remembered, and how long an erasure is.

Everything here follows from a session's state and the watermark alone, and doing it later gives the same
result. So it does not matter whether a record or the end of a block brings it about.
"""

import msgspec

from sessionizer.core.effects import Effects
from sessionizer.core.rules import Rules
from sessionizer.core.state import NEVER, Erased, Reason, Session, Shard, Visitor


class Completion(msgspec.Struct, frozen=True, gc=False):
    """When and why an active session is over, if nothing more arrives."""

    watermark: int
    """It is due when the watermark reaches this."""
    at: int
    """Its `completed_at`"""
    reason: Reason


def completion(session: Session, rules: Rules) -> Completion:
    """Rule 3: the first of `last + gap`, the maximum (rule 2), and `ended_after` with all windows closed."""
    gap_at = session.last_at + session.gap_ms
    maximum_at = session.first_at + session.max_session_ms
    if maximum_at <= gap_at:
        due = Completion(maximum_at, maximum_at, "max_duration")
    else:
        due = Completion(gap_at, gap_at, "inactivity")
    # The watermark is `grace` behind stream time; an ended session is not given that grace.
    ended_watermark = session.touched_watermark + rules.ended_after_ms
    if ended_watermark < due.watermark and all(window.ended for window in session.windows):
        return Completion(ended_watermark, ended_watermark + rules.grace_ms, "ended")
    return due


def overtaken(session: Session, at: int) -> Completion:
    """How an active session is over of which the visitor's next session, at event time `at`, has begun."""
    gap_at = session.last_at + session.gap_ms
    if at >= gap_at:
        return Completion(at, gap_at, "inactivity")
    return Completion(at, min(session.first_at + session.max_session_ms, gap_at), "max_duration")


def complete(
    shard: Shard,
    key: bytes,
    visitor: Visitor,
    session: Session,
    due: Completion,
    effects: Effects,
    rules: Rules,
) -> None:
    """Complete the visitor's active session. It never becomes active again."""
    session.completed_at = due.at
    session.reason = due.reason
    visitor.active = None
    shard.active_sessions -= 1
    effects.session_changed(key, visitor, session)
    effects.counts.completed[due.reason] = effects.counts.completed.get(due.reason, 0) + 1
    retain(key, visitor, session, effects, rules)


def retain(key: bytes, visitor: Visitor, session: Session, effects: Effects, rules: Rules) -> None:
    """Rule 5: remember a completed session as the last touched, and as many others as the rule allows."""
    visitor.completed.append(session)
    excess = len(visitor.completed) - rules.retained_sessions
    if excess > 0:
        del visitor.completed[:excess]
        forget_windows(visitor)
        effects.visitor_changed(key, visitor)


def settle(shard: Shard, key: bytes, visitor: Visitor, effects: Effects, rules: Rules) -> None:
    """Do what the watermark has made due for this visitor, in the order in which it became due."""
    session = visitor.active
    if session is not None:
        due = completion(session, rules)
        if due.watermark <= shard.watermark:
            _forget_until(due.watermark, key, visitor, effects, rules)
            complete(shard, key, visitor, session, due, effects, rules)
    if visitor.completed:
        _forget_until(shard.watermark, key, visitor, effects, rules)
    if visitor.erased and _marker_due(visitor, rules) <= shard.watermark:
        visitor.erased = [each for each in visitor.erased if _kept_until(each, rules) > shard.watermark]
        effects.visitor_changed(key, visitor)


def retained_until(session: Session, rules: Rules) -> int:
    """The watermark at which a completed session is forgotten: `retain` after its end and its last batch."""
    ended_at = session.touched_watermark if session.completed_at is None else session.completed_at
    return max(ended_at, session.touched_watermark) + rules.retain_ms


def next_due(visitor: Visitor, rules: Rules) -> int:
    """The watermark at which something is due for the visitor again; NEVER where nothing is remembered."""
    due = min((retained_until(session, rules) for session in visitor.completed), default=NEVER)
    if visitor.erased:
        due = min(due, _marker_due(visitor, rules))
    return due if visitor.active is None else min(due, completion(visitor.active, rules).watermark)


def _forget_until(watermark: int, key: bytes, visitor: Visitor, effects: Effects, rules: Rules) -> None:
    kept = [session for session in visitor.completed if retained_until(session, rules) > watermark]
    if len(kept) < len(visitor.completed):
        visitor.completed = kept
        forget_windows(visitor)
        effects.visitor_changed(key, visitor)


def _kept_until(marker: Erased, rules: Rules) -> int:
    """The watermark at which the marker of an erasure goes (rule 11)."""
    return marker.erased_at + rules.erasure_kept_ms


def _marker_due(visitor: Visitor, rules: Rules) -> int:
    return min(_kept_until(marker, rules) for marker in visitor.erased)


def forget_windows(visitor: Visitor) -> None:
    """Forget what was seen of windows that no remembered session has."""
    known = {window.id for session in visitor.sessions() for window in session.windows}
    visitor.seen = {window_id: seen for window_id, seen in visitor.seen.items() if window_id in known}
