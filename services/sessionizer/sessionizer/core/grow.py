"""A session takes a batch: its span, counts, windows, landing page (rules 5, 9 and 10)."""

from schemas.envelope import Batch
from sessionizer.core.assign import window_of
from sessionizer.core.clocks import start_time
from sessionizer.core.playable import note_snapshots
from sessionizer.core.state import Session, Window

LONGEST_URL = 2_048
LONGEST_USER_AGENT = 1_024
"""In characters; what is longer is cut, so that state is bounded."""


def new_session(session_id: bytes, batch: Batch, at: int, expires_on: int) -> Session:
    """The session that this batch starts, without it. It keeps the settings that it started under."""
    start = start_time(batch, at)
    return Session(
        id=session_id,
        tenant=batch.tenant,
        visitor_id=None,
        started_at=start,
        first_at=start,
        last_at=at,
        gap_ms=batch.gap_ms,
        max_session_ms=batch.max_session_ms,
        expires_on=expires_on,
        user_agent=batch.user_agent[:LONGEST_USER_AGENT],
        country=batch.country,
    )


def grow(session: Session, batch: Batch, at: int, events: int, raw_bytes: int, watermark: int) -> Window:
    """Add a batch at event time `at`, of which `events` and `raw_bytes` are taken; gives its window."""
    session.last_at = max(session.last_at, at)
    earliest = session.last_at - session.max_session_ms
    session.first_at = min(session.first_at, max(start_time(batch, at), earliest))
    session.events += events
    session.batches += 1
    session.raw_bytes += raw_bytes
    session.touched_watermark = watermark
    if session.visitor_id is None:
        session.visitor_id = batch.visitor_id
    _note_landing(session, batch, at - batch.last_at)
    window = window_of(session, batch.window)
    if window is None:
        window = Window(batch.window, at - batch.last_at, batch.first_at, batch.last_at)
        session.windows.append(window)
    _note_end(window, batch)
    window.first_at = min(window.first_at, batch.first_at)
    window.last_at = max(window.last_at, batch.last_at)
    window.events += events
    window.batches += 1
    note_snapshots(window, batch)
    return window


def _note_landing(session: Session, batch: Batch, skew_ms: int) -> None:
    """Rule 9: the landing page is that of the earliest Meta, whenever it arrives."""
    if batch.meta_at is None or batch.href is None:
        return
    found = batch.meta_at + skew_ms, batch.href[:LONGEST_URL]
    if session.landing_at is None or found < (session.landing_at, session.landing_url):
        session.landing_at, session.landing_url = found


def _note_end(window: Window, batch: Batch) -> None:
    """Rule 3: a window is closed while its last batch, by seq or else by time, is final."""
    if batch.seq is not None:
        if batch.seq >= window.highest_seq:
            window.highest_seq = batch.seq
            window.ended = batch.final
    elif batch.last_at > window.last_at or window.batches == 0:
        window.ended = batch.final
    elif batch.last_at == window.last_at:
        window.ended = window.ended or batch.final
