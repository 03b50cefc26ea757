"""Workers join, are killed, stopped and paused while batches flow; partitions move, rows stay right."""

import asyncio
import signal
from pathlib import Path

import pytest

from schemas.topic import BATCHES
from sessionizer.core.rules import Rules
from sessionizer.worker.fence import EXIT_STOPPED_ITSELF
from tests.faults.traffic import Traffic
from tests.faults.verdict import assert_tables_are_the_log
from tests.faults.waiting import caught_up
from tests.servers.broker import KafkaServer
from tests.servers.engine import ClickHouseDatabase
from tests.servers.sessionizer import workers_on

pytestmark = [pytest.mark.faults, pytest.mark.stack, pytest.mark.timeout(240)]

SESSION_TIMEOUT_MS = 6_000
RULES = Rules(topic=BATCHES, grace_ms=500, retain_ms=20_000)


async def test_partitions_move_and_nothing_is_lost_or_doubled(
    kafka: KafkaServer, clickhouse: ClickHouseDatabase, tmp_path: Path
) -> None:
    stop = asyncio.Event()
    traffic = Traffic(kafka.bootstrap, batches_per_s=20)
    async with workers_on(
        kafka,
        clickhouse,
        tmp_path,
        grace_ms=RULES.grace_ms,
        retain_ms=RULES.retain_ms,
        tick_ms=500,
        broker_session_timeout_ms=SESSION_TIMEOUT_MS,
    ) as workers:
        first = workers.start()
        await first.ready()
        flow = asyncio.create_task(traffic.flow(until=stop))
        await asyncio.sleep(2)

        second = workers.start()
        await second.owns(partitions=2)
        await asyncio.sleep(2)

        assert await first.process.kill() == -signal.SIGKILL
        await second.owns(partitions=4)

        third = workers.start()
        await third.owns(partitions=2)
        assert await second.process.stop(timeout_ms=10_000) == 0, second.process.log_end()
        await third.owns(partitions=4)

        fourth = workers.start()
        await fourth.owns(partitions=2)
        third.process.signal(signal.SIGSTOP)
        await fourth.owns(partitions=4)
        third.process.signal(signal.SIGCONT)
        stop.set()
        await flow
        await caught_up(kafka.bootstrap)
        # Put out while it was paused, it joins again; or it ends itself, if a block was at work, and then
        # whether it is asked to stop before that is chance.
        ended = await third.process.stop(timeout_ms=10_000)
        assert ended in {0, EXIT_STOPPED_ITSELF}, third.process.log_end()
        assert await fourth.process.stop(timeout_ms=10_000) == 0, fourth.process.log_end()
    await assert_tables_are_the_log(kafka.bootstrap, clickhouse.client(), RULES, sent=traffic.sent)
