"""A session's state as the row that the `sessions` table gets."""

from typing import Literal

import msgspec

from sessionizer.core import seqs
from sessionizer.core.state import Session, Window

LISTED_SEQS = 100


class WindowVersion(msgspec.Struct, frozen=True, gc=False):
    """A window in a row of `sessions`; times are the visitor's clock."""

    id: str
    first_at: int
    last_at: int
    skew_ms: int
    events: int
    batches: int
    playable_at: int | None
    missing: int
    missing_seqs: tuple[int, ...]
    """The lowest of them, 100 at most."""
    ended: bool


class SessionVersion(msgspec.Struct, frozen=True, gc=False):
    """A row of `sessions`, but for what is parsed from the user agent. Times are the collector's clock."""

    tenant_id: str
    connection_id: str
    session_id: bytes
    """16 bytes"""
    visitor: str
    """As in the record key."""
    visitor_id: str
    """What the client itself calls its visitor; where it does not, as in the record key."""
    started_at: int
    first_event_at: int
    last_event_at: int
    status: Literal["active", "completed"]
    completed_at: int | None
    completion_reason: Literal["", "inactivity", "max_duration", "ended"]
    landing_url: str
    user_agent: str
    country: str
    events: int
    batches: int
    raw_bytes: int
    replayable: bool
    windows: tuple[WindowVersion, ...]
    """In order of time."""
    partition: int
    expires_on: int
    """Days since 1970"""
    version: int


def session_version(partition: int, key: bytes, session: Session) -> SessionVersion:
    """The row of a session of the visitor with this record key."""
    connection, _, visitor = key.decode().partition("/")
    windows = tuple(_window(w) for w in sorted(session.windows, key=lambda w: (w.first_at + w.skew_ms, w.id)))
    return SessionVersion(
        tenant_id=session.tenant,
        connection_id=connection,
        session_id=session.id,
        visitor=visitor,
        visitor_id=session.visitor_id or visitor,
        started_at=session.started_at,
        first_event_at=session.first_at,
        last_event_at=session.last_at,
        status="active" if session.completed_at is None else "completed",
        completed_at=session.completed_at,
        completion_reason=session.reason or "",
        landing_url=session.landing_url,
        user_agent=session.user_agent,
        country=session.country,
        events=session.events,
        batches=session.batches,
        raw_bytes=session.raw_bytes,
        replayable=any(w.playable_at is not None for w in windows),
        windows=windows,
        partition=partition,
        expires_on=session.expires_on,
        version=session.version,
    )


def _window(window: Window) -> WindowVersion:
    return WindowVersion(
        id=window.id,
        first_at=window.first_at,
        last_at=window.last_at,
        skew_ms=window.skew_ms,
        events=window.events,
        batches=window.batches,
        playable_at=window.playable_at,
        missing=seqs.count(window.missing) + window.unlisted,
        missing_seqs=seqs.lowest(window.missing, LISTED_SEQS),
        ended=window.ended,
    )
