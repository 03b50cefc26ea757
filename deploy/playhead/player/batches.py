"""Cuts a recording into batches as a recorder would: by number, by size and by time. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from playhead.player.recording import TimedEvent


@dataclass(frozen=True)
class Cut:
    """A batch is closed before the event that would take it over one of these."""

    events: int = 50
    raw_bytes: int = 1024 * 1024
    span_ms: int = 5_000


def cut(events: Sequence[TimedEvent], limits: Cut) -> Iterator[Sequence[TimedEvent]]:
    """The events in the same order, in runs of at least one."""
    start = 0
    size = 0
    for position, event in enumerate(events):
        full = (
            position - start >= limits.events
            or size + len(event.text) > limits.raw_bytes
            or abs(event.at - events[start].at) > limits.span_ms
        )
        if full and position > start:
            yield events[start:position]
            start, size = position, 0
        size += len(event.text)
    if start < len(events):
        yield events[start:]


def body(events: Sequence[TimedEvent], shift_ms: int) -> bytes:
    """A batch's JSON array, each event with its own bytes."""
    return b"[" + b",".join(event.shifted(shift_ms) for event in events) + b"]"
