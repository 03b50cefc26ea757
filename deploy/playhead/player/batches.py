"""Cuts a recording into batches as a recorder would: by number, by size and by time. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from playhead.player.recording import TimedEvent


class Timed(Protocol):
    """An event's JSON text and its timestamp in whole ms."""

    @property
    def text(self) -> bytes: ...

    @property
    def at(self) -> int: ...


E = TypeVar("E", bound=Timed)


@dataclass(frozen=True)
class Cut:
    """A batch is closed before the event that would take it over one of these."""

    events: int = 50
    raw_bytes: int = 1024 * 1024
    span_ms: int = 5_000


def cut(events: Iterable[E], limits: Cut) -> Iterator[list[E]]:
    """The events in the same order, in runs of at least one; holds no more than one run of them."""
    run: list[E] = []
    size = 0
    for event in events:
        full = run and (
            len(run) >= limits.events
            or size + len(event.text) > limits.raw_bytes
            or abs(event.at - run[0].at) > limits.span_ms
        )
        if full:
            yield run
            run, size = [], 0
        run.append(event)
        size += len(event.text)
    if run:
        yield run


def array(texts: Iterable[bytes]) -> bytes:
    """A batch's JSON array, each event with its own bytes."""
    return b"[" + b",".join(texts) + b"]"


def body(events: Sequence[TimedEvent], shift_ms: int) -> bytes:
    """A batch's JSON array, each event moved in time and otherwise with its own bytes."""
    return array(event.shifted(shift_ms) for event in events)
