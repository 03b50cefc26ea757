"""Connections from the real topic: shown once caught up, followed, and kept whatever happens to the topic."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest
from aiokafka import ConsumerRecord

from query_api import metrics
from query_api.book_reader import apply
from query_api.connections.repository import ConnectionReader
from query_api.connections.service import ConnectionService
from query_api.problems import Reason, Refusal
from schemas.connection import ConnectionBook, encode
from schemas.topic import CONNECTIONS
from tests.query_api.seeds import connection
from tests.servers.broker import KafkaServer
from tests.servers.collector import write, write_connections

WITHIN_S = 30


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not true():
            await asyncio.sleep(0.02)


@asynccontextmanager
async def running(kafka: KafkaServer) -> AsyncIterator[ConnectionReader]:
    reader = ConnectionReader(kafka.bootstrap)
    task = asyncio.create_task(reader.run())
    try:
        yield reader
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def ids(reader: ConnectionReader, tenant: str = "demo") -> list[str]:
    return [each.id for each in reader.of_tenant(tenant)]


@pytest.mark.stack
async def test_all_of_them_are_known_once_it_has_caught_up_and_changes_follow(kafka: KafkaServer) -> None:
    await kafka.fresh_topics()
    many = [connection(f"c{number:03}", created_at=number) for number in range(300)]
    await write_connections(kafka.bootstrap, [*many, connection("theirs", tenant="rival")], removed=["c007"])

    async with running(kafka) as reader:
        assert not reader.caught_up
        await until(lambda: reader.caught_up)
        # Shown only when whole: the removal, the last record, is in.
        assert ids(reader) == [each.id for each in many if each.id != "c007"]
        assert ids(reader, "rival") == ["theirs"]

        await write_connections(kafka.bootstrap, [connection("new", created_at=999)], removed=["c001"])
        await until(lambda: "new" in ids(reader) and "c001" not in ids(reader))


@pytest.mark.stack
async def test_an_empty_topic_is_caught_up_at_once(kafka: KafkaServer) -> None:
    await kafka.fresh_topics()

    async with running(kafka) as reader:
        await until(lambda: reader.caught_up)
        assert ids(reader) == []


@pytest.mark.stack
async def test_a_topic_that_comes_later_is_waited_for(kafka: KafkaServer) -> None:
    await kafka.delete_topics({CONNECTIONS})

    async with running(kafka) as reader:
        await asyncio.sleep(1)
        assert not reader.caught_up

        await kafka.fresh_topics()
        await write_connections(kafka.bootstrap, [connection("one")])
        await until(lambda: ids(reader) == ["one"])


@pytest.mark.stack
async def test_a_topic_that_is_made_anew_is_read_anew_and_the_old_connections_are_gone(
    kafka: KafkaServer,
) -> None:
    await kafka.fresh_topics()
    await write_connections(kafka.bootstrap, [connection("one"), connection("two")])

    async with running(kafka) as reader:
        await until(lambda: ids(reader) == ["one", "two"])
        await kafka.fresh_topics()
        await write_connections(kafka.bootstrap, [connection("three")])
        await until(lambda: ids(reader) == ["three"])


@pytest.mark.stack
async def test_a_record_that_is_no_connection_is_counted_and_passed(kafka: KafkaServer) -> None:
    await kafka.fresh_topics()
    before = metrics.CONNECTION_RECORDS_UNREADABLE._value.get()
    bad = [(b"one", b"{nonsense"), (b"\xff\xfe", encode(connection("x")))]
    await write_connections(kafka.bootstrap, [connection("one")])
    await write(kafka.bootstrap, CONNECTIONS, bad)
    await write_connections(kafka.bootstrap, [connection("two")])

    async with running(kafka) as reader:
        await until(lambda: reader.caught_up)
        assert ids(reader) == ["one", "two"], "what it was before the bad record"

    assert metrics.CONNECTION_RECORDS_UNREADABLE._value.get() == before + 2


def test_before_it_has_caught_up_nothing_is_said_not_to_be_there() -> None:
    service = ConnectionService(ConnectionReader("127.0.0.1:1"))

    for ask in (lambda: service.one("demo", "shop"), lambda: service.of_tenant("demo")):
        with pytest.raises(Refusal) as refused:
            ask()
        assert refused.value.reason is Reason.NOT_READY


def test_a_record_without_a_key_changes_nothing() -> None:
    book = ConnectionBook()
    record = ConsumerRecord(CONNECTIONS, 0, 5, 0, 0, None, None, None, 0, 0, ())

    apply(book, record, metrics.CONNECTION_RECORDS_UNREADABLE)

    assert len(book) == 0
