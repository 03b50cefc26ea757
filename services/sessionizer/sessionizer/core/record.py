"""A record of `playhead.batches` as the core takes it, its value read by `schemas.envelope.decode`."""

import msgspec

from schemas.envelope import Envelope


class Record(msgspec.Struct, frozen=True, gc=False):
    offset: int
    key: bytes | None
    """connection/visitor; None for a tick."""
    envelope: Envelope
