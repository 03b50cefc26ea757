"""How much the engine is filled with: all rows follow from a `Size` and the moment that it ends at. Pure."""

from dataclasses import asdict, dataclass, replace

import msgspec
import xxhash

GENERATION = 2
"""Raise it when the same size is to mean other rows or tables: what was filled is then not used again."""


@dataclass(frozen=True)
class Size:
    """
    Attributes:
        sessions: rows of `sessions`, of all tenants together; nearly all without a recording.
        corpus_events: events of the recorded sessions, about.
        long_ms: how long the one long session lasts.
        parts: parts of the table `sessions` before it is merged; each holds a stretch of time.
        period_ms: from the start of the oldest session to the end of all.
    """

    tenants: int = 20
    sessions: int = 1_000_000
    corpus_events: int = 5_000_000
    long_ms: int = 60 * 60_000
    parts: int = 20
    period_ms: int = 28 * 86_400_000
    seed: int = 7

    def __post_init__(self) -> None:
        if self.sessions < self.tenants * self.parts * MOST_RECORDED_LAST:
            raise ValueError(
                f"{self.sessions} sessions are too few for {self.tenants} tenants, {self.parts} parts"
            )

    def scaled(self, by: float) -> "Size":
        """The same with another number of sessions and events; the long session stays as long."""
        return replace(self, sessions=int(self.sessions * by), corpus_events=int(self.corpus_events * by))

    @property
    def per_stretch(self) -> int:
        """Sessions of one tenant that begin in one stretch of time."""
        return self.sessions // (self.tenants * self.parts)

    @property
    def name(self) -> str:
        """Of the folder that keeps what was filled: the same for the same rows only."""
        digest = xxhash.xxh3_64_hexdigest(msgspec.json.encode([GENERATION, asdict(self)]))
        return f"{self.sessions}-{self.corpus_events}-{digest[:8]}"


MOST_RECORDED_LAST = 3
"""So many of each tenant's newest completed sessions have a recording, whatever the size."""
