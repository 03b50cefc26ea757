"""A recording: the events of one window, one JSON text a line (`*.jsonl.gz`). Pure but for reading the file.

An event's bytes are kept as they are; only the digits of its own `timestamp` are ever replaced.
"""

import gzip
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

_AT_THE_END = re.compile(rb'"timestamp"\s*:\s*(-?\d+)((?:\.\d+)?\s*\}\s*)$')
_ANYWHERE = re.compile(rb'"timestamp"\s*:\s*(-?\d+)')


class NoTimestamp(ValueError):  # noqa: N818
    """The line is no event: not a JSON object with a numeric `timestamp`."""


class _Event(msgspec.Struct):
    timestamp: float


_decode = msgspec.json.Decoder(_Event).decode


@dataclass(frozen=True)
class TimedEvent:
    """An event's text, and where its own timestamp's whole digits stand in it."""

    text: bytes
    at: int
    """ms since the epoch, fractions left out"""
    start: int
    end: int

    def shifted(self, by_ms: int) -> bytes:
        """The same text at another time."""
        return self.text[: self.start] + str(self.at + by_ms).encode() + self.text[self.end :]


def timed(text: bytes) -> TimedEvent:
    """Find an event's own timestamp.

    Raises:
        NoTimestamp: it has none.
    """
    try:
        at = int(_decode(text).timestamp)
    except (msgspec.DecodeError, ValueError) as error:
        raise NoTimestamp(f"no event: {error}: {text[:80]!r}") from None
    # As rrweb writes it. The event's last key is its own, not one inside of `data`.
    last = _AT_THE_END.search(text)
    if last is not None and int(last[1]) == at:
        return TimedEvent(text, at, *last.span(1))
    for found in _ANYWHERE.finditer(text):
        candidate = TimedEvent(text, at, *found.span(1))
        if int(found[1]) == at and int(_decode(candidate.shifted(1)).timestamp) == at + 1:
            return candidate
    raise NoTimestamp(f"the timestamp is not written as a whole number: {text[:80]!r}")


@dataclass(frozen=True)
class Recording:
    name: str
    events: Sequence[TimedEvent]

    @property
    def first_at(self) -> int:
        return min(event.at for event in self.events)

    @property
    def last_at(self) -> int:
        return max(event.at for event in self.events)

    @property
    def raw_bytes(self) -> int:
        return sum(len(event.text) for event in self.events)


def read(file: Path) -> Recording:
    """Raises:
    NoTimestamp: a line is no event; the message says which.
    ValueError: it holds no event.
    """
    events = []
    with gzip.open(file) as lines:
        for number, line in enumerate(lines, 1):
            if text := line.strip():
                try:
                    events.append(timed(text))
                except NoTimestamp as error:
                    raise NoTimestamp(f"{file}, line {number}: {error}") from None
    if not events:
        raise ValueError(f"{file} holds no event")
    return Recording(file.name.removesuffix(".jsonl.gz"), events)


def read_folder(folder: Path) -> list[Recording]:
    """Every `*.jsonl.gz` of a folder, by name.

    Raises:
        FileNotFoundError: there is none.
    """
    files = sorted(folder.glob("*.jsonl.gz"))
    if not files:
        raise FileNotFoundError(f"no *.jsonl.gz in {folder}")
    return [read(file) for file in files]
