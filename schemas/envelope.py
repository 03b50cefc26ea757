"""Envelope v1: the value of a record of `playhead.batches`, in msgpack.

An envelope is a batch (events of one window sent together, with the facts the sessionizer needs so
that it never opens the payload), a tick (a record that carries only time) or an erasure (the wish that a
visitor's data be gone). The collector stamps the connection's settings into a batch, so a replay of the log
gives the same sessions whatever the settings are today (design.md section 5).

All are msgspec array structs: the first element is the kind, the second the version. New fields go
to the end with a default; anything else is a new version.
"""

from typing import Literal

import msgspec

from schemas.dead_letter import Unreadable

VERSION = 1

Encoding = Literal["identity", "gzip", "deflate", "zstd"]


class Batch(msgspec.Struct, array_like=True, tag="batch", frozen=True, gc=False):
    """A batch of rrweb events of one window. All `*_at` are ms since the epoch.

    `received_at` is the collector's clock; `sent_at`, `first_at`, `last_at`, `meta_at` and
    `full_snapshots_at` are the visitor's clock, unchanged.
    """

    version: int
    tenant: str
    connection: str
    visitor: str
    window: str
    seq: int | None
    """0, 1, 2 … per window; None where the client numbers nothing."""
    batch_id: bytes
    """16 bytes. From (window, seq) where there is a seq, else a 128-bit hash of the body."""
    received_at: int
    sent_at: int | None
    first_at: int
    """Smallest event timestamp of the batch."""
    last_at: int
    """Largest event timestamp of the batch."""
    events: int
    raw_bytes: int
    """Bytes of the events' JSON array once decompressed."""
    full_snapshots_at: tuple[int, ...]
    """Timestamps of the batch's FullSnapshot events (type 2), in order; nearly always none or one."""
    meta_at: int | None
    """Timestamp of the batch's earliest Meta event (type 4); href, width and height are that event's."""
    href: str | None
    width: int | None
    height: int | None
    user_agent: str
    country: str
    """ISO 3166-1 alpha-2 as told by the edge in front of the collector, else ''."""
    gap_ms: int
    max_session_ms: int
    retention_days: int
    final: bool
    encoding: Encoding
    payload: bytes
    """The events as one JSON array, compressed as `encoding` says."""
    event_hashes: bytes | None = None
    """Without a seq: a 64-bit hash of each event, little-endian, concatenated (rule 6)."""
    visitor_id: str | None = None
    """What the client itself calls its visitor, where that is not `visitor` (section 4)."""
    in_order: bool | None = None
    """The events' timestamps never go back; None in an envelope of a release that did not tell."""


class Tick(msgspec.Struct, array_like=True, tag="tick", frozen=True, gc=False):
    """A record that carries only time, written by a sessionizer to the partitions it owns (rule 4)."""

    version: int
    received_at: int


class Erasure(msgspec.Struct, array_like=True, tag="erasure", frozen=True, gc=False):
    """Everything of a visitor, or one of its sessions, is to be gone (rule 11).

    Its key is the visitor's, so it has its place among that visitor's batches. `received_at` is the clock of
    who accepted it.
    """

    version: int
    erasure_id: bytes
    """16 bytes, a UUID; names the receipt."""
    tenant: str
    connection: str
    visitor: str
    received_at: int
    session_id: bytes | None = None
    """16 bytes; None erases all that there is of the visitor."""
    first_at: int | None = None
    """With a session: its span as its row tells, the collector's clock; for when its state is forgotten."""
    last_at: int | None = None


Envelope = Batch | Tick | Erasure

encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Envelope).decode
# msgspec lets the last two through: text that is not UTF-8, and 10^5 arrays in each other.
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class UnreadableEnvelope(ValueError):  # noqa: N818 - it names the record, as the dead letters do
    """A record of `playhead.batches` that this version cannot read."""

    def __init__(self, reason: Unreadable, detail: str):
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


def visitor_key(connection: str, visitor: str) -> bytes:
    """The record key of a batch: all of a visitor's batches are in one partition."""
    return f"{connection}/{visitor}".encode()


def decode(value: bytes) -> Envelope:
    """Read a record's value.

    Raises:
        UnreadableEnvelope: the value is not an envelope of this version.
    """
    try:
        envelope: Envelope = _decode(value)
    except _UNREADABLE as error:
        raise _unreadable(value, str(error)) from None
    if envelope.version != VERSION:
        raise UnreadableEnvelope("unknown_version", f"version {envelope.version}, this reads {VERSION}")
    return envelope


def _unreadable(value: bytes, detail: str) -> UnreadableEnvelope:
    """Look once more, without types, to say why. Only bad records come here."""
    try:
        parts = msgspec.msgpack.decode(value)
    except _UNREADABLE:
        return UnreadableEnvelope("not_msgpack", detail)
    if not isinstance(parts, list) or not parts or parts[0] not in ("batch", "tick", "erasure"):
        return UnreadableEnvelope("unknown_kind", detail)
    if len(parts) > 1 and parts[1] != VERSION:
        return UnreadableEnvelope("unknown_version", f"version {parts[1]!r}, this reads {VERSION}")
    return UnreadableEnvelope("invalid_field", detail)
