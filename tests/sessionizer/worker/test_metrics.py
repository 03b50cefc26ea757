"""Every figure of a worker, at /metrics, after a log whose content is known."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from aiokafka import AIOKafkaProducer
from prometheus_client.parser import text_string_to_metric_families

from playhead.stack.readiness import wait_until
from schemas.envelope import Batch, encode, visitor_key
from schemas.topic import BATCHES
from sessionizer.core.effects import Counts
from sessionizer.worker.metrics import Metrics
from tests.builders.events import a_batch_of, a_click
from tests.faults.waiting import caught_up
from tests.servers.broker import KafkaServer
from tests.servers.engine import ClickHouseDatabase
from tests.servers.sessionizer import Sessionizer, Sessionizers, workers_on

MINUTE = 60_000
PREFIX = "playhead_sessionizer_"


@pytest_asyncio.fixture
async def workers(
    kafka: KafkaServer, clickhouse: ClickHouseDatabase, tmp_path: Path
) -> AsyncIterator[Sessionizers]:
    async with workers_on(kafka, clickhouse, tmp_path, grace_ms=1_000, tick_ms=200) as started:
        yield started


async def scrape(worker: Sessionizer) -> dict[tuple[str, str], float]:
    """By the sample's name, without what all have in common, and its first label; partitions added up."""
    async with httpx.AsyncClient(trust_env=False) as http:
        text = (await http.get(f"{worker.url}/metrics")).text
    found: dict[tuple[str, str], float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = [value for name, value in sample.labels.items() if name not in ("partition", "le")]
            place = sample.name.removeprefix(PREFIX), "".join(labels)
            found[place] = found.get(place, 0) + sample.value
    return found


def a_visit(at: int, seq: int, **fields: object) -> Batch:
    return a_batch_of([a_click(at)], seq=seq, gap_ms=30 * MINUTE, **fields)  # type: ignore[arg-type]


@pytest.mark.stack
@pytest.mark.timeout(120)
async def test_a_worker_shows_what_a_log_did_to_it(kafka: KafkaServer, workers: Sessionizers) -> None:
    now = time.time_ns() // 1_000_000
    long_ago = now - 120 * MINUTE
    batches = [
        a_visit(long_ago, 0, visitor="left"),  # completed by the ticks, whose time is now
        a_visit(now, 0),
        a_visit(now + 1, 1),
        a_visit(now + 1, 1),  # a duplicate
        a_visit(now + 2, 4),  # 2 and 3 are missing
        a_visit(now + 2, 3),  # one of them arrives
    ]
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, acks="all") as producer:
        for each in batches:
            key = visitor_key(each.connection, each.visitor)
            await producer.send_and_wait(BATCHES, encode(each), key=key)
        await producer.send_and_wait(BATCHES, b"\xc1 not msgpack", key=b"shop/ann")
    worker = workers.start()
    await worker.ready()
    await caught_up(kafka.bootstrap)

    async def completed() -> str | None:
        found = await scrape(worker)
        return None if found.get(("sessions_completed_total", "inactivity")) == 1 else str(found)

    await wait_until(completed, what="the completion", timeout_ms=30_000, every_ms=200)
    late = a_visit(long_ago + 1, 1, visitor="left")
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, acks="all") as producer:
        await producer.send_and_wait(BATCHES, encode(late), key=visitor_key(late.connection, late.visitor))
    await caught_up(kafka.bootstrap)

    async def shown() -> str | None:
        """The gauges are a second behind."""
        found = await scrape(worker)
        return None if (found["late_batches_total", ""], found["visitors", ""]) == (1, 2) else str(found)

    await wait_until(shown, what="the gauges", timeout_ms=30_000, every_ms=200)
    found = await scrape(worker)
    exact = {
        ("batches_total", ""): 6,
        ("events_total", ""): 6,
        ("sessions_started_total", ""): 2,
        ("sessions_completed_total", "inactivity"): 1,
        ("late_batches_total", ""): 1,
        ("duplicate_batches_total", ""): 1,
        ("missing_batches_total", ""): 2,
        ("arrived_batches_total", ""): 1,
        ("dead_letters_total", "not_msgpack"): 1,
        ("live_sessions", ""): 1,
        ("visitors", ""): 2,
        ("paused", ""): 0,
        ("rebalances_total", ""): 1,
        ("expulsions_total", ""): 0,
        ("recovered_visitors", ""): 0,
        ("erasures_total", ""): 0,
    }
    assert {place: found[place] for place in exact} == exact
    values = sum(len(encode(each)) for each in [*batches, late])
    assert found["block_bytes_sum", ""] > values
    assert found["block_records_sum", ""] >= found["ticks_total", ""] + 8
    assert found["block_bytes_count", ""] == found["block_records_count", ""] >= 2
    assert found["commit_seconds_count", ""] == found["block_records_count", ""]
    assert found["insert_seconds_count", "recordings"] >= 2
    assert found["insert_seconds_count", "sessions"] >= 2
    assert found["recovery_seconds", ""] > 0
    assert 0 <= found["heartbeat_age_seconds", ""] < 10
    assert found["generation", ""] >= 1
    assert 100 < found["state_bytes", ""] < 10_000
    assert 100 < found["state_bytes_per_live_session", ""] < 10_000
    assert 0 <= found["lag_seconds", ""] < 4 * 30, "of four partitions that are caught up"
    assert abs(found["watermark_seconds", ""] / 4 - time.time()) < 60
    assert await worker.process.stop(timeout_ms=10_000) == 0, worker.process.log_end()


def test_each_count_of_a_block_has_its_metric() -> None:
    metrics = Metrics()
    counts = Counts(
        ticks=1,
        batches=2,
        events=3,
        started=4,
        completed={"ended": 5},
        late=6,
        duplicate_batches=7,
        duplicate_events=8,
        missing=9,
        arrived=10,
        erasures=11,
        erased=12,
        repeated=13,
    )
    assert {name for name in Counts.__struct_fields__ if not getattr(counts, name)} == set()
    metrics.count(counts)
    found = [
        sample.value
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name.startswith(PREFIX) and sample.name.endswith("_total") and sample.value
    ]
    assert sorted(found) == list(range(1, 14))
