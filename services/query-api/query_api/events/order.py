"""Puts a window's stored batches into the order of their events: (timestamp, seq, position). Pure.

Batches go in by (first_at, seq, partition, offset); out come pieces of JSON text, each one event or a whole
batch as stored. See docs/adr/0020-order-of-events-without-parsing.md.
"""

import heapq
from typing import NamedTuple

import msgspec


class Place(NamedTuple):
    """An event's place in its window. Without seqs `seq` is -1, and the order of arrival decides."""

    at: int
    """The event's timestamp in whole ms."""
    seq: int
    partition: int
    offset: int
    idx: int
    """Position in the batch, from 0."""


class Batch(NamedTuple):
    first_at: int
    last_at: int
    seq: int
    partition: int
    offset: int
    events: int
    in_order: bool
    """The timestamps of its events never go back."""
    payload: bytes
    """The events' JSON, comma-separated."""

    @property
    def begin(self) -> Place:
        """No event of the batch comes before this."""
        return Place(self.first_at, self.seq, self.partition, self.offset, 0)

    @property
    def end(self) -> Place:
        """No event of the batch comes after this."""
        return Place(self.last_at, self.seq, self.partition, self.offset, self.events - 1)


class _Stamp(msgspec.Struct):
    timestamp: int | float


_cut = msgspec.json.Decoder(list[msgspec.Raw]).decode
_stamp = msgspec.json.Decoder(_Stamp).decode


def cut(batch: Batch) -> list[tuple[Place, bytes]]:
    """A batch's events, each in the very bytes in which it is stored, in the batch's own order.

    Raises:
        msgspec.DecodeError: the payload is not a list of rrweb events.
    """
    raws = (bytes(raw) for raw in _cut(b"[" + batch.payload + b"]"))
    return [
        (Place(int(_stamp(raw).timestamp), batch.seq, batch.partition, batch.offset, idx), raw)
        for idx, raw in enumerate(raws)
    ]


class Page:
    """One page of a window's events, filled batch by batch.

    Give every batch whose `end` is beyond `after`, by `begin`, to `add`, until `full`; then call `close`.
    What these give, in order, is the page. It ends before the first batch or event that would take it past
    `limit_bytes`, but holds at least one. `last` is then the place that the next page comes `after`.

    Args:
        until: the first place that is asked for no more; None for all.
    """

    def __init__(self, after: Place | None, limit_bytes: int, until: Place | None = None) -> None:
        self.last = after
        self._until = until
        self.full = False
        """The page has ended, and there is more behind it."""
        self.merged_bytes = 0
        """Bytes that went out event by event, of batches that overlap or are unordered."""
        self.bytes = 0
        self._limit_bytes = limit_bytes
        self._newest: Batch | None = None
        # A heap of cut events that a later batch may still come before, and their bytes.
        self._waiting: list[tuple[Place, bytes]] = []
        self._waiting_bytes = 0
        self._let_go: Place | None = None
        """From this place on events were let go: the page cannot reach them."""

    def add(self, batch: Batch) -> list[bytes]:
        """Take the next batch; gives the pieces that it makes certain."""
        pieces: list[bytes] = []
        if not self.full:
            self._settle(batch.begin, pieces)
        self._newest = batch
        return pieces

    def close(self) -> list[bytes]:
        """There is no further batch; gives what is left."""
        pieces: list[bytes] = []
        if not self.full:
            self._settle(None, pieces)
        return pieces

    def _settle(self, bound: Place | None, pieces: list[bytes]) -> None:
        """Give out what comes before `bound`, where the next batch begins (None: there is none)."""
        batch, self._newest = self._newest, None
        if batch is not None:
            untouched = self.last is None or self.last < batch.begin
            alone = not self._waiting and self._let_go is None and (bound is None or batch.end < bound)
            whole = self._until is None or batch.end < self._until
            if untouched and alone and whole and batch.in_order:
                self._give(batch.end, batch.payload, pieces)
                return
            self._cut(batch)
        while self._waiting and not self.full and (bound is None or self._waiting[0][0] < bound):
            place, event = self._waiting[0]
            self._give(place, event, pieces)
            if not self.full:
                heapq.heappop(self._waiting)
                self._waiting_bytes -= len(event)
                self.merged_bytes += len(event)
        if self._let_go is not None and not self._waiting and (bound is None or self._let_go < bound):
            self.full = True

    def _give(self, place: Place, piece: bytes, pieces: list[bytes]) -> None:
        if self.bytes and self.bytes + len(piece) > self._limit_bytes:
            self.full = True
            return
        pieces.append(piece)
        self.bytes += len(piece)
        self.last = place

    def _cut(self, batch: Batch) -> None:
        for place, event in cut(batch):
            if self.last is not None and place <= self.last:
                continue
            if self._until is not None and place >= self._until:
                continue
            if self._let_go is not None and place >= self._let_go:
                continue
            heapq.heappush(self._waiting, (place, event))
            self._waiting_bytes += len(event)
        if self._waiting_bytes > 2 * self._limit_bytes:
            self._let_latest_go()

    def _let_latest_go(self) -> None:
        """Keep what the page can hold at most; the rest is read again for the next one."""
        self._waiting.sort()
        kept, room = 0, self._limit_bytes
        while kept < len(self._waiting) and (kept == 0 or len(self._waiting[kept][1]) <= room):
            room -= len(self._waiting[kept][1])
            kept += 1
        if kept < len(self._waiting):
            self._let_go = self._waiting[kept][0]
            del self._waiting[kept:]
            self._waiting_bytes = self._limit_bytes - room
