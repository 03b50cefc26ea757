"""A partition's writer on a real broker: what is there is whole transactions of whoever opened it last."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import ProducerFenced

from schemas.topic import DEAD_LETTERS, SESSIONIZER_CHANGELOG
from sessionizer.core.state import POSITION_KEY, Position, Seen, Visitor, encode_position, encode_visitor
from sessionizer.worker.recovery import Recovery
from sessionizer.worker.transaction import Outgoing, PartitionWriter, transactional_producer
from tests.faults.verdict import log_of
from tests.servers.broker import KafkaServer

pytestmark = [pytest.mark.stack, pytest.mark.timeout(120)]

NUMBER = 2
LETTER = Outgoing(DEAD_LETTERS, b"playhead.batches-2-0", b"what it was", (("reason", b"no_value"),))

Open = Callable[[], Awaitable[PartitionWriter]]


@pytest_asyncio.fixture
async def opened(kafka: KafkaServer) -> AsyncIterator[Open]:
    """Opens another writer of one partition, as another worker would."""
    await kafka.fresh_topics()
    writers: list[PartitionWriter] = []

    async def open_another() -> PartitionWriter:
        producer = transactional_producer(kafka.bootstrap, f"worker-{len(writers)}", NUMBER)
        writers.append(PartitionWriter(producer, NUMBER))
        await writers[-1].open()
        return writers[-1]

    yield open_another
    for writer in writers:
        await writer.close()


def entries(name: str, offset: int) -> list[tuple[bytes, bytes | None]]:
    """State of one visitor, and a position."""
    return [
        (f"shop/{name}".encode(), encode_visitor(Visitor(offset=offset))),
        (POSITION_KEY, encode_position(Position(offset, 1_000 + offset))),
    ]


async def hand_over(writer: PartitionWriter, name: str, offset: int) -> None:
    await writer.begin()
    await writer.send(LETTER)
    await writer.send_changelog(entries(name, offset))
    await writer.acknowledged()


async def recovered(kafka: KafkaServer) -> tuple[int, set[bytes]]:
    """Position and visitors."""
    async with asyncio.timeout(20):
        shard = (await Recovery(kafka.bootstrap).shards({NUMBER}))[NUMBER]
    return shard.offset, set(shard.visitors)


async def end_of(kafka: KafkaServer, topic: str, number: int) -> int:
    """Where the log ends, whatever of it is committed."""
    async with AIOKafkaConsumer(bootstrap_servers=kafka.bootstrap, group_id=None) as consumer:
        tp = TopicPartition(topic, number)
        return int((await consumer.end_offsets([tp]))[tp])


async def letters(kafka: KafkaServer) -> int:
    return sum(map(len, (await log_of(kafka.bootstrap, DEAD_LETTERS)).values()))


async def test_a_transaction_is_there_once_it_is_committed_and_not_before(
    kafka: KafkaServer, opened: Open
) -> None:
    writer = await opened()
    await hand_over(writer, "ann", 4)
    assert await end_of(kafka, SESSIONIZER_CHANGELOG, NUMBER) == 2
    assert await recovered(kafka) == (-1, set())
    assert await letters(kafka) == 0
    await writer.commit()
    # The broker answers a commit before its records can be read, and an opening only after.
    await opened()
    assert await recovered(kafka) == (4, {b"shop/ann"})
    assert await letters(kafka) == 1


async def test_what_a_former_owner_left_open_is_ended_before_state_is_read(
    kafka: KafkaServer, opened: Open
) -> None:
    former = await opened()
    await hand_over(former, "ann", 4)
    await former.commit()
    await hand_over(former, "ben", 5)
    following = await opened()
    # Two records, a commit, two records and an abort: to the end of the log, not to where others wait.
    assert await end_of(kafka, SESSIONIZER_CHANGELOG, NUMBER) == 6
    assert await recovered(kafka) == (4, {b"shop/ann"})
    await hand_over(following, "cem", 5)
    await following.commit()
    await opened()
    assert await recovered(kafka) == (5, {b"shop/ann", b"shop/cem"})


@pytest.mark.parametrize("paused", ["before it began", "begun", "amid its records", "before the commit"])
async def test_a_former_owner_commits_nothing_any_more(kafka: KafkaServer, opened: Open, paused: str) -> None:
    former = await opened()
    await hand_over(former, "ann", 4)
    await former.commit()
    if paused != "before it began":
        await former.begin()
    if paused == "amid its records":
        await former.send_changelog(entries("ben", 5)[:1])
        await former.acknowledged()
    if paused == "before the commit":
        await former.send(LETTER)
        await former.send_changelog(entries("ben", 5))
        await former.acknowledged()

    following = await opened()
    await hand_over(following, "cem", 5)
    await following.commit()
    await opened()
    ends = {
        topic: await end_of(kafka, topic, number)
        for topic, number in ((SESSIONIZER_CHANGELOG, NUMBER), (DEAD_LETTERS, 0))
    }

    async def go_on() -> None:
        if paused == "before it began":
            await former.begin()
        if paused != "before the commit":
            await former.send_changelog(entries("ben", 5))
            await former.acknowledged()
        await former.commit()

    with pytest.raises(ProducerFenced):
        await go_on()
    # Not even an open or aborted record: the broker took nothing.
    assert {
        topic: await end_of(kafka, topic, number)
        for topic, number in ((SESSIONIZER_CHANGELOG, NUMBER), (DEAD_LETTERS, 0))
    } == ends
    assert await recovered(kafka) == (5, {b"shop/ann", b"shop/cem"})


async def test_it_says_why_when_it_was_refused_between_two_records(kafka: KafkaServer, opened: Open) -> None:
    """By then aiokafka only says that it is in no transaction."""
    former = await opened()
    await former.begin()
    await opened()

    async def go_on() -> None:
        while True:
            await former.send(LETTER)
            await asyncio.sleep(0.02)

    async with asyncio.timeout(20):
        with pytest.raises(ProducerFenced):
            await go_on()


async def test_a_changelog_that_ends_with_what_was_aborted_is_read_to_its_end(
    kafka: KafkaServer, opened: Open
) -> None:
    for offset in range(3):
        await hand_over(await opened(), "ann", offset)
    await opened()
    assert await end_of(kafka, SESSIONIZER_CHANGELOG, NUMBER) == 9
    assert await recovered(kafka) == (-1, set())


async def test_an_open_transaction_of_another_partition_holds_nothing_up(
    kafka: KafkaServer, opened: Open
) -> None:
    neighbour = PartitionWriter(transactional_producer(kafka.bootstrap, "neighbour", 1), 1)
    await neighbour.open()
    await hand_over(neighbour, "dia", 9)
    writer = await opened()
    await hand_over(writer, "ann", 4)
    await writer.commit()
    await opened()
    assert await recovered(kafka) == (4, {b"shop/ann"})
    await neighbour.commit()
    await neighbour.close()


async def test_a_block_of_many_batches_is_one_transaction(kafka: KafkaServer, opened: Open) -> None:
    large = {"window": Seen(batch_ids=bytes(200_000))}
    many = [(f"shop/{n}".encode(), encode_visitor(Visitor(offset=n, seen=large))) for n in range(12)]
    block = [*many, (POSITION_KEY, encode_position(Position(12, 1)))]
    writer = await opened()
    await writer.begin()
    await writer.send_changelog(block)
    await writer.acknowledged()
    following = await opened()
    assert await recovered(kafka) == (-1, set())
    await following.begin()
    await following.send_changelog(block)
    await following.acknowledged()
    await following.commit()
    await opened()
    assert await recovered(kafka) == (12, {key for key, _ in many})
