"""ClickHouse and the broker are killed with -9 while batches flow, and come back."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from schemas.topic import BATCHES
from sessionizer.core.rules import Rules
from tests.faults.keeper import Keeper
from tests.faults.restartable import DATABASE, RestartableBroker, RestartableEngine
from tests.faults.traffic import Traffic
from tests.faults.verdict import assert_tables_are_the_log
from tests.faults.waiting import caught_up
from tests.servers.sessionizer import Sessionizers

pytestmark = [pytest.mark.faults, pytest.mark.stack, pytest.mark.timeout(240)]

SETTINGS = {"grace_ms": 500, "retain_ms": 20_000, "tick_ms": 500}
RULES = Rules(topic=BATCHES, grace_ms=500, retain_ms=20_000)


@pytest_asyncio.fixture
async def broker(tmp_path: Path) -> AsyncIterator[RestartableBroker]:
    server = RestartableBroker(tmp_path / "kafka")
    await server.start()
    yield server
    await server.kill()


@pytest_asyncio.fixture
async def engine(tmp_path: Path) -> AsyncIterator[RestartableEngine]:
    server = RestartableEngine(tmp_path / "clickhouse")
    await server.start()
    yield server
    await server.kill()


@pytest_asyncio.fixture
async def workers(
    broker: RestartableBroker, engine: RestartableEngine, tmp_path: Path
) -> AsyncIterator[Sessionizers]:
    started = Sessionizers(
        tmp_path,
        bootstrap=broker.bootstrap,
        clickhouse_url=engine.url,
        password=engine.password,
        database=DATABASE,
        **SETTINGS,
    )
    yield started
    await started.kill_all()


async def test_the_worker_waits_for_clickhouse_and_goes_on(
    broker: RestartableBroker, engine: RestartableEngine, workers: Sessionizers
) -> None:
    worker = workers.start(instance_id="one", queue_bytes=200_000)
    await worker.ready()
    stop = asyncio.Event()
    traffic = Traffic(broker.bootstrap, batches_per_s=20)
    flow = asyncio.create_task(traffic.flow(until=stop))
    for _ in range(3):
        await asyncio.sleep(2)
        await engine.kill()
        await asyncio.sleep(3)
        await engine.start()
    stop.set()
    await flow
    await caught_up(broker.bootstrap)

    assert worker.process.running, worker.process.log_end()
    assert await worker.process.stop(timeout_ms=10_000) == 0, worker.process.log_end()
    await assert_tables_are_the_log(broker.bootstrap, engine.client(), RULES, sent=traffic.sent)


async def test_a_stop_while_clickhouse_is_away_loses_nothing(
    broker: RestartableBroker, engine: RestartableEngine, workers: Sessionizers
) -> None:
    worker = workers.start(instance_id="one", stop_within_ms=1_000)
    await worker.ready()
    stop = asyncio.Event()
    traffic = Traffic(broker.bootstrap, batches_per_s=20)
    flow = asyncio.create_task(traffic.flow(until=stop))
    await asyncio.sleep(2)
    await engine.kill()
    await asyncio.sleep(2)
    assert await worker.process.stop(timeout_ms=10_000) == 0, worker.process.log_end()
    assert "blocks left at the stop" in worker.process.log_end()
    stop.set()
    await flow

    await engine.start()
    following = workers.start(instance_id="one")
    await following.ready()
    await caught_up(broker.bootstrap)
    assert await following.process.stop(timeout_ms=10_000) == 0, following.process.log_end()
    await assert_tables_are_the_log(broker.bootstrap, engine.client(), RULES, sent=traffic.sent)


async def test_nothing_is_lost_or_doubled_when_the_broker_dies(
    broker: RestartableBroker, engine: RestartableEngine, workers: Sessionizers
) -> None:
    stop = asyncio.Event()
    traffic = Traffic(broker.bootstrap, batches_per_s=20)
    async with Keeper(lambda: workers.start(instance_id="one")) as keeper:
        await keeper.worker.ready()
        flow = asyncio.create_task(traffic.flow(until=stop))
        for down_s in (0, 4):
            await asyncio.sleep(3)
            await broker.kill()
            await asyncio.sleep(down_s)
            await broker.start()
        await asyncio.sleep(3)
        stop.set()
        await flow
        await caught_up(broker.bootstrap)
        await keeper.stop()
    await assert_tables_are_the_log(broker.bootstrap, engine.client(), RULES, sent=traffic.sent)
