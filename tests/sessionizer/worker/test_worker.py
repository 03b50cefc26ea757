"""The worker as a process, on a real broker and the real engine."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import psutil
import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from clickhouse_connect.driver.client import Client

from schemas.envelope import VERSION, Batch, Tick, encode, visitor_key
from schemas.topic import BATCHES, DEAD_LETTERS, SESSIONIZER_CHANGELOG
from sessionizer.worker.app import APP_ID
from sessionizer.worker.recovery import Recovery
from tests.builders.batches import a_batch
from tests.builders.events import a_batch_of, a_click, a_full_snapshot, a_meta
from tests.faults.verdict import log_of
from tests.faults.waiting import caught_up
from tests.servers.broker import KafkaServer, partitions_of
from tests.servers.engine import ClickHouseDatabase
from tests.servers.sessionizer import Sessionizer, Sessionizers, workers_on

pytestmark = [pytest.mark.stack, pytest.mark.timeout(120)]

MIB = 1 << 20


def now_ms() -> int:
    return time.time_ns() // 1_000_000


@pytest.fixture
def client(clickhouse: ClickHouseDatabase) -> Client:
    return clickhouse.client()


@pytest_asyncio.fixture
async def workers(
    kafka: KafkaServer, clickhouse: ClickHouseDatabase, tmp_path: Path
) -> AsyncIterator[Sessionizers]:
    async with workers_on(kafka, clickhouse, tmp_path, grace_ms=200, tick_ms=200) as started:
        yield started


async def send(kafka: KafkaServer, *batches: Batch | tuple[bytes | None, bytes | None]) -> None:
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, acks="all") as producer:
        for each in batches:
            key, value = (
                (visitor_key(each.connection, each.visitor), encode(each))
                if isinstance(each, Batch)
                else each
            )
            await producer.send_and_wait(BATCHES, value, key=key)


async def eventually(found: Callable[[], Awaitable[bool]], what: str, timeout_s: float = 30) -> None:
    deadline = time.monotonic() + timeout_s
    while not await found():
        assert time.monotonic() < deadline, what
        await asyncio.sleep(0.1)


async def stopped(worker: Sessionizer) -> None:
    assert await worker.process.stop(timeout_ms=10_000) == 0, worker.process.log_end()


def a_visit(visitor: str, seq: int = 0) -> Batch:
    at = now_ms()
    return a_batch_of([a_meta(at - 3), a_full_snapshot(at - 2), a_click(at - 1)], visitor=visitor, seq=seq)


def batches_of(client: Client, visitor: str) -> list[tuple[object, ...]]:
    query = "SELECT batches, events, status FROM sessions FINAL WHERE visitor_id = {visitor:String}"
    return [tuple(row) for row in client.query(query, parameters={"visitor": visitor}).result_rows]


@pytest.mark.parametrize("committed", ["nothing", "the beginning", "the end"])
async def test_it_reads_on_from_its_position_whatever_was_committed(
    kafka: KafkaServer, client: Client, workers: Sessionizers, committed: str
) -> None:
    visitor = f"position-{committed}"
    first = workers.start()
    await first.ready()
    await send(kafka, a_visit(visitor, 0), a_visit(visitor, 1))
    await caught_up(kafka.bootstrap)
    await stopped(first)
    await send(kafka, a_visit(visitor, 2), a_visit(visitor, 3))
    await commit_by_hand(kafka, committed)

    second = workers.start()
    await second.ready()
    await caught_up(kafka.bootstrap)
    await stopped(second)
    assert batches_of(client, visitor) == [(4, 12, "active")]
    of_visitor = "(SELECT session_id FROM sessions WHERE visitor_id = {visitor:String})"
    count = f"SELECT count() FROM recordings FINAL WHERE session_id IN {of_visitor}"
    assert client.query(count, parameters={"visitor": visitor}).result_rows == [(4,)]


async def test_a_log_that_was_made_anew_is_not_taken_for_the_old_one(
    kafka: KafkaServer, client: Client, workers: Sessionizers
) -> None:
    """ADR 31: the tables stay, the offsets begin again at 0, and the blocks are cut at the same ones."""
    for _ in range(2):
        await kafka.fresh_topics()
        async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, acks="all") as producer:
            visit = a_visit("both-logs")
            key = visitor_key(visit.connection, visit.visitor)
            sent = await producer.send_and_wait(BATCHES, encode(visit), key=key)
            tick = encode(Tick(VERSION, now_ms()))
            await producer.send_and_wait(BATCHES, tick, partition=sent.partition)
        worker = workers.start()
        await worker.ready()
        await caught_up(kafka.bootstrap)
        await stopped(worker)
    assert batches_of(client, "both-logs") == [(1, 3, "active")] * 2


async def commit_by_hand(kafka: KafkaServer, committed: str) -> None:
    """Set what the worker's group has committed, as a member of it that owns nothing."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka.bootstrap,
        group_id=APP_ID,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    partitions = partitions_of(BATCHES)
    consumer.assign(partitions)
    try:
        match committed:
            case "the beginning":
                await consumer.commit(dict.fromkeys(partitions, 0))
            case "the end":
                # Of a partition whose first tick came as the worker stopped there is no state, and nothing
                # can have been committed: that would be a state that is lost.
                shards = await Recovery(kafka.bootstrap).shards([tp.partition for tp in partitions])
                read = [tp for tp in partitions if shards[tp.partition].offset >= 0]
                await consumer.commit(await consumer.end_offsets(read))
    finally:
        await consumer.stop()


async def test_bad_records_become_dead_letters_and_their_partition_goes_on(
    kafka: KafkaServer, client: Client, workers: Sessionizers
) -> None:
    good = a_visit("goes-on")
    key = visitor_key(good.connection, good.visitor)
    undecodable = a_batch(now_ms(), visitor="goes-on", seq=7, encoding="zstd", payload=b"no zstd")
    await send(kafka, (key, b"\x00garbage"), (key, None), undecodable, (b"shop/else", encode(good)), good)
    worker = workers.start()
    await worker.ready()
    await caught_up(kafka.bootstrap)
    found = await worker.metric("playhead_sessionizer_dead_letters_total")
    await stopped(worker)

    assert batches_of(client, "goes-on") == [(1, 3, "active")]
    letters = [
        letter for records in (await log_of(kafka.bootstrap, DEAD_LETTERS)).values() for letter in records
    ]
    by_reason = {dict(letter.headers)["reason"]: letter for letter in letters}  # type: ignore[attr-defined]
    assert set(by_reason) == {b"not_msgpack", b"no_value", b"payload_not_decodable", b"wrong_key"}
    assert by_reason[b"not_msgpack"].value == b"\x00garbage"
    assert by_reason[b"payload_not_decodable"].value == encode(undecodable)
    log = {
        f"{record.topic}-{record.partition}-{record.offset}".encode(): record
        for records in (await log_of(kafka.bootstrap, BATCHES)).values()
        for record in records
    }
    for letter in letters:
        assert letter.key is not None
        assert log[letter.key].value == letter.value
    counted = {labels: number for labels, number in found.items() if number}
    assert counted == {f'{{reason="{reason.decode()}"}}': 1.0 for reason in by_reason}


async def test_ticks_complete_a_session_that_nobody_continues(
    kafka: KafkaServer, client: Client, workers: Sessionizers
) -> None:
    worker = workers.start()
    await worker.ready()
    at = now_ms()
    await send(kafka, a_batch_of([a_click(at)], visitor="leaves", gap_ms=1_500))

    async def completed() -> bool:
        return batches_of(client, "leaves") == [(1, 1, "completed")]

    await eventually(completed, "the session was not completed")
    await stopped(worker)


async def test_a_stopped_sessionizer_completes_nothing(
    kafka: KafkaServer, client: Client, workers: Sessionizers
) -> None:
    """Rule 4: in the log, what was sent during an outage comes before the ticks that follow it."""
    worker = workers.start()
    await worker.ready()
    at, gap_ms = now_ms(), 60_000
    visit = [a_batch_of([a_click(at + n * 50_000)], visitor="stays", seq=n, gap_ms=gap_ms) for n in range(5)]
    await send(kafka, visit[0])
    await caught_up(kafka.bootstrap)
    await stopped(worker)
    await send(kafka, *visit[1:])
    again = workers.start()
    await again.ready()
    await caught_up(kafka.bootstrap)
    assert batches_of(client, "stays") == [(5, 5, "active")]
    await stopped(again)


async def test_health_readiness_metrics_and_memory(kafka: KafkaServer, workers: Sessionizers) -> None:
    worker = workers.start()
    await worker.ready()
    async with httpx.AsyncClient(trust_env=False) as http:
        assert (await http.get(f"{worker.url}/healthz")).json() == {"status": "ok"}
        assert (await http.get(f"{worker.url}/readyz")).json() == {"ready": True}
    await send(kafka, a_visit("counted"))
    await caught_up(kafka.bootstrap)
    assert (await worker.metric("playhead_sessionizer_batches_total")) == {"": 1.0}
    assert (await worker.metric("playhead_sessionizer_events_total")) == {"": 3.0}
    assert psutil.Process(worker.process.pid).memory_info().rss < 250 * MIB
    await stopped(worker)


async def test_without_topics_it_says_who_creates_them(kafka: KafkaServer, workers: Sessionizers) -> None:
    await kafka.delete_topics({DEAD_LETTERS, SESSIONIZER_CHANGELOG})
    worker = workers.start()
    assert await asyncio.wait_for(worker.process.wait(), 30) != 0
    assert f"topics are missing: {SESSIONIZER_CHANGELOG}, {DEAD_LETTERS}" in worker.process.log_end(60)


async def test_it_refuses_a_log_that_is_shorter_than_its_state(
    kafka: KafkaServer, workers: Sessionizers
) -> None:
    """A topic that was made anew: its first records would be taken for records that were read."""
    worker = workers.start()
    await worker.ready()
    await send(kafka, *(a_visit("another-log", seq) for seq in range(3)))
    await caught_up(kafka.bootstrap)
    await stopped(worker)
    changelog = await log_of(kafka.bootstrap, SESSIONIZER_CHANGELOG)
    await kafka.fresh_topics()
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap) as producer:
        for number, records in changelog.items():
            for record in records:
                await producer.send_and_wait(
                    SESSIONIZER_CHANGELOG, record.value, key=record.key, partition=number
                )
    again = workers.start()
    assert await asyncio.wait_for(again.process.wait(), 30) != 0
    assert "its state has read up to" in again.process.log_end(60)
