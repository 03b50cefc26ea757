"""Waits for what a worker wrote, with a deadline."""

import asyncio
import time

from aiokafka import AIOKafkaConsumer

from schemas.topic import BATCHES
from sessionizer.worker.recovery import Recovery
from tests.servers.broker import partitions_of


async def caught_up(bootstrap: str, timeout_s: float = 120) -> None:
    """Until the positions in the changelog are past every record that is in the log now."""
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=None) as consumer:
        ends = await consumer.end_offsets(partitions_of(BATCHES))
    deadline = time.monotonic() + timeout_s
    behind = {tp.partition: end for tp, end in ends.items() if end > 0}
    while behind:
        shards = await Recovery(bootstrap).shards(list(behind))
        behind = {number: end for number, end in behind.items() if shards[number].offset + 1 < end}
        assert time.monotonic() < deadline, f"not caught up: {behind}"
        await asyncio.sleep(0.2 if behind else 0)
