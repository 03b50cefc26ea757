"""Time-outs under one timer: each to the millisecond, as if it had its own."""

import asyncio

import pytest

from collector.deadlines import Deadlines
from tests.collector.virtual_time import run_in_virtual_time

AFTER_S = 10
MS = 0.001


def test_each_has_its_own_time():
    async def run():
        late = []
        deadlines = Deadlines(AFTER_S, late.append)
        deadlines.begin("first")
        await asyncio.sleep(4)
        deadlines.begin("second")
        await asyncio.sleep(6 - MS)
        assert late == []
        await asyncio.sleep(2 * MS)
        assert late == ["first"]
        assert list(deadlines) == ["second"]
        await asyncio.sleep(4 - 2 * MS)
        assert late == ["first"]
        await asyncio.sleep(2 * MS)
        assert late == ["first", "second"]

    run_in_virtual_time(run())


def test_what_ended_is_not_late():
    async def run():
        late = []
        deadlines = Deadlines(AFTER_S, late.append)
        deadlines.begin("in time")
        deadlines.begin("late")
        deadlines.end("in time")
        deadlines.end("never begun")
        await asyncio.sleep(2 * AFTER_S)
        assert late == ["late"]

    run_in_virtual_time(run())


def test_what_begins_anew_has_its_time_anew_and_is_the_last():
    async def run():
        late = []
        deadlines = Deadlines(AFTER_S, late.append)
        for one in ("a", "b"):
            deadlines.begin(one)
        await asyncio.sleep(4)
        deadlines.begin("a")
        assert list(deadlines) == ["b", "a"]
        await asyncio.sleep(AFTER_S - MS)
        assert late == ["b"]
        await asyncio.sleep(2 * MS)
        assert late == ["b", "a"]

    run_in_virtual_time(run())


def test_after_all_have_ended_the_next_has_its_time_too():
    async def run():
        late = []
        deadlines = Deadlines(AFTER_S, late.append)
        for one in ("a", "b"):
            deadlines.begin(one)
            await asyncio.sleep(2 * AFTER_S)
        assert late == ["a", "b"]

    run_in_virtual_time(run())


def test_a_fault_with_one_takes_no_time_out_from_the_others():
    async def run():
        late = []

        def told(one):
            late.append(one)
            if one == "bad":
                raise ValueError(one)

        faults = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context))
        deadlines = Deadlines(AFTER_S, told)
        for one in ("bad", "good"):
            deadlines.begin(one)
        await asyncio.sleep(2 * AFTER_S)
        assert late == ["bad", "good"]
        assert len(faults) == 1

    run_in_virtual_time(run())


@pytest.mark.parametrize("count", [1, 1_000])
def test_however_many_there_are_one_timer_is_set(count, monkeypatch):
    async def run():
        loop = asyncio.get_running_loop()
        timers = []
        call_at = loop.call_at
        monkeypatch.setattr(loop, "call_at", lambda *given: timers.append(given) or call_at(*given))
        deadlines = Deadlines(AFTER_S, lambda _: None)
        for one in range(count):
            deadlines.begin(one)
            deadlines.end(one)
        assert len(timers) == 1

    run_in_virtual_time(run())
