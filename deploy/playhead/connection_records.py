"""Reads and writes the records of `playhead.connections`, the compacted topic that holds every connection."""

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from schemas.connection import Connection, ConnectionBook, encode
from schemas.topic import CONNECTIONS


async def read_connections(bootstrap: str) -> ConnectionBook:
    """All connections as they are now.

    Raises:
        aiokafka.errors.KafkaError: the broker cannot be reached, or lacks the topic.
        msgspec.DecodeError: a record holds no connection.
    """
    partition = TopicPartition(CONNECTIONS, 0)
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        end = (await consumer.end_offsets([partition]))[partition]
        book = ConnectionBook()
        # The position, not the last record's offset: compaction may have taken the last ones.
        while await consumer.position(partition) < end:
            for records in (await consumer.getmany(timeout_ms=1_000)).values():
                for record in records:
                    book.apply(record.key, record.value)
        return book
    finally:
        await consumer.stop()


async def write_connection(bootstrap: str, connection: Connection) -> None:
    """Add or replace it; returns when the broker has it on acks=all."""
    await _write(bootstrap, connection.id, encode(connection))


async def remove_connection(bootstrap: str, connection_id: str) -> None:
    """Its keys are unknown from then on; what was recorded stays."""
    await _write(bootstrap, connection_id, None)


async def _write(bootstrap: str, connection_id: str, value: bytes | None) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True)
    await producer.start()
    try:
        await producer.send_and_wait(CONNECTIONS, value, key=connection_id.encode())
    finally:
        await producer.stop()
