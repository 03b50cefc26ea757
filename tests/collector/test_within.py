"""A time-out that starts with the first wait, and otherwise is as asyncio's."""

import asyncio

import pytest

from collector.within import within
from tests.collector.virtual_time import run_in_virtual_time

TIMEOUT_S = 30


class WorkError(Exception):
    pass


async def test_what_waits_for_nothing_has_no_timer(monkeypatch):
    async def work():
        return "done"

    def no_timer(*_):
        raise AssertionError("a timer was started")

    monkeypatch.setattr(asyncio, "timeout", no_timer)
    assert await within(TIMEOUT_S, work()) == "done"


@pytest.mark.parametrize("waits", [0, 1, 2])
async def test_what_is_raised_comes_out(waits):
    async def work():
        for _ in range(waits):
            await asyncio.sleep(0)
        raise WorkError

    with pytest.raises(WorkError):
        await within(TIMEOUT_S, work())


@pytest.mark.parametrize(("late_ms", "in_time"), [(-1, True), (1, False)])
@pytest.mark.parametrize("waits", [1, 3])
def test_the_work_has_its_time_to_the_millisecond(waits, late_ms, in_time):
    ended = []

    async def work():
        try:
            for _ in range(waits):
                await asyncio.sleep((TIMEOUT_S + late_ms / 1_000) / waits)
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise
        return "done"

    async def run():
        if in_time:
            assert await within(TIMEOUT_S, work()) == "done"
        else:
            with pytest.raises(TimeoutError):
                await within(TIMEOUT_S, work())
            # It was the time-out's cancellation, and none of the task.
            await asyncio.sleep(0)

    run_in_virtual_time(run())
    assert ended == ([] if in_time else ["cancelled"])


async def test_what_work_waits_for_fails_in_it():
    awaited = asyncio.get_running_loop().create_future()

    async def work():
        try:
            await awaited
        except WorkError:
            return await later
        return "nothing failed"

    later = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(within(TIMEOUT_S, work()))
    await asyncio.sleep(0)
    awaited.set_exception(WorkError())
    await asyncio.sleep(0)
    later.set_result("it was told")
    assert await task == "it was told"


async def test_a_cancelled_task_cancels_the_work():
    ended = asyncio.Event()

    async def work():
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    task = asyncio.create_task(within(TIMEOUT_S, work()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()
