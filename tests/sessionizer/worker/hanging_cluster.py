"""Two brokers on which a transaction can be made to hang, as Kafka itself makes it.

One broker coordinates transactions, the other leads the partitions that they are written to. While that one
is away, the first takes the markers that it cannot write for written.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import NoReturn

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.structs import OffsetAndMetadata, TopicPartition

from schemas.topic import (
    BATCHES,
    CONNECTIONS,
    DEAD_LETTERS,
    SESSIONS,
    SHARES,
    declared,
)
from sessionizer.worker.app import APP_ID
from sessionizer.worker.continuity import Continuity, commit_note, group_commits
from sessionizer.worker.hanging import WRITTEN, end_hanging
from sessionizer.worker.recovery import Recovery
from sessionizer.worker.transaction import Outgoing, PartitionWriter, transactional_producer
from tests.faults.verdict import log_of
from tests.servers.two_brokers import FIRST, SECOND, TwoBrokers
from tests.sessionizer.worker.records import a_tick_record
from tests.sessionizer.worker.test_transaction import entries

NUMBER = 1
TOLD = Outgoing(SESSIONS, b"a-session", b"that it is there")
LETTER = Outgoing(DEAD_LETTERS, b"playhead.batches-1-0", b"what it was", (("reason", b"no_value"),))
INTERNAL = ("__transaction_state", "__consumer_offsets")


class Cluster:
    def __init__(self, brokers: TwoBrokers) -> None:
        self.brokers = brokers
        self.bootstrap = brokers.bootstrap

    async def opened(self) -> PartitionWriter:
        """What the next owner begins with."""
        writer = PartitionWriter(transactional_producer(self.bootstrap, "worker", NUMBER), NUMBER)
        await writer.open()
        return writer

    async def commit(self, writer: PartitionWriter, name: str, offset: int) -> None:
        """A block's transaction, of one visitor."""
        await self._write(writer, name, offset)
        await writer.commit()

    async def hang(self, writer: PartitionWriter, name: str, offset: int) -> None:
        """The same, but the markers that end it are written nowhere."""
        await self._write(writer, name, offset)
        await self.brokers.second.stop(timeout_ms=60_000)
        await writer.commit()
        self.brokers.start_second()
        for topic in WRITTEN:
            await self.brokers.led_by(topic, SECOND)

    async def _write(self, writer: PartitionWriter, name: str, offset: int) -> None:
        await writer.begin()
        await writer.send(TOLD)
        await writer.send(LETTER)
        await writer.send_changelog(entries(name, offset))
        await writer.acknowledged()

    async def add_ticks(self, count: int) -> None:
        async with AIOKafkaProducer(bootstrap_servers=self.bootstrap) as producer:
            for offset in range(count):
                value = a_tick_record(offset).value
                await producer.send_and_wait(BATCHES, value, partition=NUMBER)

    async def commit_offset(self, offset: int) -> None:
        """As the group does it, once it has heard that the block is committed."""
        async with AIOKafkaConsumer(
            bootstrap_servers=self.bootstrap, group_id=APP_ID, enable_auto_commit=False
        ) as group:
            tp = TopicPartition(BATCHES, NUMBER)
            group.assign([tp])
            await group.commit({tp: OffsetAndMetadata(offset, commit_note(declared()[BATCHES].partitions))})

    async def end_hanging(self, writer: PartitionWriter) -> dict[str, bool]:
        """Whether what hung is committed, by topic."""
        committed = partial(group_commits, self.bootstrap, APP_ID)
        ended = await end_hanging(self.bootstrap, {NUMBER: writer.producer}, committed)
        return {each.tp.topic: commit for each, commit in ended}

    async def recovered(self) -> tuple[int, set[bytes]]:
        """Position and visitors, if a worker would go on from them."""
        shard = (await Recovery(self.bootstrap).shards({NUMBER}))[NUMBER]
        await Continuity(self.bootstrap, APP_ID, _ended).verify([shard])
        return shard.offset, set(shard.visitors)

    async def told(self) -> dict[str, int]:
        """Committed records of what other systems read."""
        return {
            topic: sum(map(len, (await log_of(self.bootstrap, topic)).values()))
            for topic in (SESSIONS, DEAD_LETTERS)
        }


def _ended(reason: str, **facts: object) -> NoReturn:
    raise AssertionError(reason)


@asynccontextmanager
async def running_cluster(folder: Path) -> AsyncIterator[Cluster]:
    brokers = TwoBrokers(folder)
    try:
        await brokers.answers()
        await _coordinated_by_first(brokers)
        for topic in (*WRITTEN, CONNECTIONS, SHARES):
            await brokers.create(declared()[topic], replicas=[SECOND])
        await brokers.create(declared()[BATCHES], replicas=[FIRST])
        yield Cluster(brokers)
    finally:
        await brokers.stop()


async def _coordinated_by_first(brokers: TwoBrokers) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=brokers.bootstrap)
    await admin.start()
    try:
        for topic in INTERNAL:
            placed = {number: [FIRST] for number in range(4)}
            await admin.create_topics(
                [NewTopic(topic, -1, -1, placed, topic_configs={"cleanup.policy": "compact"})]
            )
    finally:
        await admin.close()
