"""The recordings as finished requests, so that making load costs next to nothing while it is measured."""

import gzip
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from playhead.player.batches import Cut, body, cut
from playhead.player.play import now_ms
from playhead.player.recording import Recording


@dataclass(frozen=True)
class Body:
    compressed: bytes
    events: int
    raw_bytes: int


def bodies(recording: Recording, limits: Cut) -> list[Body]:
    """A recording's batches, compressed as a browser does, its last event a minute ago."""
    shift_ms = now_ms() - 60_000 - recording.last_at
    made = [(body(events, shift_ms), len(events)) for events in cut(recording.events, limits)]
    return [Body(gzip.compress(raw, compresslevel=6, mtime=0), events, len(raw)) for raw, events in made]


@dataclass(frozen=True)
class Visit:
    """One visitor who sends one recording's batches, one after the other."""

    key: str
    visitor: str
    bodies: Sequence[Body]

    def requests(self, host: str) -> Iterator[bytes]:
        """HTTP/1.1 requests for a kept-alive connection; `sent_at` is the time at which each is made."""
        for seq, one in enumerate(self.bodies):
            query = f"key={self.key}&visitor={self.visitor}&window=w&seq={seq}&sent_at={now_ms()}"
            head = (
                f"POST /v1/batches?{query} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
                f"Content-Encoding: gzip\r\nContent-Length: {len(one.compressed)}\r\n\r\n"
            )
            yield head.encode() + one.compressed


def visits(key: str, recorded: Sequence[Sequence[Body]]) -> Iterator[Visit]:
    """New visitors without end; the recordings take turns."""
    while True:
        for one in recorded:
            yield Visit(key, f"v-{secrets.token_hex(8)}", one)
