import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from playhead.stack.process import Command
from playhead.stack.readiness import NotReady
from playhead.stack.supervised import DiedTooOften, RestartPolicy, Supervised
from tests.playhead.stack.commands import SLEEPER, python


async def serves() -> str | None:
    return None


async def never_serves() -> str | None:
    return "not yet"


def supervised(command: Command, said: list[str], *, max_restarts: int = 3, probe=serves) -> Supervised:
    return Supervised(
        command,
        probe=probe,
        policy=RestartPolicy(max_restarts=max_restarts, window_ms=60_000, first_wait_ms=1),
        start_timeout_ms=300,
        stop_timeout_ms=5_000,
        say=said.append,
    )


async def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


def test_the_waits_grow_and_end() -> None:
    policy = RestartPolicy(max_restarts=3, window_ms=60_000, first_wait_ms=200)
    assert [policy.wait_ms(n) for n in range(5)] == [200, 400, 800, None, None]
    assert RestartPolicy(100, 1, 200).wait_ms(50) == 10_000


async def test_one_that_is_killed_is_named_with_the_end_of_its_log_and_started_again(tmp_path: Path) -> None:
    said: list[str] = []
    worker = supervised(python(tmp_path, SLEEPER), said)
    await worker.start()
    first = worker.pid
    await until(lambda: "up" in worker.process.log_end())

    worker.kill()
    await until(lambda: worker.restarts == 1 and worker.process.running)

    assert worker.pid != first
    assert said[0].startswith("worker was ended by SIGKILL; restart in 1 ms")
    assert "    up" in said[0]
    await worker.stop()
    assert not worker.process.running


async def test_one_that_dies_too_often_ends_the_run_with_the_end_of_its_log(tmp_path: Path) -> None:
    worker = supervised(
        python(tmp_path, "print('reason'); import time; time.sleep(0.2); raise SystemExit(7)"), []
    )
    await worker.start()
    with pytest.raises(DiedTooOften) as died:
        await asyncio.wait_for(worker.gave_up, 60)
    assert "worker ended with code 7 and has died 4 times" in str(died.value)
    assert "reason" in str(died.value)
    assert worker.restarts == 3


async def test_one_that_ends_before_it_serves_is_an_error_at_once(tmp_path: Path) -> None:
    worker = supervised(python(tmp_path, "raise SystemExit('no such file')"), [], probe=never_serves)
    worker._start_timeout_ms = 60_000
    with pytest.raises(NotReady, match=r"(?s)worker ended with code 1 before it served:.*no such file"):
        await worker.start()


async def test_one_that_does_not_serve_in_time_is_stopped(tmp_path: Path) -> None:
    worker = supervised(python(tmp_path, SLEEPER), [], probe=never_serves)
    with pytest.raises(NotReady, match=r"worker was not ready after 0.3 s: not yet"):
        await worker.start()
    assert not worker.process.running


async def test_one_that_is_held_down_stays_down_until_it_is_started(tmp_path: Path) -> None:
    said: list[str] = []
    worker = supervised(python(tmp_path, SLEEPER), said)
    await worker.start()
    await worker.hold_down(kill=True)
    await asyncio.sleep(0.2)
    assert not worker.process.running
    assert worker.restarts == 0
    await worker.start()
    assert worker.process.running
    await worker.stop()
    assert said == [
        "worker was ended by SIGTERM when it was stopped; the end of its log:\n" + worker._log_end()
    ]


async def test_an_end_that_counts_as_clean_is_not_said(tmp_path: Path) -> None:
    said: list[str] = []
    command = python(tmp_path, SLEEPER)
    clean = Command(command.name, command.argv, {}, command.log_file, quiet_exits=frozenset({-15}))
    worker = supervised(clean, said)
    await worker.start()
    await worker.stop()
    assert said == []


async def test_a_fault_in_what_follows_a_restart_ends_the_run(tmp_path: Path) -> None:
    calls = []

    async def once_ready() -> None:
        calls.append(1)
        if len(calls) == 2:
            raise ValueError("the tables differ")

    worker = supervised(python(tmp_path, SLEEPER), [])
    worker._once_ready = once_ready
    await worker.start()
    worker.kill()
    with pytest.raises(ValueError, match="the tables differ"):
        await asyncio.wait_for(worker.gave_up, 20)
    await worker.stop()
