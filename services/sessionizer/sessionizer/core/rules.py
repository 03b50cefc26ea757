"""What the rules need and the envelope does not carry. The shell builds it once, from its settings."""

import msgspec


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules are given; a connection's gap, maximum and retention come with each batch."""

    topic: str
    """Name of the topic of batches; part of every session id (rule 8)."""
    grace_ms: int = 120_000
    """How far the watermark is behind the newest `received_at` of the partition (rule 3)."""
    ended_after_ms: int = 30_000
    """Stream time between the end of a session's last window and its completion (rule 3)."""
    retain_ms: int = 7_200_000
    """How long the state of a completed session is kept for late batches, in stream time (rule 5)."""
    retained_sessions: int = 3
    """Completed sessions kept for a visitor, the last ones touched (rule 5)."""
    clock_jump_ms: int = 60_000
    """A visitor's clock that moved by more than this was set; less is a slow network (ADR 12)."""
    erasure_kept_ms: int = 7 * 86_400_000
    """How long the marker of an erasure drops late batches of what was erased, in stream time (rule 11)."""
