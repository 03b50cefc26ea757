"""SIGTERM finishes the block at work in its time, or leaves it whole to the next start; exit code 0."""

import time
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from clickhouse_connect.driver.client import Client

from playhead.stack.readiness import wait_until
from schemas.envelope import encode, visitor_key
from schemas.topic import BATCHES
from sessionizer.worker.recovery import Recovery
from tests.builders.events import a_batch_of, a_click
from tests.faults.waiting import caught_up
from tests.servers.broker import KafkaServer
from tests.servers.engine import ClickHouseDatabase
from tests.servers.sessionizer import Sessionizer, workers_on
from tests.servers.way import a_way_to

pytestmark = [pytest.mark.stack, pytest.mark.timeout(180)]


async def send(kafka: KafkaServer, visitor: str) -> tuple[int, int]:
    """Gives the batch's partition and offset."""
    batch = a_batch_of([a_click(time.time_ns() // 1_000_000)], visitor=visitor)
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, acks="all") as producer:
        key = visitor_key(batch.connection, batch.visitor)
        sent = await producer.send_and_wait(BATCHES, encode(batch), key=key)
    return sent.partition, sent.offset


async def position(kafka: KafkaServer, partition: int) -> int:
    return (await Recovery(kafka.bootstrap).shards([partition]))[partition].offset


async def waits_for_clickhouse(worker: Sessionizer) -> None:
    async def probe() -> str | None:
        found = await worker.metric("playhead_sessionizer_insert_waiting_seconds")
        return None if max(found.values()) > 0 else "no insert is under way"

    await wait_until(probe, what="a block at work", timeout_ms=30_000, every_ms=50)


def batches_of(client: Client, visitor: str) -> list[tuple[int, int]]:
    sessions = "SELECT count(), sum(batches) FROM sessions FINAL WHERE visitor = {visitor:String}"
    return client.query(sessions, parameters={"visitor": visitor}).result_rows  # type: ignore[return-value]


@pytest.mark.parametrize("finishes", [True, False])
async def test_a_block_at_work_at_a_stop(
    kafka: KafkaServer, clickhouse: ClickHouseDatabase, tmp_path: Path, finishes: bool
) -> None:
    visitor = f"stop-{finishes}"
    stop_within_ms = 8_000 if finishes else 1_000
    async with (
        a_way_to(clickhouse.url) as way,
        workers_on(kafka, clickhouse, tmp_path, tick_ms=200, stop_within_ms=stop_within_ms) as workers,
    ):
        worker = workers.start(clickhouse_url=way.url)
        await worker.ready()
        if finishes:
            way.slow(1.0)
        else:
            way.hang()
        partition, offset = await send(kafka, visitor)
        await waits_for_clickhouse(worker)
        assert await worker.process.stop(timeout_ms=10_000) == 0, worker.process.log_end()

        if finishes:
            assert await position(kafka, partition) >= offset
            assert "blocks left at the stop" not in worker.process.log_end(100)
        else:
            assert await position(kafka, partition) < offset
            assert "blocks left at the stop" in worker.process.log_end(100)
            again = workers.start()
            await again.ready()
            await caught_up(kafka.bootstrap)
            assert await again.process.stop(timeout_ms=10_000) == 0, again.process.log_end()
    with clickhouse.client() as client:
        assert batches_of(client, visitor) == [(1, 1)]
