"""Envelopes as the collector makes them, of the recordings that ship with the project. Pure.

A log is rounds: in each round every visitor sends one batch, in an order drawn anew, five seconds after the
last. So neighbours in the log are different visitors, and a block touches about as many visitors as it has
records: the most state that it can.
"""

import gzip
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from msgspec import structs

from collector.prepare import Limits, Prepared, prepare
from collector.summary import Summary
from playhead.player.recording import Recording
from schemas.envelope import VERSION, Batch, encode, visitor_key

EVENTS = 50
"""In each envelope."""
ROUND_MS = 5_000
MINUTE_MS = 60_000
PARTITIONS = 4
CONNECTION = "bench"
AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
)
_KIB = 1024
_ENOUGH = Limits(decompressed_bytes=64 * _KIB * _KIB, events=100_000)
_STEP = 10
_VARIANTS = 8


class Record(NamedTuple):
    partition: int
    key: bytes
    value: bytes
    at: int
    """Its time, ms since the epoch."""


@dataclass(frozen=True)
class Body:
    """What of an envelope comes from its events."""

    prepared: Prepared
    raw: bytes


def opening(recordings: Sequence[Recording]) -> Body:
    """The first 50 events of a recording: they hold the Meta and the first FullSnapshot."""
    return _body([event.text for event in recordings[0].events[:EVENTS]])


def bodies_near(recordings: Sequence[Recording], raw_bytes: int) -> list[Body]:
    """Runs of 50 events of the recordings whose JSON is about so large."""
    runs = [
        [event.text for event in recording.events[start : start + EVENTS]]
        for recording in recordings
        for start in range(0, len(recording.events) - EVENTS, _STEP)
    ]
    runs.sort(key=lambda run: abs(sum(map(len, run)) - raw_bytes))
    return [_body(run) for run in runs[:_VARIANTS]]


def uncompressed(body: Body) -> Body:
    """The same as a client sends it that does not compress."""
    return Body(structs.replace(body.prepared, encoding="identity", payload=body.raw), body.raw)


def _body(events: Sequence[bytes]) -> Body:
    raw = b"[" + b",".join(events) + b"]"
    return Body(prepare(gzip.compress(raw, 6, mtime=0), "gzip", _ENOUGH, numbered=True), raw)


@dataclass(frozen=True)
class Load:
    """A log of batches.

    Attributes:
        visitors: each sends one batch a round.
        first_received_at: of the first batch, ms since the epoch.
        payloads: put into the envelopes in turn; without any, an envelope carries an array of three bytes.
    """

    visitors: int
    rounds: int
    first_received_at: int
    opening: Body
    payloads: Sequence[Body] = ()
    seed: int = 0
    first_seq: int = 0
    names: Sequence[str] = field(default=())
    """Of the visitors; made up if there are none."""

    @property
    def envelopes(self) -> int:
        return self.visitors * self.rounds

    @property
    def raw_bytes(self) -> int:
        """Of the events' JSON of the whole log, about: payloads take turns."""
        mean = sum(len(body.raw) for body in self.payloads) / len(self.payloads) if self.payloads else 0
        return int(mean * self.envelopes)

    def records(self) -> Iterator[Record]:
        """In the order of the log. A visitor's partition is not that of its key: nobody here asks."""
        draw = random.Random(self.seed)
        names = self.names or visitor_names(self.visitors)
        keys = [visitor_key(CONNECTION, name) for name in names]
        payloads = self.payloads or (None,)
        order = list(range(self.visitors))
        for number in range(self.rounds):
            draw.shuffle(order)
            seq = self.first_seq + number
            facts = self.opening.prepared.summary if seq == 0 else None
            start = self.first_received_at + number * ROUND_MS
            for place, visitor in enumerate(order):
                at = start + place * ROUND_MS // self.visitors
                payload = payloads[(place + number) % len(payloads)]
                value = encode(batch(names[visitor], seq, at, facts, payload))
                yield Record(visitor % PARTITIONS, keys[visitor], value, at)

    def events(self) -> Iterator[Record]:
        """The same without recorded content, a record an event, as a collector for Kafka Streams would write.

        The value is the least that an rrweb event can be. A batch's events stay neighbours.
        """
        for partition, key, _, at in self.records():
            for number in range(EVENTS):
                event_at = at - ROUND_MS + (number + 1) * ROUND_MS // EVENTS - 50
                value = b'{"type":3,"data":{"source":1},"timestamp":%d}' % event_at
                yield Record(partition, key, value, event_at)


def visitor_names(visitors: int) -> list[str]:
    """As long as the recorder's."""
    draw = random.Random(2)
    return [f"v-{draw.getrandbits(80):020x}" for _ in range(visitors)]


def batch(visitor: str, seq: int, at: int, facts: Summary | None, payload: Body | None) -> Batch:
    """One envelope.

    Args:
        facts: of a page's first events; without them the batch holds neither Meta nor FullSnapshot.
    """
    opens = facts is not None and facts.meta_at is not None
    return Batch(
        version=VERSION,
        tenant="bench",
        connection=CONNECTION,
        visitor=visitor,
        window=f"w{visitor[2:18]}",
        seq=seq,
        batch_id=seq.to_bytes(8, "little") + visitor.encode()[-8:],
        received_at=at,
        sent_at=at - 40,
        first_at=at - ROUND_MS,
        last_at=at - 50,
        events=EVENTS,
        raw_bytes=3 if payload is None else payload.prepared.raw_bytes,
        full_snapshots_at=(at - ROUND_MS + 10,) if opens else (),
        meta_at=at - ROUND_MS if opens else None,
        href=facts.href if facts is not None else None,
        width=facts.width if facts is not None else None,
        height=facts.height if facts is not None else None,
        user_agent=AGENT,
        country="DE",
        gap_ms=30 * MINUTE_MS,
        max_session_ms=24 * 60 * MINUTE_MS,
        retention_days=30,
        final=False,
        encoding="identity" if payload is None else payload.prepared.encoding,
        payload=b"[0]" if payload is None else payload.prepared.payload,
        in_order=payload is None or payload.prepared.summary.in_order,
    )
