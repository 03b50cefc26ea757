"""What the topic `playhead.sessions` tells other systems: the state of a session, and receipts of erasures.

The topic is compacted. A session's key is its id; there is a record when it began, when it was completed, and
for every change after that, so the last one of a completed session is its row. A session that was erased has
a record without a value. A receipt's key is `erasure/` and the erasure's id (rule 11). Read it with
`isolation.level=read_committed`: the records of a block are written in one transaction.

Session ids are UUIDs as text; all times are ms since the epoch.
"""

from typing import Literal
from uuid import UUID

import msgspec


class WindowState(msgspec.Struct, frozen=True, kw_only=True):
    """A window of a session; times are the visitor's clock, add `skew_ms` to have the collector's."""

    id: str
    first_at: int
    last_at: int
    skew_ms: int
    events: int
    batches: int
    playable_at: int | None
    missing: int
    missing_seqs: tuple[int, ...]
    ended: bool


class SessionState(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="session"):
    """A version of a session; the highest is the session. Times are the collector's clock."""

    tenant_id: str
    connection_id: str
    session_id: UUID
    visitor: str
    visitor_id: str
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
    windows: tuple[WindowState, ...]
    expires_on: str
    """A date, YYYY-MM-DD"""
    version: int


class Remains(msgspec.Struct, frozen=True, kw_only=True):
    """Where erased data can still be until a time: a topic's records go when their retention ends."""

    topic: str
    until: int


class ErasureReceipt(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="erasure"):
    """An erasure that is done: its rows are gone, and late batches of what it erased are dropped."""

    erasure_id: UUID
    tenant_id: str
    connection_id: str
    scope: Literal["visitor", "session"]
    accepted_at: int
    session_ids: tuple[UUID, ...]
    batches: int
    events: int
    remains: tuple[Remains, ...]


encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(SessionState | ErasureReceipt).decode


def session_key(session_id: UUID) -> bytes:
    return str(session_id).encode()


def receipt_key(erasure_id: UUID) -> bytes:
    return f"erasure/{erasure_id}".encode()
