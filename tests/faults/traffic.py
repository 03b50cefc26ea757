"""Sends what visitors do to the log, with bad records and duplicates between, and remembers all of it."""

import asyncio
import hashlib
import heapq
import itertools
import random
import time
from collections import deque

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from schemas.envelope import VERSION, Batch, Erasure, encode, visitor_key
from schemas.topic import BATCHES
from tests.faults.visits import KINDS, Pause, Place, Visit, Visitor, changed

AT_ONCE = 14
REMEMBERED = 200

SentRecord = tuple[bytes | None, bytes | None]
"""Key and value."""


def digest(key: bytes | None, value: bytes | None) -> bytes:
    return hashlib.blake2b(repr((key, value)).encode(), digest_size=16).digest()


class Sent:
    """What was sent: the log may hold no keyed record beside it, and must hold what was acknowledged."""

    def __init__(self) -> None:
        self.good: set[bytes] = set()
        """Digests of records that can be read."""
        self.bad: set[bytes] = set()
        """Of those that belong into the dead letters."""
        self.acknowledged: dict[Place, bytes] = {}
        self.ends: dict[int, int] = {}
        """The offset after the last acknowledged record, by partition."""

    def was_acknowledged(self, place: Place, told: bytes) -> None:
        self.acknowledged[place] = told
        self.ends[place.partition] = max(self.ends.get(place.partition, 0), place.offset + 1)

    def until_now(self) -> "Sent":
        """A copy, to be judged by while more is sent."""
        copy = Sent()
        copy.good, copy.bad = set(self.good), set(self.bad)
        copy.acknowledged, copy.ends = dict(self.acknowledged), dict(self.ends)
        return copy


class Traffic:
    """Sends for as long as it is told to."""

    def __init__(self, bootstrap: str, *, batches_per_s: float, seed: int = 0) -> None:
        self._bootstrap = bootstrap
        self._pause_s = 1 / batches_per_s
        self._random = random.Random(seed)
        self._visitors = itertools.count()
        self._lately: deque[SentRecord] = deque(maxlen=REMEMBERED)
        self.sent = Sent()

    async def flow(self, until: asyncio.Event) -> None:
        """Send until told to stop."""
        producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap, acks="all", enable_idempotence=True, max_request_size=16 << 20
        )
        await producer.start()
        due: list[tuple[float, int, Visit]] = []
        try:
            while not until.is_set():
                while len(due) < AT_ONCE:
                    self._begin(due)
                at, number, visit = heapq.heappop(due)
                await asyncio.sleep(max(at - time.monotonic(), 0))
                if (next_at := await self._go_on(producer, visit)) is not None:
                    heapq.heappush(due, (next_at, number, visit))
        finally:
            await producer.stop()

    def _begin(self, due: list[tuple[float, int, Visit]]) -> None:
        number = next(self._visitors)
        kind = KINDS[number % len(KINDS)]
        heapq.heappush(due, (time.monotonic(), number, kind(Visitor(number, self._random))))

    async def _go_on(self, producer: AIOKafkaProducer, visit: Visit) -> float | None:
        """Until the visit pauses; gives when it goes on, None when it is over."""
        place: Place | None = None
        while True:
            try:
                move = next(visit) if place is None else visit.send(place)
            except StopIteration:
                return None
            if isinstance(move, Pause):
                return time.monotonic() + move.ms / 1000
            place = await self._send_all(producer, move)
            await asyncio.sleep(self._pause_s)

    async def _send_all(self, producer: AIOKafkaProducer, envelope: Batch | Erasure) -> Place:
        """The envelope, and now and then a duplicate of it, of an earlier one, or a bad record."""
        key = visitor_key(envelope.connection, envelope.visitor)
        record: SentRecord = key, encode(envelope)
        place = await self._send(producer, record, bad=False)
        if self._random.random() < 0.1:
            await self._send(producer, record, bad=False)
        if self._lately and self._random.random() < 0.03:
            await self._send(producer, self._random.choice(self._lately), bad=False)
        self._lately.append(record)
        if isinstance(envelope, Batch) and self._random.random() < 0.1:
            await self._send(producer, self._bad_record(key, envelope), bad=True)
        return place

    async def _send(self, producer: AIOKafkaProducer, record: SentRecord, *, bad: bool) -> Place:
        key, value = record
        told = digest(key, value)
        (self.sent.bad if bad else self.sent.good).add(told)
        while True:
            try:
                sent = await producer.send_and_wait(BATCHES, value, key=key)
                break
            except KafkaError:
                await asyncio.sleep(0.5)
        place = Place(sent.partition, sent.offset)
        self.sent.was_acknowledged(place, told)
        return place

    def _bad_record(self, key: bytes, batch: Batch) -> SentRecord:
        return self._random.choice(
            [
                (key, b"\xc1 not msgpack"),
                (key, None),
                (key, encode(changed(batch, version=VERSION + 1))),
                (key, encode(changed(batch, payload=b"\x1f\x8b no gzip", encoding="gzip"))),
                (key, encode(changed(batch, received_at=10**15))),
                (key, encode(changed(batch, events=0))),
                (b"shop/somebody-else", encode(batch)),
            ]
        )
