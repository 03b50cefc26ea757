"""Hold the connections in memory, from `playhead.connections`, from its beginning and onwards.

Knows Kafka; what a record means is `schemas.connection`'s matter. Until the whole topic has been read once
nobody's key is called unknown.
"""

import msgspec
import stamina
import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from collector.metrics import BAD_CONNECTION_RECORDS, CONNECTIONS
from schemas import topic
from schemas.connection import ConnectionBook

log = structlog.get_logger(__name__)


class LogRestarted(Exception):  # noqa: N818
    """Offsets went back: the topic was made anew, and what was read before is void."""


class ConnectionReader:
    """`book` is what has been read; it is replaced, whole, when the topic has to be read again."""

    def __init__(self, bootstrap: str):
        self._bootstrap = bootstrap
        self.book = ConnectionBook()
        self.caught_up = False
        """The topic was read to the end that it had when reading began. Stays true."""

    async def run(self) -> None:
        """Read until cancelled. A broker that is away is waited for, and the last book serves meanwhile."""
        retries = stamina.retry_context(
            on=(KafkaError, OSError, LogRestarted),
            attempts=None,
            timeout=None,
            wait_initial=0.2,
            wait_max=3.0,
            wait_jitter=0.5,
        )
        async for attempt in retries:
            with attempt:
                await self._read()

    async def _read(self) -> None:
        book = ConnectionBook()
        consumer = AIOKafkaConsumer(
            topic.CONNECTIONS,
            bootstrap_servers=self._bootstrap,
            client_id="playhead-collector-connections",
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )
        try:
            await consumer.start()
            ends = await consumer.end_offsets(consumer.assignment())
            if not ends:
                raise KafkaError(f"{topic.CONNECTIONS} has no partitions yet")
            await self._follow(consumer, book, ends)
        finally:
            await consumer.stop()

    async def _follow(
        self, consumer: AIOKafkaConsumer, book: ConnectionBook, ends: dict[TopicPartition, int]
    ) -> None:
        serving = False
        seen: dict[TopicPartition, int] = {}
        while True:
            if not serving and all([await consumer.position(tp) >= end for tp, end in ends.items()]):
                self.book = book
                self.caught_up = serving = True
                CONNECTIONS.set(len(book))
                log.info("connections are read", connections=len(book))
            for tp, records in (await consumer.getmany(timeout_ms=500)).items():
                for record in records:
                    if record.offset <= seen.get(tp, -1):
                        raise LogRestarted(f"offset {record.offset} after {seen[tp]}")
                    seen[tp] = record.offset
                    apply(book, record.key, record.value, record.offset)
            if serving:
                CONNECTIONS.set(len(book))


def apply(book: ConnectionBook, key: bytes | None, value: bytes | None, offset: int) -> None:
    """Take one record into the book. What is no connection is counted, logged and passed over."""
    try:
        book.apply(key or b"", value)
    except msgspec.DecodeError as error:
        BAD_CONNECTION_RECORDS.inc()
        log.warning("a record is no connection", offset=offset, error=str(error))
