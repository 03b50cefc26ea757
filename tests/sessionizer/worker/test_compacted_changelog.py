"""The changelog is compacted while a worker writes it: what is recovered from it is the same state."""

import asyncio
import signal
from pathlib import Path

import msgspec
import pytest

from playhead.kafka import topics
from schemas.topic import BATCHES, SESSIONIZER_CHANGELOG, declared
from sessionizer.core.rules import Rules
from tests.faults.log import log_of
from tests.faults.traffic import Traffic
from tests.faults.verdict import assert_tables_are_the_log
from tests.faults.waiting import caught_up
from tests.servers.broker import KafkaServer
from tests.servers.engine import ClickHouseDatabase
from tests.servers.sessionizer import workers_on

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240)]

RULES = Rules(topic=BATCHES, grace_ms=500, retain_ms=5_000)
EAGER = {
    "segment.ms": "500",
    "min.cleanable.dirty.ratio": "0.01",
    "max.compaction.lag.ms": "500",
    "delete.retention.ms": "0",
}


async def offsets(kafka: KafkaServer) -> dict[int, set[int]]:
    changelog = await log_of(kafka.bootstrap, SESSIONIZER_CHANGELOG)
    return {number: {record.offset for record in records} for number, records in changelog.items()}


async def compacted(kafka: KafkaServer) -> None:
    """Until records that were in every partition are there no more."""
    before = await offsets(kafka)
    async with asyncio.timeout(120):
        while True:
            await asyncio.sleep(1)
            now = await offsets(kafka)
            if all(before[number] - now[number] for number in before):
                return


async def test_state_is_the_same_from_a_changelog_that_was_compacted_meanwhile(
    kafka: KafkaServer, clickhouse: ClickHouseDatabase, tmp_path: Path
) -> None:
    stop = asyncio.Event()
    traffic = Traffic(kafka.bootstrap, batches_per_s=30)
    async with workers_on(
        kafka, clickhouse, tmp_path, grace_ms=RULES.grace_ms, retain_ms=RULES.retain_ms, tick_ms=500
    ) as workers:
        topic = declared()[SESSIONIZER_CHANGELOG]
        eager = msgspec.structs.replace(topic, config={**topic.config, **EAGER})
        await topics.apply(kafka.bootstrap, {topic.name: eager})
        worker = workers.start()
        await worker.ready()
        flow = asyncio.create_task(traffic.flow(until=stop))
        await asyncio.sleep(5)
        await compacted(kafka)
        assert await worker.process.kill() == -signal.SIGKILL
        again = workers.start()
        await again.ready()
        await compacted(kafka)
        stop.set()
        await flow
        await caught_up(kafka.bootstrap)
        assert await again.process.stop(timeout_ms=10_000) == 0, again.process.log_end()
    await assert_tables_are_the_log(kafka.bootstrap, clickhouse.client(), RULES, sent=traffic.sent)
