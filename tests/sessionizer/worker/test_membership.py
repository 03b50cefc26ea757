"""A worker with an instance id: its restart moves no partition, and two of the same id do not fight."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from playhead.stack.readiness import wait_until
from sessionizer.worker.ends import Ends
from sessionizer.worker.fence import EXIT_STOPPED_ITSELF
from tests.servers.broker import KafkaServer
from tests.servers.engine import ClickHouseDatabase
from tests.servers.sessionizer import Sessionizer, Sessionizers, workers_on

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240)]

SESSION_TIMEOUT_MS = 30_000
"""Longer than a restart takes, on a slow machine too."""


@pytest_asyncio.fixture
async def workers(
    kafka: KafkaServer, clickhouse: ClickHouseDatabase, tmp_path: Path
) -> AsyncIterator[Sessionizers]:
    async with workers_on(
        kafka, clickhouse, tmp_path, tick_ms=200, broker_session_timeout_ms=SESSION_TIMEOUT_MS
    ) as started:
        yield started


async def one(worker: Sessionizer, name: str) -> float:
    (value,) = (await worker.metric(f"playhead_sessionizer_{name}")).values()
    return value


async def partitions(worker: Sessionizer) -> set[str]:
    return set(await worker.metric("playhead_sessionizer_lag_records"))


async def takes_ticks(worker: Sessionizer, more: int = 8) -> None:
    """Its blocks go on, and its ticks do: a block here ends with a tick."""
    before = await one(worker, "ticks_total")

    async def probe() -> str | None:
        now = await one(worker, "ticks_total")
        return None if now >= before + more else f"{now} after {before}"

    await wait_until(probe, what="ticks", timeout_ms=SESSION_TIMEOUT_MS // 2, every_ms=100)


async def test_a_restart_within_the_session_timeout_moves_no_partition(workers: Sessionizers) -> None:
    first = workers.start(instance_id="first")
    await first.owns(partitions=4)
    second = workers.start(instance_id="second")
    await second.owns(partitions=2)
    await first.owns(partitions=2)
    held, generation = await partitions(second), await one(second, "generation")
    moved = await partitions(first)
    assert not held & moved
    rebalances = await one(second, "rebalances_total")

    assert await first.process.stop(timeout_ms=10_000) == 0, first.process.log_end()
    await takes_ticks(second)
    assert await partitions(second) == held, "it told the group that it leaves"
    again = workers.start(instance_id="first")
    await again.owns(partitions=2)
    await takes_ticks(again)
    await takes_ticks(second)

    assert await partitions(again) == moved
    assert await partitions(second) == held
    assert await one(again, "generation") == generation
    assert await one(second, "generation") == generation
    assert await one(second, "rebalances_total") == rebalances
    assert await one(second, "expulsions_total") == 0


async def test_without_an_instance_id_it_leaves_at_once(workers: Sessionizers) -> None:
    """Else its partitions would stand still until the session timeout."""
    first = workers.start()
    await first.owns(partitions=4)
    second = workers.start()
    await second.owns(partitions=2)
    assert await first.process.stop(timeout_ms=10_000) == 0, first.process.log_end()
    await second.owns(partitions=4, timeout_ms=SESSION_TIMEOUT_MS // 2)


async def test_of_two_with_one_instance_id_the_older_ends_itself(
    workers: Sessionizers, tmp_path: Path
) -> None:
    ends = tmp_path / "ends.jsonl"
    older = workers.start(instance_id="same", ends_file=ends)
    await older.owns(partitions=4)
    newer = workers.start(instance_id="same")
    await newer.owns(partitions=4)
    code = await asyncio.wait_for(older.process.wait(), SESSION_TIMEOUT_MS / 1000)
    assert code == EXIT_STOPPED_ITSELF, older.process.log_end()
    # Which of the two it hears of first: the group's answer, or that of a transaction.
    reasons = ["another worker has this worker's instance id", "another worker has taken its partition over"]
    assert any(reason in older.process.log_end() for reason in reasons), older.process.log_end()
    assert set(Ends(ends).by_reason()) <= set(reasons)
    assert Ends(ends).by_reason().total() == 1
    await takes_ticks(newer, more=40)
    assert await one(newer, "rebalances_total") == 1
    assert await one(newer, "expulsions_total") == 0
