"""ClickHouse hangs or is away while batches flow: partitions pause, memory stays bounded, nothing is lost."""

import asyncio
import random
import time
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from aiokafka import AIOKafkaProducer
from clickhouse_connect.driver.client import Client

from schemas.envelope import encode, visitor_key
from schemas.topic import BATCHES
from sessionizer.worker.app import FETCH_BYTES
from tests.builders.events import a_batch_of, a_custom_event
from tests.servers.broker import KafkaServer
from tests.servers.engine import ClickHouseDatabase
from tests.servers.sessionizer import Sessionizer, Sessionizers
from tests.servers.way import Way, a_way_to

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240)]

KIB, MIB = 1 << 10, 1 << 20
PARTITIONS = 4
QUEUE_BYTES = 1 * MIB
BLOCK_BYTES = 512 * KIB
PAYLOAD_BYTES = 20 * KIB
SENT_BYTES = 64 * MIB
VISITORS = 64

HELD_BYTES = (
    PARTITIONS
    * (
        QUEUE_BYTES  # what waits, and the fetch with which it went over the limit
        + FETCH_BYTES
        + FETCH_BYTES  # what aiokafka has fetched and not handed over
        + BLOCK_BYTES  # the block that is gathered
    )
    + 2 * 4 * BLOCK_BYTES
)  # at work at once: records, payloads, rows and the body of the insert
"""More is not to be held, whatever comes."""
ALLOCATOR_BYTES = 12 * MIB
"""What allocators and libraries may take on top; what is sent is several times as much as both together."""


async def send(bootstrap: str, sent_bytes: int, name: str) -> None:
    noise = random.Random(7).randbytes(PAYLOAD_BYTES).hex()
    at = time.time_ns() // 1_000_000
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", max_batch_size=MIB) as producer:
        for number in range(sent_bytes // PAYLOAD_BYTES):
            start = number % PAYLOAD_BYTES
            events = [a_custom_event(at, payload=noise[start : start + PAYLOAD_BYTES])]
            visitor, seq = f"{name}-{number % VISITORS}", number // VISITORS
            batch = a_batch_of(events, visitor=visitor, seq=seq, compressed=False)
            await producer.send(BATCHES, encode(batch), key=visitor_key(batch.connection, batch.visitor))


async def until_stored(client: Client, name: str, sent_bytes: int) -> None:
    """Until every batch is there, once, and counted in its session."""
    count = sent_bytes // PAYLOAD_BYTES
    mine = {"name": f"{name}-%"}
    of_them = "(SELECT session_id FROM sessions WHERE visitor LIKE {name:String})"
    recordings = f"SELECT count(), sum(events) FROM recordings WHERE session_id IN {of_them}"
    sessions = "SELECT count(), sum(batches) FROM sessions FINAL WHERE visitor LIKE {name:String}"
    deadline = time.monotonic() + 120
    while True:
        found = client.query(sessions, mine).result_rows + client.query(recordings, mine).result_rows
        if found == [(VISITORS, count), (count, count)]:
            return
        assert time.monotonic() < deadline, f"{found} instead of {count}"
        await asyncio.sleep(0.3)


async def health_of(worker: Sessionizer) -> tuple[int, dict[str, Any]]:
    async with httpx.AsyncClient(trust_env=False, timeout=20) as http:
        answer = await http.get(f"{worker.url}/healthz")
    return answer.status_code, answer.json()


async def until_health(worker: Sessionizer, status: int, partitions: int = 0) -> dict[str, Any]:
    deadline = time.monotonic() + 90
    while True:
        code, answer = await health_of(worker)
        if code == status and len(answer.get("partitions", [])) == partitions:
            return answer
        assert time.monotonic() < deadline, (code, answer, worker.process.log_end())
        await asyncio.sleep(0.2)


def block(way: Way, how: str) -> None:
    if how == "hangs":
        way.hang()
    else:
        way.refuse()


@pytest.mark.parametrize("how", ["hangs", "refuses"])
async def test_it_pauses_while_clickhouse_is_away_and_goes_on_by_itself(
    kafka: KafkaServer, clickhouse: ClickHouseDatabase, tmp_path: Path, how: str
) -> None:
    await kafka.fresh_topics()
    client = clickhouse.client()
    async with a_way_to(clickhouse.url) as way:
        workers = Sessionizers(
            tmp_path,
            bootstrap=kafka.bootstrap,
            clickhouse_url=way.url,
            password=clickhouse.admin_password,
            database=clickhouse.name,
            tick_ms=200,
            stuck_after_ms=3_000,
            queue_bytes=QUEUE_BYTES,
            block_bytes=BLOCK_BYTES,
        )
        worker = workers.start()
        try:
            await worker.ready()
            warm_up = f"before-it-{how}"  # All that it needs is loaded then.
            await send(kafka.bootstrap, 4 * PARTITIONS * BLOCK_BYTES, warm_up)
            await until_stored(client, warm_up, 4 * PARTITIONS * BLOCK_BYTES)
            await until_health(worker, 200)
            process = psutil.Process(worker.process.pid)
            before = process.memory_info().rss

            block(way, how)
            await send(kafka.bootstrap, SENT_BYTES, how)
            stuck = await until_health(worker, 503, PARTITIONS)
            waiting = await worker.metric("playhead_sessionizer_waiting_bytes")
            assert len(waiting) == PARTITIONS
            assert max(waiting.values()) < QUEUE_BYTES + FETCH_BYTES + 2 * PAYLOAD_BYTES
            assert set((await worker.metric("playhead_sessionizer_paused")).values()) == {1.0}
            held = process.memory_info().rss - before
            assert held < HELD_BYTES + ALLOCATOR_BYTES, f"{held / MIB:.1f} MiB"
            assert {each["partition"] for each in stuck["partitions"]} == set(range(PARTITIONS))
            why = [reason for each in stuck["partitions"] for reason in each["why"]]
            assert any("ClickHouse has not acknowledged an insert into recordings" in each for each in why)
            assert any("paused" in each for each in why)
            retries = await worker.metric("playhead_sessionizer_insert_retries_total")
            if how == "refuses":
                assert retries['{error="unreachable",table="recordings"}'] > 0

            way.open()
            await until_health(worker, 200)
            await until_stored(client, how, SENT_BYTES)
            assert set((await worker.metric("playhead_sessionizer_paused")).values()) == {0.0}
            assert await worker.process.stop(timeout_ms=10_000) == 0, worker.process.log_end()
        finally:
            await workers.kill_all()
