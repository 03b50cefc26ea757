"""The sockets of a process, together."""

import asyncio
import contextlib

import pytest

from collector.official_client.open_sockets import OpenSockets
from collector.problems import Reason, Refused

WAIT_S = 10


class Socket:
    def __init__(self):
        self.interrupted = asyncio.Event()

    def interrupt(self):
        self.interrupted.set()


def refusal(sockets) -> Reason | None:
    try:
        sockets.check_room()
    except Refused as refused:
        return refused.reason
    return None


@pytest.mark.parametrize(("count", "expected"), [(1, None), (2, Reason.overloaded), (3, Reason.overloaded)])
async def test_there_is_room_up_to_the_limit(count, expected):
    sockets = OpenSockets(most=2, most_waiting_bytes=1)
    with contextlib.ExitStack() as stack:
        for _ in range(count):
            stack.enter_context(sockets.opened(Socket()))
        assert len(sockets) == count
        assert refusal(sockets) is expected
    assert refusal(sockets) is None


async def test_there_is_none_while_one_is_stuck():
    sockets = OpenSockets(most=2, most_waiting_bytes=1)
    with sockets.stuck(), sockets.stuck():
        assert refusal(sockets) is Reason.broker_unavailable
    assert refusal(sockets) is None


async def test_the_stop_interrupts_all_and_waits_for_them():
    sockets = OpenSockets(most=2, most_waiting_bytes=1)
    socket = Socket()
    waited = asyncio.create_task(sockets.wait(3_600))
    with sockets.opened(socket):
        stop = asyncio.create_task(sockets.stop(WAIT_S))
        await asyncio.wait_for(socket.interrupted.wait(), WAIT_S)
        await asyncio.wait_for(waited, WAIT_S)
        assert sockets.stopping
        assert refusal(sockets) is Reason.overloaded
        assert not stop.done()
    await asyncio.wait_for(stop, WAIT_S)


async def test_a_stop_without_sockets_is_at_once():
    await asyncio.wait_for(OpenSockets(most=1, most_waiting_bytes=1).stop(3_600), WAIT_S)


async def test_a_wait_ends_by_itself():
    sockets = OpenSockets(most=1, most_waiting_bytes=1)
    await asyncio.wait_for(sockets.wait(0.001), WAIT_S)
    assert not sockets.stopping


@pytest.mark.parametrize(("size", "fits"), [(2, True), (3, True), (4, False)])
async def test_what_waits_is_bounded(size, fits):
    sockets = OpenSockets(most=1, most_waiting_bytes=4)
    sockets.waiting.take(1)
    with contextlib.nullcontext() if fits else pytest.raises(Refused):
        sockets.waiting.take(size)
    assert sockets.waiting.now_bytes == (1 + size if fits else 1)
