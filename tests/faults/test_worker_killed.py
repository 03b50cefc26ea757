"""The sessionizer is killed with -9 at every named step of a commit while batches flow."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from schemas.topic import BATCHES
from sessionizer.core.rules import Rules
from sessionizer.worker.steps import Step
from tests.faults.traffic import Traffic
from tests.faults.verdict import assert_tables_are_the_log
from tests.faults.waiting import caught_up
from tests.servers.broker import KafkaServer
from tests.servers.engine import ClickHouseDatabase
from tests.servers.sessionizer import Sessionizers, workers_on

pytestmark = [pytest.mark.faults, pytest.mark.stack]

GRACE_MS = 500
RETAIN_MS = 20_000
RULES = Rules(topic=BATCHES, grace_ms=GRACE_MS, retain_ms=RETAIN_MS)


@pytest_asyncio.fixture
async def workers(
    kafka: KafkaServer, clickhouse: ClickHouseDatabase, tmp_path: Path
) -> AsyncIterator[Sessionizers]:
    async with workers_on(
        kafka, clickhouse, tmp_path, grace_ms=GRACE_MS, retain_ms=RETAIN_MS, tick_ms=500
    ) as started:
        yield started


@pytest.mark.timeout(240)
async def test_nothing_is_lost_or_doubled_whichever_step_it_dies_at(
    kafka: KafkaServer, clickhouse: ClickHouseDatabase, workers: Sessionizers
) -> None:
    stop = asyncio.Event()
    traffic = Traffic(kafka.bootstrap, batches_per_s=40)
    flow = asyncio.create_task(traffic.flow(until=stop))

    for times in (1, 4):
        for step in Step:
            if times > 1 and step is Step.AFTER_ERASURE:
                continue  # Few blocks have one.
            worker = workers.start(step, str(times), module="tests.faults.killed_at", instance_id="one")
            code = await asyncio.wait_for(worker.process.wait(), 60)
            assert code == -signal.SIGKILL, f"{step}: {worker.process.log_end()}"
    stop.set()
    await flow

    last = workers.start(instance_id="one")
    await last.ready()
    await caught_up(kafka.bootstrap)
    assert await last.process.stop(timeout_ms=10_000) == 0, last.process.log_end()
    found = await assert_tables_are_the_log(kafka.bootstrap, clickhouse.client(), RULES, sent=traffic.sent)
    assert found.dead, "no bad record was sent"
    assert any(each.taken_out for _, each in found.assigned), "no event was sent twice"
    assert any(session.status == "completed" for session in found.sessions.values())
