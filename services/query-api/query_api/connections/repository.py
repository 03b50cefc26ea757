"""Reads the compacted topic `playhead.connections` from its beginning into a `ConnectionBook`, and goes on.

A new book is shown only once it has caught up; until then, and while Kafka is away, the last one is.
"""

import asyncio
import random

import msgspec
import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from query_api import metrics
from schemas.connection import Connection, ConnectionBook
from schemas.topic import CONNECTIONS

log = structlog.get_logger(__name__)

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 5.0
POLL_MS = 1_000
METADATA_MAX_AGE_MS = 5_000


class TopicNotThere(Exception):  # noqa: N818 - said once, waited for
    """The broker answers, but the topic has not been created yet."""


class ConnectionReader:
    def __init__(self, kafka_bootstrap: str) -> None:
        self._kafka_bootstrap = kafka_bootstrap
        self._book: ConnectionBook | None = None

    @property
    def caught_up(self) -> bool:
        return self._book is not None

    def by_id(self, connection_id: str) -> Connection | None:
        """None also while nothing has caught up; ask `caught_up` first."""
        return self._book.by_id(connection_id) if self._book else None

    def of_tenant(self, tenant: str) -> list[Connection]:
        """In order of creation, then id."""
        return self._book.of_tenant(tenant) if self._book else []

    def show(self, book: ConnectionBook) -> None:
        """From now on, this book is what the connections are."""
        self._book = book
        metrics.CONNECTIONS.set(len(book))

    async def run(self) -> None:
        """Read for ever. What ends a reading begins it again, after a pause that grows in an outage."""
        pause_s = FIRST_PAUSE_S
        while True:
            before = self._book
            try:
                await self._read()
            except (KafkaError, TopicNotThere, OSError) as error:
                log.warning(
                    "reading the connections failed, it begins again", error=repr(error), pause_s=pause_s
                )
            metrics.CONNECTIONS_READER_RESTARTS.inc()
            pause_s = FIRST_PAUSE_S if self._book is not before else min(pause_s * 2, LONGEST_PAUSE_S)
            # Several instances that lost the same broker do not come back in step.
            await asyncio.sleep(pause_s * random.uniform(0.8, 1.2))  # noqa: S311

    async def _read(self) -> None:
        consumer = AIOKafkaConsumer(
            CONNECTIONS,
            bootstrap_servers=self._kafka_bootstrap,
            enable_auto_commit=False,
            # A position that the broker no longer has means another log: begin again with an empty book.
            auto_offset_reset="none",
            # The client does not look for a partition that it has lost before its metadata is that old.
            metadata_max_age_ms=METADATA_MAX_AGE_MS,
            fetch_max_wait_ms=500,
        )
        try:
            await consumer.start()
            partitions = _partitions(consumer)
            ends = await consumer.end_offsets(partitions)
            await consumer.seek_to_beginning(*partitions)
            book = ConnectionBook()
            while True:
                if self._book is not book and await _reached(consumer, ends):
                    self.show(book)
                    log.info("connections read", connections=len(book))
                for records in (await consumer.getmany(timeout_ms=POLL_MS)).values():
                    for record in records:
                        apply(book, record)
                if self._book is book:
                    metrics.CONNECTIONS.set(len(book))
        finally:
            await consumer.stop()


def _partitions(consumer: AIOKafkaConsumer) -> list[TopicPartition]:
    # Subscribed without a group it was given every partition; none: the topic is not there.
    partitions = sorted(consumer.assignment())
    if not partitions:
        raise TopicNotThere(CONNECTIONS)
    return partitions


async def _reached(consumer: AIOKafkaConsumer, ends: dict[TopicPartition, int]) -> bool:
    for partition, end in ends.items():
        if await consumer.position(partition) < end:
            return False
    return True


def apply(book: ConnectionBook, record: "ConsumerRecord[bytes, bytes]") -> None:
    """One record into the book; a bad one is counted and passed, and the connection stays as it was."""
    try:
        book.apply(record.key or b"", record.value)
    except (ValueError, msgspec.DecodeError) as error:
        metrics.CONNECTION_RECORDS_UNREADABLE.inc()
        log.warning("a record of the connections cannot be read", offset=record.offset, error=str(error))
