"""The bodies that all are sent: 50 events of the recordings, with a snapshot and without; and 1 MB."""

import gzip
import json
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from playhead.player.batches import array
from playhead.player.recording import Recording, TimedEvent

EVENTS = 50
SNAPSHOT_BYTES = 107_000
INCREMENTAL_BYTES = 11_000
LARGE_BYTES = 1_000_000
_FULL_SNAPSHOT = 2


class _Kind(msgspec.Struct):
    type: int


@dataclass(frozen=True)
class Body:
    """`name` says of what kind and size it came out."""

    name: str
    gzipped: bytes
    events: int


def with_snapshot(recordings: Iterable[Recording]) -> Body:
    """Of all runs of 50 events with a full snapshot, the one nearest to 107 KB: of our recordings, 288."""
    return _nearest("with a snapshot", SNAPSHOT_BYTES, _runs(recordings, with_snapshot=True))


def incremental(recordings: Iterable[Recording]) -> Body:
    """Of all runs of 50 events without one, the one nearest to 11 KB."""
    return _nearest("incremental", INCREMENTAL_BYTES, _runs(recordings, with_snapshot=False))


def large() -> Body:
    """1 MB as it is sent: text that does not compress."""
    # Of each character gzip leaves six bits.
    payload = secrets.token_urlsafe(LARGE_BYTES)
    event = {"type": 5, "data": {"tag": "large", "payload": payload}, "timestamp": 1_700_000_000_000}
    return _body("large", [json.dumps(event).encode()])


def _runs(recordings: Iterable[Recording], *, with_snapshot: bool) -> Iterator[Sequence[TimedEvent]]:
    for recording in recordings:
        full = [
            msgspec.json.decode(event.text, type=_Kind).type == _FULL_SNAPSHOT for event in recording.events
        ]
        for start in range(len(recording.events) - EVENTS + 1):
            if any(full[start : start + EVENTS]) == with_snapshot:
                yield recording.events[start : start + EVENTS]


def _nearest(kind: str, wanted_bytes: int, runs: Iterable[Sequence[TimedEvent]]) -> Body:
    def distance(run: Sequence[TimedEvent]) -> int:
        return abs(sum(len(event.text) for event in run) - wanted_bytes)

    return _body(kind, [event.text for event in min(runs, key=distance)])


def _body(kind: str, texts: Sequence[bytes]) -> Body:
    raw = array(texts)
    gzipped = gzip.compress(raw, compresslevel=6, mtime=0)
    sizes = f"{len(raw) / 1e3:,.0f} KB, {len(gzipped) / 1e3:,.1f} KB gzip"
    return Body(f"{kind}, {len(texts)} events, {sizes}", gzipped, len(texts))
