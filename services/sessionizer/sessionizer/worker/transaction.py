"""What the owner of a partition writes to Kafka for a block: one transaction, or nothing (ADR 50).

A partition's transactional id is the same in every worker. Whoever opens its writer ends what a former owner
left open and takes from it the right to write, so state can be read next and stays what was read. A producer
of our own: Faust's gives up flushing after 0.1 s and only logs what was not sent. Knows keys and bytes; what
they mean is in `core.state`.
"""

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from typing import NamedTuple

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import IllegalOperation
from aiokafka.structs import RecordMetadata

from schemas.topic import SESSIONIZER_CHANGELOG

TRANSACTIONAL_ID = "playhead-sessionizer"
MAX_REQUEST_BYTES = 17 * 1024 * 1024
"""What the topic of the dead letters takes: the largest record, whole, and what is said of it."""
BATCH_BYTES = 512 * 1024
REQUEST_TIMEOUT_MS = 20_000
TRANSACTION_TIMEOUT_MS = 30_000
"""A transaction holds writes to Kafka only, so a few milliseconds are usual. More than one request's timeout,
so that a lost request can be sent again; not much more, because what a dead worker left open holds up the
readers of committed records until its partition is taken over or this time is over."""
CLOSE_WITHIN_S = 1.0

log = structlog.get_logger(__name__)


class NotCommitted(RuntimeError):  # noqa: N818
    """The broker did not say in time that a transaction is committed: it may be, or not."""


class Producer(NamedTuple):
    """Who writes, as the broker names it. A transactional id keeps its producer's id."""

    id: int
    epoch: int
    """Each opening raises it; the broker refuses those with a lower one."""


class Outgoing(NamedTuple):
    """A record for another topic than the changelog; its key gives its partition."""

    topic: str
    key: bytes
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()


def transactional_producer(bootstrap: str, client_id: str, partition: int) -> AIOKafkaProducer:
    """The producer of one partition's owner. Not started."""
    return AIOKafkaProducer(
        bootstrap_servers=bootstrap.split(","),
        client_id=client_id,
        transactional_id=f"{TRANSACTIONAL_ID}-{partition}",
        transaction_timeout_ms=TRANSACTION_TIMEOUT_MS,
        acks="all",
        max_batch_size=BATCH_BYTES,
        max_request_size=MAX_REQUEST_BYTES,
        request_timeout_ms=REQUEST_TIMEOUT_MS,
    )


class PartitionWriter:
    """Writes one transaction after another: begin, send, acknowledged, commit.

    After an error it is of no more use: whether the transaction is there is unknown until another writer is
    opened and the state read again. Every method but `close` may raise `aiokafka.errors.ProducerFenced`
    (another writer of the partition was opened since) or another `KafkaError`.
    """

    def __init__(self, producer: AIOKafkaProducer, partition: int):
        self._producer = producer
        self.partition = partition
        self._sent: list[asyncio.Future[RecordMetadata]] = []
        self.position = -1
        """The position that is written, for `core.written`; set it to the recovered one."""

    async def open(self) -> None:
        """Fence off whoever had the partition; returns once nothing of theirs is open."""
        await self._producer.start()

    @property
    def producer(self) -> Producer:
        """Who it is since it was opened. aiokafka shows it nowhere else."""
        manager = self._producer._txn_manager  # noqa: SLF001
        return Producer(manager.producer_id, manager.producer_epoch)

    async def close(self) -> None:
        """Let go. A transaction that is still open is ended by the next owner, or by the broker in time."""
        try:
            async with asyncio.timeout(CLOSE_WITHIN_S):
                await self._producer.stop()
        except TimeoutError:
            log.warning("writer not closed in time", partition=self.partition)

    async def begin(self) -> None:
        self._sent = []
        await self._producer.begin_transaction()

    async def send(self, record: Outgoing) -> None:
        """Hand over a record."""
        await self._hand_over(
            self._producer.send(record.topic, record.value, key=record.key, headers=list(record.headers))
        )

    async def send_changelog(self, entries: Iterable[tuple[bytes, bytes | None]]) -> None:
        """Hand over these (key, value or tombstone) for the partition of the changelog, in order."""
        batch = self._producer.create_batch()
        for key, value in entries:
            if batch.append(key=key, value=value, timestamp=None) is None:
                await self._send_batch(batch)
                batch = self._producer.create_batch()
                batch.append(key=key, value=value, timestamp=None)
        if batch.record_count():
            await self._send_batch(batch)

    async def _send_batch(self, batch: object) -> None:
        await self._hand_over(
            self._producer.send_batch(batch, SESSIONIZER_CHANGELOG, partition=self.partition)
        )

    async def _hand_over(self, sending: Awaitable[asyncio.Future[RecordMetadata]]) -> None:
        try:
            self._sent.append(await sending)
        except IllegalOperation:
            # The producer has given the transaction up meanwhile. What was handed over before says why.
            await self.acknowledged()
            raise

    async def acknowledged(self) -> None:
        """Until all replicas have all that was handed over. aiokafka commits without what failed."""
        await asyncio.gather(*self._sent)

    async def commit(self) -> None:
        await self._producer.commit_transaction()
