"""The batches that a recording is sent in, ready to be moved to another time. Pure.

An event's bytes stay as they are but for the digits of its own timestamp, so a batch is made anew by copying
its text and writing those digits: millions of events are grown in seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from collector.decode import decode
from collector.summary import Summary, summarise
from playhead.player.batches import Cut, cut
from playhead.player.recording import Recording, TimedEvent

ENOUGH_EVENTS = 100_000
BETWEEN_MS = 500
"""From one page of a long session to the next."""
DIGITS = 13
"""Of a time in ms, until the year 2286."""


class Stamp(NamedTuple):
    """An event of a text, by its timestamp."""

    place: int
    """Where its digits begin."""
    after_ms: int
    """Its time."""
    end: int
    """Where the event ends."""


@dataclass(frozen=True)
class PageBatch:
    """A batch of a recording. All times are ms after the recording's first event.

    Attributes:
        stamps: one an event, in order.
    """

    text: bytes
    stamps: Sequence[Stamp]
    events: int
    first_ms: int
    last_ms: int
    snapshots_ms: Sequence[int]
    meta_ms: int | None
    href: str | None
    in_order: bool

    @property
    def raw_bytes(self) -> int:
        """As the collector counts: of the events' JSON array."""
        return len(self.text) + 2

    def at(self, start_at: int) -> bytes:
        """The text of a visit that began then (ms since the epoch)."""
        text = bytearray(self.text)
        for stamp in self.stamps:
            text[stamp.place : stamp.place + DIGITS] = b"%d" % (start_at + stamp.after_ms)
        return bytes(text)

    def later(self, by_ms: int) -> "PageBatch":
        return replace(
            self,
            stamps=[stamp._replace(after_ms=stamp.after_ms + by_ms) for stamp in self.stamps],
            first_ms=self.first_ms + by_ms,
            last_ms=self.last_ms + by_ms,
            snapshots_ms=[after_ms + by_ms for after_ms in self.snapshots_ms],
            meta_ms=None if self.meta_ms is None else self.meta_ms + by_ms,
        )


@dataclass(frozen=True)
class Page:
    """A recording as its batches, the first event at 0 ms."""

    name: str
    batches: Sequence[PageBatch]

    @property
    def events(self) -> int:
        return sum(batch.events for batch in self.batches)

    @property
    def raw_bytes(self) -> int:
        return sum(batch.raw_bytes for batch in self.batches)

    @property
    def length_ms(self) -> int:
        return max(batch.last_ms for batch in self.batches)


def page(recording: Recording) -> Page:
    """Cut as the recorder cuts."""
    origin = recording.first_at
    return Page(recording.name, [_batch(run, origin) for run in cut(recording.events, Cut())])


def joined(pages: Sequence[Page], length_ms: int) -> Page:
    """The pages one after the other, over and over, until they last about so long.

    Each time a page comes its snapshots are `marked` with the number of its turn, from 0.
    """
    batches: list[PageBatch] = []
    begin, turn = 0, 0
    while begin < length_ms:
        shown = pages[turn % len(pages)]
        batches += (marked(batch, turn).later(begin) for batch in shown.batches)
        begin += shown.length_ms + BETWEEN_MS
        turn += 1
    return Page("joined", batches)


def turn_at(pages: Sequence[Page], after_ms: int) -> int:
    """Which turn of `joined` that moment is in."""
    begin, turn = 0, 0
    while (begin := begin + pages[turn % len(pages)].length_ms + BETWEEN_MS) <= after_ms:
        turn += 1
    return turn


def _batch(run: Sequence[TimedEvent], origin: int) -> PageBatch:
    texts, stamps, length = [], [], 0
    for event in run:
        if event.end - event.start != DIGITS:
            raise ValueError(f"a timestamp of {event.end - event.start} digits")
        texts.append(event.text)
        stamps.append(Stamp(length + event.start, event.at - origin, length + len(event.text)))
        length += len(event.text) + 1
    text = b",".join(texts)
    facts: Summary = summarise(decode(b"[" + text + b"]", ENOUGH_EVENTS).events)
    return PageBatch(
        text,
        stamps,
        facts.events,
        facts.first_at - origin,
        facts.last_at - origin,
        [at - origin for at in facts.full_snapshots_at],
        None if facts.meta_at is None else facts.meta_at - origin,
        facts.href,
        facts.in_order,
    )


LANGUAGE = b'"attributes":{"lang":"en"}'
"""As the root element of our recordings has it, in each full snapshot."""


def marked(batch: PageBatch, mark: int) -> PageBatch:
    """With `data-part` on the root element of each full snapshot, so a replay then shows where it is."""
    wanted = b'"attributes":{"lang":"en","data-part":"%d"}' % mark
    text, at = bytearray(), 0
    found: list[int] = []
    while (here := batch.text.find(LANGUAGE, at)) >= 0:
        text += batch.text[at:here] + wanted
        at = here + len(LANGUAGE)
        found.append(here)
    text += batch.text[at:]
    longer = len(wanted) - len(LANGUAGE)

    def moved(place: int) -> int:
        return place + longer * sum(each < place for each in found)

    stamps = [Stamp(moved(one.place), one.after_ms, moved(one.end)) for one in batch.stamps]
    return replace(batch, text=bytes(text), stamps=stamps)
