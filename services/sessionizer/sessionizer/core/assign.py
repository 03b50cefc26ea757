"""Rules 1 and 2: which of a visitor's sessions a batch belongs to, if any."""

from schemas.envelope import Batch
from sessionizer.core.clocks import event_time, own_skew_ms
from sessionizer.core.rules import Rules
from sessionizer.core.state import Session, Visitor, Window

MOST_WINDOWS = 256
"""Windows of one session: its state is bounded, and a visitor with more is not one person."""

Home = tuple[Session, int]
"""A session, and the batch's event time in it."""


def window_of(session: Session, window_id: str) -> Window | None:
    for window in session.windows:
        if window.id == window_id:
            return window
    return None


def home_of(visitor: Visitor, batch: Batch, rules: Rules) -> Home | None:
    """The session that holds the batch: nearest edge, of equals the earlier (rule 1); None for a new one.

    The skew is the one pinned for the window in that session. Only where no session holds the batch so, and
    the visitor's clock was evidently set meanwhile, the batch's own skew is tried (ADR 12).
    """
    own_ms = own_skew_ms(batch)
    best: tuple[int, int, bytes] | None = None
    home: Home | None = None
    set_clocks: list[Session] = []
    for session in visitor.sessions():
        window = window_of(session, batch.window)
        if window is None:
            if len(session.windows) >= MOST_WINDOWS:
                continue
            at = event_time(batch, own_ms)
        else:
            at = event_time(batch, window.skew_ms)
            if batch.sent_at is not None and abs(own_ms - window.skew_ms) > rules.clock_jump_ms:
                set_clocks.append(session)
        if holds(session, at):
            rank = distance_ms(session, at), session.first_at, session.id
            if best is None or rank < best:
                best, home = rank, (session, at)
    if home is None and set_clocks:
        at = event_time(batch, own_ms)
        holding = [session for session in set_clocks if holds(session, at)]
        if holding:
            home = min(holding, key=lambda s: (distance_ms(s, at), s.first_at, s.id)), at
    return home


def holds(session: Session, at: int) -> bool:
    """Whether a batch at this event time is the session's: rule 1, and the maximum of rule 2.

    Exactly the gap apart is not. What comes after a session ended is not (ADR 11).
    """
    if not session.first_at - session.gap_ms < at < session.last_at + session.gap_ms:
        return False
    if session.reason == "ended" and session.completed_at is not None and at >= session.completed_at:
        return False
    if session.first_at <= at <= session.last_at:
        return True
    return max(session.last_at, at) - min(session.first_at, at) < session.max_session_ms


def distance_ms(session: Session, at: int) -> int:
    """From this event time to the nearer edge of the session's span; 0 within it."""
    return max(session.first_at - at, at - session.last_at, 0)
