"""The broker that everything reads from, and the filling of its topics before anything is measured."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.partitioner import DefaultPartitioner

from benchmarks.sessionizer.cores import SERVING, on_core
from playhead.checkout import JARS
from playhead.kafka import topics
from playhead.kafka.broker import Broker
from playhead.stack.ports import free_ports
from playhead.stack.process import Command, Process
from playhead.stack.readiness import broker_answers, wait_until
from schemas.topic import Topic, declared
from tests.servers.broker import KafkaServer

PARTITIONS = 4
_BATCH_BYTES = 1024 * 1024
_AHEAD = 16
"""Batches handed over and not acknowledged."""

Record = tuple[bytes, bytes, int]
"""Key, value, time in ms."""


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


async def made_anew(kafka: KafkaServer, *names: str) -> None:
    """Topics that are none of the project's, empty."""
    await kafka.delete_topics(set(names))
    made = {name: Topic(name=name, key="", value="", partitions=PARTITIONS, config={}) for name in names}
    await topics.apply(kafka.bootstrap, made)


async def fill(
    kafka: KafkaServer, topic: str, records: Iterable[Record], *, after: Sequence[tuple[int, Record]] = ()
) -> int:
    """Write records, each into its key's partition as every Kafka client would; gives how many bytes.

    Args:
        after: records for a named partition, at its end.
    """
    partitions = list(range(PARTITIONS))
    partition_of = cache(lambda key: DefaultPartitioner()(key, partitions, partitions))
    producer = AIOKafkaProducer(
        bootstrap_servers=kafka.bootstrap,
        acks=1,
        max_batch_size=_BATCH_BYTES,
        max_request_size=_BATCH_BYTES * 16,
    )
    await producer.start()
    began, written, count = time.monotonic(), 0, 0
    batches = {number: producer.create_batch() for number in partitions}
    sent: list[asyncio.Future[object]] = []

    async def send(number: int) -> None:
        sent.append(await producer.send_batch(batches[number], topic, partition=number))
        batches[number] = producer.create_batch()
        if len(sent) > _AHEAD:
            await sent.pop(0)

    async def append(number: int, record: Record) -> None:
        key, value, at = record
        if batches[number].append(key=key, value=value, timestamp=at) is None:
            await send(number)
            if batches[number].append(key=key, value=value, timestamp=at) is None:
                raise ValueError(f"a record of {len(value)} bytes")

    try:
        for record in records:
            await append(partition_of(record[0]), record)
            written += len(record[1])
            count += 1
        for number, record in after:
            await append(number, record)
        for number, batch in batches.items():
            if batch.record_count():
                await send(number)
        await asyncio.gather(*sent)
    finally:
        await producer.stop()
    took = time.monotonic() - began
    print(f"  {count:,} records, {written / 1e6:,.0f} MB into {topic} in {took:.0f} s", flush=True)
    return written


def partitions_of(topic: str) -> list[TopicPartition]:
    return [TopicPartition(topic, number) for number in range(PARTITIONS)]
