"""Rule 4: a tick to each partition that this worker owns, so that stream time goes on where nobody records.

A tick that could not be written is left out; the next one carries more time. May read the clock: it is the
one place where the sessionizer does, and what it read goes into the log.
"""

import asyncio
import time
from collections.abc import Callable, Collection

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from schemas.envelope import VERSION, Tick, encode
from schemas.topic import BATCHES

log = structlog.get_logger(__name__)


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def tick_producer(bootstrap: str, client_id: str, tick_ms: int) -> AIOKafkaProducer:
    """One of its own: a tick must not wait behind a block's records. Not started."""
    return AIOKafkaProducer(
        bootstrap_servers=bootstrap.split(","),
        client_id=client_id,
        acks="all",
        request_timeout_ms=max(5 * tick_ms, 5_000),
    )


async def tick(
    producer: AIOKafkaProducer,
    owned: Callable[[], Collection[int]],
    tick_ms: int,
    clock_ms: Callable[[], int] = now_ms,
) -> None:
    """Write a tick to each owned partition every `tick_ms`, until cancelled.

    One after the other, spread over that time: a tick ends a block, and blocks that all end at once wait for
    one another.
    """
    while True:
        turns = sorted(owned())
        async with asyncio.TaskGroup() as sending:
            for partition in turns:
                await asyncio.sleep(tick_ms / 1000 / len(turns))
                if partition in owned():
                    sending.create_task(_send(producer, partition, clock_ms()))
        if not turns:
            await asyncio.sleep(tick_ms / 1000)


async def _send(producer: AIOKafkaProducer, partition: int, at_ms: int) -> None:
    try:
        await producer.send_and_wait(
            BATCHES, encode(Tick(version=VERSION, received_at=at_ms)), partition=partition
        )
    except KafkaError as error:
        log.warning("tick not written", partition=partition, error=repr(error))
