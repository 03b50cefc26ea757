"""Rule 4: a tick to each partition that is owned, and no harm where one cannot be written."""

import asyncio
import contextlib
from typing import Any

import pytest
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
    # The clock is read for the partition that cannot be written, too.
    assert producer.sent[:2] == [(BATCHES, 0, Tick(VERSION, 1_000)), (BATCHES, 0, Tick(VERSION, 1_002))]
    assert {partition for _, partition, _ in producer.sent[begun:]} == {0, 1, 2}


async def test_the_ticks_of_several_partitions_are_spread_over_the_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else their blocks end at once, and wait for one another."""
    producer = Producer()
    producer.broken.clear()
    sent_before: list[tuple[float, int]] = []
    stop = asyncio.Event()
    really_sleep = asyncio.sleep

    async def sleep(pause_s: float) -> None:
        await really_sleep(0)  # what was begun is sent
        sent_before.append((pause_s, len(producer.sent)))
        if len(sent_before) > 8:
            stop.set()
        await really_sleep(0)

    monkeypatch.setattr("sessionizer.worker.ticks.asyncio.sleep", sleep)
    task = asyncio.create_task(tick(producer, lambda: {0, 1, 2, 3}, 1_000, lambda: 1_000))
    await stop.wait()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert sent_before[:9] == [(0.25, number) for number in range(9)]
    assert [partition for _, partition, _ in producer.sent[:8]] == [0, 1, 2, 3] * 2
