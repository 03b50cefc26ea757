"""The verdict finds what is wrong: rows, letters, announcements and state are tampered with, one by one."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from clickhouse_connect.driver.client import Client

from schemas.session import SessionState, decode
from schemas.topic import BATCHES, DEAD_LETTERS, SESSIONIZER_CHANGELOG, SESSIONS
from sessionizer.core.rules import Rules
from sessionizer.worker.recovery import Recovery
from tests.faults.log import log_of
from tests.faults.traffic import Traffic
from tests.faults.verdict import verdict
from tests.faults.visits import Place
from tests.faults.waiting import caught_up
from tests.servers.broker import KafkaServer
from tests.servers.engine import ClickHouseDatabase
from tests.servers.sessionizer import workers_on

pytestmark = [pytest.mark.faults, pytest.mark.stack, pytest.mark.timeout(240)]

RULES = Rules(topic=BATCHES, grace_ms=500, ended_after_ms=2_000, retain_ms=60_000)
SECONDS = 8

Write = Callable[[str, bytes | None, bytes | None, int], Awaitable[None]]


@pytest.fixture
async def write(kafka: KafkaServer) -> AsyncIterator[Write]:
    """Write a record: topic, key, value, partition."""
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, acks="all") as producer:

        async def send(topic: str, key: bytes | None, value: bytes | None, partition: int) -> None:
            await producer.send_and_wait(topic, value, key, partition)

        yield send


async def test_whatever_is_wrong_is_found(
    kafka: KafkaServer, clickhouse: ClickHouseDatabase, tmp_path: Path, write: Write
) -> None:
    traffic = await worked(kafka, clickhouse, tmp_path)
    client, sent = clickhouse.client(), traffic.sent

    async def differences() -> str:
        return "\n".join((await verdict(kafka.bootstrap, client, RULES, sent)).differences)

    assert await differences() == ""

    sent.acknowledged[Place(0, 10**9)] = secrets.token_bytes(16)
    assert "the log lacks 1 acknowledged" in await differences()
    del sent.acknowledged[Place(0, 10**9)]

    missing = sent.good.pop()
    assert "records of others" in await differences()
    sent.good.add(missing)

    change(
        client, "INSERT INTO sessions SELECT * REPLACE (version + 1 AS version) FROM sessions FINAL LIMIT 1"
    )
    told = await differences()
    assert "sessions, by the core: 1 missing, 1 unexpected" in told
    assert "sessions, by the oracle: 1 missing, 1 unexpected" in told
    assert "byte for byte" in told
    change(
        client, "INSERT INTO sessions SELECT * REPLACE (started_at + 1 AS started_at) FROM sessions LIMIT 1"
    )
    assert "a session has more than one row" in await differences()

    change(
        client,
        "ALTER TABLE events DELETE WHERE idx = 2 AND (session_id, batch_id) IN "
        "(SELECT session_id, batch_id FROM events LIMIT 1)",
    )
    assert "events, by the oracle: 1 missing, 1 unexpected" in await differences()

    change(
        client,
        "ALTER TABLE recordings UPDATE payload = concat(payload, ' ') "
        "WHERE offset = (SELECT min(offset) FROM recordings)",
    )
    told = await differences()
    assert "recordings, by the core" in told
    assert "recordings, by the oracle" in told
    change(
        client, "INSERT INTO recordings SELECT * REPLACE (first_at + 1 AS first_at) FROM recordings LIMIT 1"
    )
    assert "a record has more than one row" in await differences()

    letters = [
        letter for records in (await log_of(kafka.bootstrap, DEAD_LETTERS)).values() for letter in records
    ]
    await write(DEAD_LETTERS, letters[0].key, b"", 0)
    assert "dead letters, by the core: 1 rows are there twice" in await differences()

    number, key = await announced_session(kafka.bootstrap)
    await write(SESSIONS, key, None, number)
    assert "not announced" in await differences()

    shards = await Recovery(kafka.bootstrap).shards(range(4))
    number, shard = next((number, shard) for number, shard in shards.items() if shard.visitors)
    await write(SESSIONIZER_CHANGELOG, next(iter(shard.visitors)), None, number)
    assert f"state of partition {number}: 1 missing, 0 unexpected" in await differences()


async def announced_session(bootstrap: str) -> tuple[int, bytes]:
    """The partition and key of a session that is announced still: not of a receipt, and not erased."""
    for number, records in (await log_of(bootstrap, SESSIONS)).items():
        last = {record.key: record.value for record in records}
        for key, value in last.items():
            if key is not None and value is not None and isinstance(decode(value), SessionState):
                return number, key
    raise AssertionError("no session is announced")


async def worked(kafka: KafkaServer, clickhouse: ClickHouseDatabase, folder: Path) -> Traffic:
    """Traffic that a worker has worked off; it has stopped."""
    stop = asyncio.Event()
    traffic = Traffic(kafka.bootstrap, batches_per_s=40)
    async with workers_on(
        kafka,
        clickhouse,
        folder,
        grace_ms=RULES.grace_ms,
        ended_after_ms=RULES.ended_after_ms,
        retain_ms=RULES.retain_ms,
        tick_ms=500,
    ) as workers:
        worker = workers.start()
        flow = asyncio.create_task(traffic.flow(until=stop))
        await worker.ready()
        await asyncio.sleep(SECONDS)
        stop.set()
        await flow
        await caught_up(kafka.bootstrap)
        assert await worker.process.stop(timeout_ms=10_000) == 0, worker.process.log_end()
    return traffic


def change(client: Client, statement: str) -> None:
    """As it says; deduplication of inserts is not to take it for a repeat."""
    client.command(
        statement, settings={"mutations_sync": 2, "insert_deduplication_token": secrets.token_hex(8)}
    )
