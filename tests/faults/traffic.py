"""What flows while processes die: real recordings as batches, and all that a log may hold beside them."""

import asyncio
import gzip
import itertools
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from schemas.envelope import VERSION, Batch, encode, visitor_key
from schemas.topic import BATCHES
from tests.builders.batches import a_batch
from tests.builders.events import a_batch_of, a_click, a_full_snapshot, a_meta
from tests.faults.verdict import SentBatch, sent_batch

RECORDINGS = Path(__file__).parents[2] / "examples" / "recordings"
BATCH_EVENTS = 40
GAP_MS = 4_000

Sent = tuple[bytes | None, bytes | None]
"""Key and value of a record."""


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class Traffic:
    """Sends for as long as it is told to, and remembers which batches were acknowledged."""

    def __init__(self, bootstrap: str, *, batches_per_s: float, seed: int = 0) -> None:
        self._bootstrap = bootstrap
        self._pause_s = 1 / batches_per_s
        self._random = random.Random(seed)
        self.acknowledged: set[SentBatch] = set()

    async def flow(self, until: asyncio.Event) -> None:
        """Send until told to stop, then finish the visitors that have begun."""
        producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap, acks="all", enable_idempotence=True, max_request_size=16 << 20
        )
        await producer.start()
        try:
            for visitor in itertools.count():
                if until.is_set():
                    break
                group = [
                    self._recording(visitor * 3),
                    self._recording(visitor * 3 + 1),
                    self._unnumbered(visitor),
                ]
                for batches in itertools.zip_longest(*group):
                    for batch in filter(None, batches):
                        await self._send(producer, batch)
                        await asyncio.sleep(self._pause_s)
        finally:
            await producer.stop()

    async def _send(self, producer: AIOKafkaProducer, batch: Batch) -> None:
        key = visitor_key(batch.connection, batch.visitor)
        records: list[Sent] = [(key, encode(batch))]
        if self._random.random() < 0.1:
            records.append(records[0])
        if self._random.random() < 0.1:
            records.append(self._bad_record(key, batch))
        for record_key, value in records:
            while True:
                try:
                    await producer.send_and_wait(BATCHES, value, key=record_key)
                    break
                except KafkaError:
                    await asyncio.sleep(0.5)
        self.acknowledged.add(sent_batch(batch))

    def _recording(self, number: int) -> Iterator[Batch]:
        """A visitor who did what a recording shows, now."""
        files = sorted(RECORDINGS.glob("*.jsonl.gz"))
        events = gzip.decompress(files[number % len(files)].read_bytes()).splitlines()
        for seq, start in enumerate(range(0, len(events), BATCH_EVENTS)):
            part = events[start : start + BATCH_EVENTS]
            payload = b"[" + b",".join(part) + b"]"
            now = now_ms()
            yield a_batch(
                now,
                visitor=f"recorded-{number}",
                seq=seq,
                lasts_ms=500,
                events=len(part),
                raw_bytes=len(payload),
                gap_ms=GAP_MS,
                full_snapshots_at=(now - 100,) if b'"type":2,' in payload else (),
                meta_at=now - 200 if b'"type":4,' in payload else None,
                href="https://shop.example/" if b'"type":4,' in payload else None,
                encoding="gzip",
                payload=gzip.compress(payload, 1),
            )

    def _unnumbered(self, visitor: int) -> Iterator[Batch]:
        """A client without seqs that sends the same events again in other groupings (rule 6)."""
        began = now_ms()
        events = [a_meta(began), a_full_snapshot(began + 1), *(a_click(began + 2 + n, n) for n in range(30))]
        for start in range(0, len(events), 8):
            again_and_new = events[max(0, start - 3) : start + 8]
            yield _at(a_batch_of(again_and_new, seq=None, visitor=f"unnumbered-{visitor}"), now_ms())

    def _bad_record(self, key: bytes, batch: Batch) -> Sent:
        choices: Sequence[Sent] = [
            (key, b"\xc1 not msgpack"),
            (key, None),
            (key, encode(_changed(batch, version=VERSION + 1))),
            (key, encode(_changed(batch, payload=b"\x1f\x8b no gzip", encoding="gzip"))),
            (b"shop/somebody-else", encode(batch)),
        ]
        return self._random.choice(choices)


def _at(batch: Batch, at: int) -> Batch:
    return _changed(batch, received_at=at, sent_at=at, gap_ms=GAP_MS)


def _changed(batch: Batch, **fields: object) -> Batch:
    values = {name: getattr(batch, name) for name in batch.__struct_fields__}
    return Batch(**{**values, **fields})  # type: ignore[arg-type]
