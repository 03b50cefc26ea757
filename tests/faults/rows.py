"""Rows as both truths and the tables tell them: plain values, times in ms, digests instead of payloads."""

import hashlib
from typing import NamedTuple
from uuid import UUID


class RecordingRow(NamedTuple):
    partition: int
    offset: int
    visitor: str
    session_id: UUID
    window: str
    seq: int
    """-1 where there is none"""
    batch_id: bytes
    received_at: int
    skew_ms: int
    events: int
    raw_bytes: int
    expires_on: int
    """Days since 1970"""
    payload: bytes
    """Digest of the text"""


class WindowRow(NamedTuple):
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


class SessionRow(NamedTuple):
    """A row of `sessions` but for what is parsed from the user agent."""

    session_id: UUID
    tenant_id: str
    connection_id: str
    visitor: str
    visitor_id: str
    started_at: int
    first_event_at: int
    last_event_at: int
    status: str
    completed_at: int | None
    completion_reason: str
    landing_url: str
    user_agent: str
    country: str
    events: int
    batches: int
    raw_bytes: int
    replayable: bool
    windows: tuple[WindowRow, ...]
    partition: int
    expires_on: int
    version: int


class ReceiptRow(NamedTuple):
    """What an erasure's receipt says."""

    erasure_id: UUID
    session_ids: frozenset[UUID]
    batches: int
    events: int


def digest(text: bytes) -> bytes:
    return hashlib.md5(text, usedforsecurity=False).digest()
