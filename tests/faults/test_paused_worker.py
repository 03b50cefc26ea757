"""A worker is paused amid a block until another has its partitions; then it goes on and writes nothing."""

import asyncio
import signal
from pathlib import Path

import psutil
import pytest

from playhead.stack.readiness import wait_until
from schemas.topic import BATCHES, DEAD_LETTERS, SESSIONIZER_CHANGELOG, declared
from sessionizer.core.rules import Rules
from sessionizer.worker.fence import EXIT_STOPPED_ITSELF
from sessionizer.worker.steps import Step
from tests.faults.producers import Written, written
from tests.faults.traffic import Traffic
from tests.faults.verdict import assert_tables_are_the_log
from tests.faults.waiting import caught_up
from tests.servers.broker import KafkaServer
from tests.servers.engine import ClickHouseDatabase
from tests.servers.sessionizer import Sessionizer, workers_on

pytestmark = [pytest.mark.faults, pytest.mark.stack, pytest.mark.timeout(600)]

SESSION_TIMEOUT_MS = 6_000
RULES = Rules(topic=BATCHES, grace_ms=500, retain_ms=20_000)
TAKEN_OVER = "another worker has taken its partition over"
NO_HEARTBEAT = "no heartbeat within the session timeout"

WHICHEVER_IS_FIRST = (NO_HEARTBEAT, TAKEN_OVER)
"""Blocks of several partitions are at work: one may look at the heartbeat while another is refused."""

PAUSES = [
    (Step.AFTER_RECORDINGS_INSERT, [], WHICHEVER_IS_FIRST),
    (Step.BEFORE_COMMIT, [], WHICHEVER_IS_FIRST),
    (Step.IN_TRANSACTION, [], WHICHEVER_IS_FIRST),
    (Step.AFTER_RECORDINGS_INSERT, ["blind"], (TAKEN_OVER,)),
    (Step.AFTER_SESSIONS_INSERT, ["blind"], (TAKEN_OVER,)),
    (Step.IN_TRANSACTION, ["blind"], (TAKEN_OVER,)),
    (Step.BEFORE_COMMIT, ["blind"], (TAKEN_OVER,)),
]


def logs(kafka: KafkaServer) -> dict[tuple[str, int], list[Written]]:
    """What was written to each partition that blocks are written to, by whom."""
    return {
        (topic, number): written(kafka.log, topic, number)
        for topic in (SESSIONIZER_CHANGELOG, DEAD_LETTERS)
        for number in range(declared()[topic].partitions)
    }


def owners(log: list[Written]) -> dict[int, int]:
    """The last epoch of each producer in it. A partition's owners are one producer with rising epochs."""
    return {each.producer: each.epoch for each in log if not each.marker}


async def paused(worker: Sessionizer, when: Path) -> None:
    when.touch()

    async def probe() -> str | None:
        status = psutil.Process(worker.process.pid).status()
        return None if status == psutil.STATUS_STOPPED else f"it is {status}"

    await wait_until(probe, what="the pause", timeout_ms=30_000, every_ms=50)


async def test_a_worker_that_was_paused_amid_a_block_writes_nothing_more(
    kafka: KafkaServer, clickhouse: ClickHouseDatabase, tmp_path: Path
) -> None:
    stop = asyncio.Event()
    traffic = Traffic(kafka.bootstrap, batches_per_s=40)
    when = tmp_path / "pause"
    async with workers_on(
        kafka,
        clickhouse,
        tmp_path,
        grace_ms=RULES.grace_ms,
        retain_ms=RULES.retain_ms,
        tick_ms=500,
        blocks_at_once=1,
        broker_session_timeout_ms=SESSION_TIMEOUT_MS,
    ) as workers:

        def start(step: Step, *how: str) -> Sessionizer:
            return workers.start(step, str(when), *how, module="tests.faults.paused_at")

        worker = start(PAUSES[0][0], *PAUSES[0][1])
        await worker.ready()
        flow = asyncio.create_task(traffic.flow(until=stop))
        for (step, how, reasons), (next_step, next_how, _) in zip(
            PAUSES, [*PAUSES[1:], PAUSES[0]], strict=True
        ):
            pause = f"{step} {how}"
            await asyncio.sleep(2)
            await paused(worker, when)
            zombies = {place: owners(log) for place, log in logs(kafka).items()}
            following = start(next_step, *next_how)
            await following.owns(partitions=4)
            taken_over = {place: len(log) for place, log in logs(kafka).items()}
            worker.process.signal(signal.SIGCONT)
            code = await asyncio.wait_for(worker.process.wait(), 30)
            assert code == EXIT_STOPPED_ITSELF, f"{pause}: {worker.process.log_end()}"
            told = worker.process.log_end()
            assert any(f"reason='{reason}'" in told for reason in reasons), f"{pause}: {told}"
            await asyncio.sleep(1)
            for place, log in logs(kafka).items():
                since = owners(log[taken_over[place] :])
                late = {pid for pid, epoch in since.items() if epoch <= zombies[place].get(pid, -1)}
                assert not late, f"{pause}: {place} has {since} after {zombies[place]} was taken over"
            worker = following
        stop.set()
        await flow
        try:
            await caught_up(kafka.bootstrap)
        except AssertionError as error:
            error.add_note(worker.process.log_end())
            raise
        assert await worker.process.stop(timeout_ms=10_000) == 0, worker.process.log_end()
    await assert_tables_are_the_log(kafka.bootstrap, clickhouse.client(), RULES, sent=traffic.sent)
    for place, log in logs(kafka).items():
        for producer in owners(log):
            epochs = [each.epoch for each in log if each.producer == producer]
            assert epochs == sorted(epochs), f"{place}: an owner wrote after the next one had"
    found = {each.epoch for number in range(4) for each in logs(kafka)[SESSIONIZER_CHANGELOG, number]}
    assert len(found) > len(PAUSES), "its owners did not change"
