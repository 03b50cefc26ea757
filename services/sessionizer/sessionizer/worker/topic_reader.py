"""Reads a partition from one offset to another, by fetches, with a consumer that is in no group."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Literal

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import ConsumerRecord

Isolation = Literal["read_committed", "read_uncommitted"]
Records = Sequence[ConsumerRecord[bytes | None, bytes | None]]

FETCH_BYTES = 8 * 1024 * 1024
POLL_MS = 50
"""A fetch that brings only the end of a transaction moves the position and wakes nobody."""


@asynccontextmanager
async def topic_reader(
    bootstrap: str, isolation: Isolation = "read_committed"
) -> AsyncIterator[AIOKafkaConsumer]:
    """
    Raises:
        aiokafka.errors.KafkaError: the broker cannot be reached.
    """
    async with AIOKafkaConsumer(
        bootstrap_servers=bootstrap.split(","),
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="none",
        isolation_level=isolation,
        max_partition_fetch_bytes=FETCH_BYTES,
    ) as reader:
        yield reader


async def fetches(
    reader: AIOKafkaConsumer, tp: TopicPartition, start: int, end: int
) -> AsyncIterator[Records]:
    """The records of `start` and up to `end`, without it; there need be none at any offset."""
    reader.assign([tp])
    reader.seek(tp, start)
    while await reader.position(tp) < end:
        for records in (await reader.getmany(tp, timeout_ms=POLL_MS)).values():
            if records[-1].offset < end:
                yield records
            else:
                yield [record for record in records if record.offset < end]


async def bounds(reader: AIOKafkaConsumer, topic: str, partitions: int) -> dict[int, tuple[int, int]]:
    """Start and end of each partition of a topic."""
    tps = [TopicPartition(topic, number) for number in range(partitions)]
    starts, ends = await reader.beginning_offsets(tps), await reader.end_offsets(tps)
    return {tp.partition: (starts[tp], ends[tp]) for tp in tps}
