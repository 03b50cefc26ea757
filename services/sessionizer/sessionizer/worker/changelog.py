"""Writes to the changelog: changed state in batches, then the position, each acknowledged by all replicas.

A producer of our own, idempotent, awaited: Faust's own gives up flushing after 0.1 s and only logs what was
not sent. Knows keys and bytes; what they mean is in `core.state`.
"""

import asyncio
from collections.abc import Iterable

from aiokafka import AIOKafkaProducer
from aiokafka.structs import RecordMetadata

MAX_REQUEST_BYTES = 16 * 1024 * 1024
BATCH_BYTES = 512 * 1024
REQUEST_TIMEOUT_MS = 20_000


def durable_producer(bootstrap: str, client_id: str) -> AIOKafkaProducer:
    """Acknowledged by all replicas, in order, without duplicates. Not started."""
    return AIOKafkaProducer(
        bootstrap_servers=bootstrap.split(","),
        client_id=client_id,
        acks="all",
        enable_idempotence=True,
        max_batch_size=BATCH_BYTES,
        max_request_size=MAX_REQUEST_BYTES,
        request_timeout_ms=REQUEST_TIMEOUT_MS,
    )


async def write_records(
    producer: AIOKafkaProducer,
    topic: str,
    partition: int,
    records: Iterable[tuple[bytes, bytes | None]],
) -> None:
    """Write these (key, value or tombstone) in order and return when all are acknowledged.

    Raises:
        aiokafka.errors.KafkaError: one was not; how many were written is unknown.
    """
    sent: list[asyncio.Future[RecordMetadata]] = []
    batch = producer.create_batch()
    for key, value in records:
        if batch.append(key=key, value=value, timestamp=None) is None:
            sent.append(await producer.send_batch(batch, topic, partition=partition))
            batch = producer.create_batch()
            batch.append(key=key, value=value, timestamp=None)
    if batch.record_count():
        sent.append(await producer.send_batch(batch, topic, partition=partition))
    await asyncio.gather(*sent)
