"""From a bad record to its session: put aside, the worker set right, put back, and once more for nothing."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaProducer
from clickhouse_connect.driver.client import Client

from schemas.envelope import Batch, encode, visitor_key
from schemas.topic import BATCHES
from tests.builders.events import a_batch_of, a_click, a_custom_event
from tests.faults.waiting import caught_up
from tests.servers.broker import KafkaServer
from tests.servers.engine import ClickHouseDatabase
from tests.servers.sessionizer import Sessionizer, Sessionizers, workers_on

pytestmark = [pytest.mark.stack, pytest.mark.timeout(180)]

PLAYHEAD = str(Path(sys.executable).parent / "playhead")


@pytest_asyncio.fixture
async def workers(
    kafka: KafkaServer, clickhouse: ClickHouseDatabase, tmp_path: Path
) -> AsyncIterator[Sessionizers]:
    async with workers_on(kafka, clickhouse, tmp_path, grace_ms=200, tick_ms=200) as started:
        yield started


async def playhead(kafka: KafkaServer, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [PLAYHEAD, "dead-letters", *arguments, "--bootstrap", kafka.bootstrap]
    return await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)


async def send(kafka: KafkaServer, batches: list[Batch]) -> None:
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, acks="all") as producer:
        for batch in batches:
            await producer.send_and_wait(
                BATCHES, encode(batch), key=visitor_key(batch.connection, batch.visitor)
            )


async def ready(worker: Sessionizer, kafka: KafkaServer) -> None:
    await worker.ready()
    await caught_up(kafka.bootstrap)


async def stop(worker: Sessionizer) -> None:
    assert await worker.process.stop(timeout_ms=10_000) == 0, worker.process.log_end()


def session(client: Client) -> list[tuple[object, ...]]:
    query = "SELECT batches, events, arraySum(windows.missing), status FROM sessions FINAL"
    return [tuple(row) for row in client.query(query).result_rows]


def event_rows(client: Client) -> list[tuple[int]]:
    return [tuple(row) for row in client.query("SELECT count() FROM events FINAL").result_rows]


async def test_what_was_put_back_after_a_fix_is_in_its_session_once(
    kafka: KafkaServer, clickhouse: ClickHouseDatabase, workers: Sessionizers
) -> None:
    client = clickhouse.client()
    at = time.time_ns() // 1_000_000
    large = a_batch_of([a_custom_event(at, payload="x" * 5_000), a_click(at + 1)], seq=1)
    await send(kafka, [a_batch_of([a_click(at)], seq=0), large, a_batch_of([a_click(at + 2)], seq=2)])
    worker = workers.start(max_payload_bytes=2_000)
    await ready(worker, kafka)
    await stop(worker)
    assert session(client) == [(2, 2, 1, "active")]
    listed = await playhead(kafka, "list")
    assert "payload_too_large" in listed.stdout
    assert "1 dead letters (1 payload_too_large), 0 of them put back" in listed.stderr

    worker = workers.start()
    await worker.ready()
    done = await playhead(kafka, "replay", "--reason", "payload_too_large")
    assert done.returncode == 0, done.stderr
    await caught_up(kafka.bootstrap)
    assert session(client) == [(3, 4, 0, "active")]
    assert event_rows(client) == [(4,)]

    again = await playhead(kafka, "replay", "--reason", "payload_too_large", "--again")
    assert again.returncode == 0, again.stderr
    await caught_up(kafka.bootstrap)
    assert await worker.metric("playhead_sessionizer_duplicate_batches_total") == {"": 1.0}
    assert (session(client), event_rows(client)) == ([(3, 4, 0, "active")], [(4,)])
    assert "1 of them put back" in (await playhead(kafka, "list")).stderr
    await stop(worker)
