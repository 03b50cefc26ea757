"""Rule 4: a tick to each partition that is owned, and no harm where one cannot be written."""

import asyncio
import contextlib
from typing import Any

from aiokafka.errors import KafkaTimeoutError

from schemas.envelope import VERSION, Tick, decode
from schemas.topic import BATCHES
from sessionizer.worker.ticks import tick


class Producer:
    def __init__(self) -> None:
        self.sent: list[tuple[str, int, Any]] = []
        self.broken = {1}

    async def send_and_wait(self, topic: str, value: bytes, *, partition: int) -> None:
        if partition in self.broken:
            raise KafkaTimeoutError
        self.sent.append((topic, partition, decode(value)))


async def test_each_owned_partition_gets_ticks_that_carry_the_time() -> None:
    producer = Producer()
    owned = {0, 1}
    times = iter(range(1_000, 2_000))
    task = asyncio.create_task(tick(producer, lambda: owned, 1, lambda: next(times)))
    while len(producer.sent) < 3:
        await asyncio.sleep(0.001)
    owned.add(2)
    producer.broken.clear()
    begun = len(producer.sent)
    while len(producer.sent) < begun + 3:
        await asyncio.sleep(0.001)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert producer.sent[:2] == [(BATCHES, 0, Tick(VERSION, 1_000)), (BATCHES, 0, Tick(VERSION, 1_001))]
    assert {partition for _, partition, _ in producer.sent[begun:]} == {0, 1, 2}
