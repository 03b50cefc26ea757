"""The broker that everything reads from, and the filling of its topics before anything is measured."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from itertools import chain
from pathlib import Path

from aiokafka import AIOKafkaProducer

from benchmarks.sessionizer.cores import SERVING, on_core
from benchmarks.sessionizer.envelopes import PARTITIONS, Record
from playhead.checkout import JARS
from playhead.kafka import topics
from playhead.kafka.broker import Broker
from playhead.stack.ports import free_ports
from playhead.stack.process import Command, Process
from playhead.stack.readiness import broker_answers, wait_until
from schemas.topic import SESSIONIZER_CHANGELOG, SESSIONS, Topic, declared
from sessionizer.core.state import POSITION_KEY, Position, encode_position
from tests.servers.broker import KafkaServer

_BATCH_BYTES = 1024 * 1024
_AHEAD = 16
"""Batches handed over and not acknowledged."""


@asynccontextmanager
async def pinned_broker(folder: Path) -> AsyncIterator[KafkaServer]:
    port, controller_port = free_ports(2)
    broker = Broker(folder, JARS, port, controller_port, heap_mb=512)
    broker.prepare()
    command = on_core(SERVING, broker.command())
    process = Process(Command("kafka", command, {}, folder / "kafka.log"))
    try:
        await wait_until(broker_answers(broker.bootstrap), what="Kafka", timeout_ms=60_000)
        yield KafkaServer(broker.bootstrap, broker.log)
    finally:
        await process.stop(timeout_ms=20_000)


async def emptied(kafka: KafkaServer, *names: str) -> None:
    """These declared topics, empty, from offset 0."""
    await kafka.delete_topics(set(names))
    await topics.apply(kafka.bootstrap, {name: declared()[name] for name in names})


async def fresh_state(kafka: KafkaServer, visitors: Iterable[Record] = ()) -> int:
    """Give the worker a state of these visitors; gives the bytes of keys and values.

    It has read the first record of each partition: a worker without any position refuses a log that its group
    has read before.
    """
    await emptied(kafka, SESSIONIZER_CHANGELOG, SESSIONS)
    position = encode_position(Position(0, 0))
    read = [Record(partition, POSITION_KEY, position, 0) for partition in range(PARTITIONS)]
    return await fill(kafka, SESSIONIZER_CHANGELOG, chain(visitors, read))


async def made_anew(kafka: KafkaServer, *names: str) -> None:
    """Topics that are none of the project's, empty."""
    await kafka.delete_topics(set(names))
    made = {name: Topic(name=name, key="", value="", partitions=PARTITIONS, config={}) for name in names}
    await topics.apply(kafka.bootstrap, made)


async def fill(kafka: KafkaServer, topic: str, records: Iterable[Record]) -> int:
    """Write records; gives how many bytes their keys and values have."""
    producer = AIOKafkaProducer(
        bootstrap_servers=kafka.bootstrap,
        acks=1,
        max_batch_size=_BATCH_BYTES,
        max_request_size=_BATCH_BYTES * 16,
    )
    await producer.start()
    began, written, count = time.monotonic(), 0, 0
    batches = [producer.create_batch() for _ in range(PARTITIONS)]
    sent: deque[asyncio.Future[object]] = deque()

    async def send(partition: int) -> None:
        sent.append(await producer.send_batch(batches[partition], topic, partition=partition))
        batches[partition] = producer.create_batch()
        if len(sent) > _AHEAD:
            await sent.popleft()

    try:
        for partition, key, value, at in records:
            if batches[partition].append(key=key, value=value, timestamp=at) is None:
                await send(partition)
                batches[partition].append(key=key, value=value, timestamp=at)
            written += len(key) + len(value)
            count += 1
        for partition, batch in enumerate(batches):
            if batch.record_count():
                await send(partition)
        await asyncio.gather(*sent)
    finally:
        await producer.stop()
    took = time.monotonic() - began
    if count > PARTITIONS:
        print(f"  {count:,} records, {written / 1e6:,.0f} MB into {topic} in {took:.0f} s", flush=True)
    return written
