"""Reads a compacted topic from its beginning into a book (what its records, applied in order, make), and on.

A new book is shown only once it has caught up; until then, and while Kafka is away, the last one is.
"""

import asyncio
import random
import time
from collections.abc import Callable, Sized
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import msgspec
import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from prometheus_client import Counter, Gauge

log = structlog.get_logger(__name__)

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 5.0
POLL_MS = 1_000
METADATA_MAX_AGE_MS = 5_000
LOOK_EVERY_MS, LOOK_WITHIN_S = 5_000, 5.0


class Book(Sized, Protocol):
    def apply(self, key: bytes, value: bytes | None) -> object: ...


AnyBook = TypeVar("AnyBook", bound=Book)


class TopicNotThere(Exception):  # noqa: N818 - said once, waited for
    """The broker answers, but the topic has not been created yet."""


@dataclass(frozen=True)
class Measures:
    """A topic's metrics: how many entries are held, records that could not be read, readings begun again."""

    held: Gauge
    unreadable: Counter
    restarts: Counter


def monotonic_ms() -> int:
    return time.monotonic_ns() // 1_000_000


class BookReader(Generic[AnyBook]):
    def __init__(
        self,
        kafka_bootstrap: str,
        topic: str,
        new_book: Callable[[], AnyBook],
        measures: Measures,
        clock: Callable[[], int] = monotonic_ms,
    ) -> None:
        self._kafka_bootstrap = kafka_bootstrap
        self._topic = topic
        self._new_book = new_book
        self._measures = measures
        self._clock = clock
        self._book: AnyBook | None = None
        self._current_at_ms: int | None = None
        self._positions: dict[int, int] = {}
        self._moved = asyncio.Condition()

    @property
    def caught_up(self) -> bool:
        return self._book is not None

    @property
    def book(self) -> AnyBook | None:
        """None while nothing has caught up."""
        return self._book

    @property
    def age_ms(self) -> int | None:
        """How long ago the book was all that the log held; grows while Kafka is away. None without a book."""
        return None if self._current_at_ms is None else self._clock() - self._current_at_ms

    def show(self, book: AnyBook) -> None:
        """From now on, this book is what is held."""
        self._book = book
        self._current_at_ms = self._clock()
        self._measures.held.set(len(book))

    async def seen(self, partition: int, offset: int) -> None:
        """Wait until the record written there is in the book. Whoever calls says for how long, for it may not
        come while Kafka is away."""
        async with self._moved:
            await self._moved.wait_for(lambda: self.caught_up and self._positions.get(partition, 0) > offset)

    async def run(self) -> None:
        """Read for ever. What ends a reading begins it again, after a pause that grows in an outage."""
        pause_s = FIRST_PAUSE_S
        while True:
            before = self._book
            try:
                await self._read()
            except (KafkaError, TopicNotThere, OSError) as error:
                log.warning(
                    "reading a topic failed, it begins again",
                    topic=self._topic,
                    error=repr(error),
                    pause_s=pause_s,
                )
            self._measures.restarts.inc()
            pause_s = FIRST_PAUSE_S if self._book is not before else min(pause_s * 2, LONGEST_PAUSE_S)
            # Several instances that lost the same broker do not come back in step.
            await asyncio.sleep(pause_s * random.uniform(0.8, 1.2))  # noqa: S311

    async def _read(self) -> None:
        consumer = AIOKafkaConsumer(
            self._topic,
            bootstrap_servers=self._kafka_bootstrap,
            enable_auto_commit=False,
            # A position that the broker no longer has means another log: begin again with an empty book.
            auto_offset_reset="none",
            # The client does not look for a partition that it has lost before its metadata is that old.
            metadata_max_age_ms=METADATA_MAX_AGE_MS,
            fetch_max_wait_ms=500,
        )
        try:
            await consumer.start()
            partitions = _partitions(consumer, self._topic)
            looked_at_ms = self._clock()
            ends: dict[TopicPartition, int] | None = await consumer.end_offsets(partitions)
            await consumer.seek_to_beginning(*partitions)
            book, self._positions = self._new_book(), {}
            while True:
                if ends is not None and await _reached(consumer, ends):
                    if self._book is not book:
                        self.show(book)
                        log.info("topic read", topic=self._topic, entries=len(book))
                    # All that stood in the log when its ends were asked for is in the book.
                    self._current_at_ms, ends = looked_at_ms, None
                for partition, records in (await consumer.getmany(timeout_ms=POLL_MS)).items():
                    for record in records:
                        apply(book, record, self._measures.unreadable)
                        self._positions[partition.partition] = record.offset + 1
                if self._book is book:
                    self._measures.held.set(len(book))
                async with self._moved:
                    self._moved.notify_all()
                if self._clock() - looked_at_ms >= LOOK_EVERY_MS:
                    looked_at_ms, ends = self._clock(), await _ends(consumer, partitions)
        finally:
            await consumer.stop()


def _partitions(consumer: AIOKafkaConsumer, topic: str) -> list[TopicPartition]:
    # Subscribed without a group it was given every partition; none: the topic is not there.
    partitions = sorted(consumer.assignment())
    if not partitions:
        raise TopicNotThere(topic)
    return partitions


async def _ends(
    consumer: AIOKafkaConsumer, partitions: list[TopicPartition]
) -> dict[TopicPartition, int] | None:
    """None while the broker does not say: the book then ages, and the reading goes on."""
    try:
        async with asyncio.timeout(LOOK_WITHIN_S):
            ends: dict[TopicPartition, int] = await consumer.end_offsets(partitions)
            return ends
    except (TimeoutError, KafkaError):
        return None


async def _reached(consumer: AIOKafkaConsumer, ends: dict[TopicPartition, int]) -> bool:
    # Of a topic that was made anew there is no position; the client waits for one, and only getmany says so.
    try:
        async with asyncio.timeout(LOOK_WITHIN_S):
            return all([await consumer.position(partition) >= end for partition, end in ends.items()])
    except TimeoutError:
        return False


def apply(book: Book, record: "ConsumerRecord[bytes, bytes]", unreadable: Counter) -> None:
    """One record into the book; a bad one is counted and passed, and the book stays as it was."""
    try:
        book.apply(record.key or b"", record.value)
    except (ValueError, msgspec.DecodeError) as error:
        unreadable.inc()
        log.warning("a record cannot be read", topic=record.topic, offset=record.offset, error=str(error))
