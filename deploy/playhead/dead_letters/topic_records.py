"""Reads `playhead.dead-letters` from a broker: committed records, up to the end as it is at the start."""

import time
from collections.abc import AsyncIterator, Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord

from playhead.dead_letters.book import Book
from playhead.dead_letters.problems import NoBroker, TopicMissing
from playhead.kafka import topics
from schemas.topic import BATCHES, DEAD_LETTERS

POLL_MS = 50
"""A fetch that brings only the end of a transaction moves the position and wakes nobody."""
PATIENCE_S = 30.0
"""Without progress for so long, the broker is gone."""

Span = tuple[int, int]
"""First offset, and the offset behind the last."""


async def read_book(bootstrap: str) -> Book:
    """Every dead letter that the topic holds.

    Raises:
        NoBroker, TopicMissing: as they say.
    """
    book = Book()
    async for record in topic_records(bootstrap):
        book.apply(record)
    return book


async def partitions(bootstrap: str) -> Mapping[str, int]:
    """How many the topics of the batches and of the dead letters have.

    Raises:
        NoBroker, TopicMissing: as they say.
    """
    wanted = {BATCHES, DEAD_LETTERS}
    try:
        real = await topics.real(bootstrap, wanted)
    except KafkaError as error:
        raise NoBroker(bootstrap, error) from error
    for topic in sorted(wanted - real.keys()):
        raise TopicMissing(topic, bootstrap)
    return {name: topic.partitions for name, topic in real.items()}


async def topic_records(
    bootstrap: str, spans: Mapping[int, Span] | None = None
) -> AsyncIterator[ConsumerRecord]:
    """Records in order, by partition; one at a time, as each can have 16 MiB.

    Args:
        spans: what to read of which partition; everything, where it is not given.

    Raises:
        NoBroker, TopicMissing: as they say.
    """
    numbers = range((await partitions(bootstrap))[DEAD_LETTERS])
    async with AIOKafkaConsumer(
        bootstrap_servers=bootstrap.split(","),
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    ) as consumer:
        assigned = [TopicPartition(DEAD_LETTERS, number) for number in numbers]
        consumer.assign(assigned)
        starts = await consumer.beginning_offsets(assigned)
        ends = await consumer.end_offsets(assigned)
        consumer.pause(*assigned)
        for tp in assigned:
            first, end = spans.get(tp.partition, (0, 0)) if spans is not None else (0, ends[tp])
            async for record in _span(
                consumer, tp, max(first, starts[tp]), min(end, ends[tp]), bootstrap=bootstrap
            ):
                yield record


async def _span(
    consumer: AIOKafkaConsumer, tp: TopicPartition, first: int, end: int, *, bootstrap: str
) -> AsyncIterator[ConsumerRecord]:
    if first >= end:
        return
    consumer.seek(tp, first)
    consumer.resume(tp)
    moved_at, last = time.monotonic(), first
    # The position, not the last record's offset: what ends a transaction is a record that nobody is shown.
    while (position := await consumer.position(tp)) < end:
        if position > last:
            moved_at, last = time.monotonic(), position
        elif time.monotonic() - moved_at > PATIENCE_S:
            raise NoBroker(bootstrap, f"nothing came for {PATIENCE_S:g} s")
        for records in (await consumer.getmany(tp, timeout_ms=POLL_MS, max_records=100)).values():
            for record in records:
                if record.offset < end:
                    yield record
    consumer.pause(tp)
