"""What a socket may cost outside of its requests: each time to the millisecond, each number to the unit.

What a client sees of it is in `contract/test_tcp_sockets.py`.
"""

import asyncio
from dataclasses import dataclass

import pytest
import uvicorn
from uvicorn.server import ServerState

from collector.problems import Reason, Refused, body_of
from collector.tcp_sockets import LimitedProtocol, SocketLimits, limited
from tests.collector.virtual_time import run_in_virtual_time

LIMITS = SocketLimits(
    header_timeout_s=10,
    max_header_bytes=1_000,
    idle_timeout_s=75,
    linger_timeout_s=30,
    max_linger_bytes=500,
    max_tcp_sockets=3,
)
HEAD = b"GET / HTTP/1.1\r\nHost: x\r\n"
UPLOAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"

at_the_edge_in_ms = pytest.mark.parametrize(("late_ms", "closed"), [(-1, False), (1, True)])


async def answers_at_once(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@dataclass
class Transport(asyncio.Transport):
    """Keeps what is written."""

    written: bytes = b""
    writes: int = 0
    closing: bool = False

    def get_extra_info(self, name, default=None):
        return default

    def write(self, data):
        self.written += data
        self.writes += 1

    def close(self):
        self.closing = True

    def is_closing(self):
        return self.closing

    def pause_reading(self):
        pass

    def resume_reading(self):
        pass


class Server:
    def __init__(self):
        self._made = limited(LIMITS)
        self._config = uvicorn.Config(
            answers_at_once, http=self._made, ws="none", lifespan="off", log_config=None
        )
        self._state = ServerState()

    def open(self) -> tuple[LimitedProtocol, Transport]:
        protocol = self._made(self._config, self._state, {})
        transport = Transport()
        protocol.connection_made(transport)
        return protocol, transport


async def answered(transport: Transport) -> None:
    while b"ok" not in transport.written:
        await asyncio.sleep(0)


def refusal(transport: Transport, reason: Reason) -> bool:
    problem = body_of(Refused(reason, ""))
    return problem[: problem.index(b'"detail"')] in transport.written


@at_the_edge_in_ms
def test_headers_have_their_time_from_their_first_byte(late_ms, closed):
    async def run():
        protocol, transport = Server().open()
        await asyncio.sleep(20)
        protocol.data_received(HEAD[:1])
        await asyncio.sleep(5)
        # A byte now and then gains no time.
        protocol.data_received(HEAD[1:])
        await asyncio.sleep(5 + late_ms / 1_000)
        assert transport.closing == closed
        if closed:
            assert refusal(transport, Reason.slow_headers)
        else:
            protocol.data_received(b"\r\n")
            await answered(transport)

    run_in_virtual_time(run())


@at_the_edge_in_ms
def test_a_socket_that_was_never_used_may_be_idle_so_long(late_ms, closed):
    async def run():
        _, transport = Server().open()
        await asyncio.sleep(LIMITS.idle_timeout_s + late_ms / 1_000)
        assert transport.closing == closed

    run_in_virtual_time(run())


@at_the_edge_in_ms
def test_a_socket_may_be_idle_so_long_after_each_answer(late_ms, closed):
    async def run():
        protocol, transport = Server().open()
        await asyncio.sleep(50)
        protocol.data_received(HEAD + b"\r\n")
        await answered(transport)
        await asyncio.sleep(LIMITS.idle_timeout_s + late_ms / 1_000)
        assert transport.closing == closed

    run_in_virtual_time(run())


@at_the_edge_in_ms
def test_a_body_that_nobody_wants_has_its_time(late_ms, closed):
    async def run():
        protocol, transport = Server().open()
        protocol.data_received(UPLOAD)
        await answered(transport)
        await asyncio.sleep(20)
        protocol.data_received(b"x")
        await asyncio.sleep(LIMITS.linger_timeout_s - 20 + late_ms / 1_000)
        assert transport.closing == closed

    run_in_virtual_time(run())


@pytest.mark.parametrize(("size", "closed"), [(499, False), (500, False), (501, True)])
def test_a_body_that_nobody_wants_has_its_length(size, closed):
    async def run():
        protocol, transport = Server().open()
        protocol.data_received(UPLOAD)
        await answered(transport)
        protocol.data_received(b"x" * size)
        assert transport.closing == closed

    run_in_virtual_time(run())


def test_an_answer_is_one_write():
    async def run():
        protocol, transport = Server().open()
        for number in range(1, 4):
            protocol.data_received(HEAD + b"\r\n")
            while transport.written.count(b"ok") < number:
                await asyncio.sleep(0)
            assert transport.writes == number

    run_in_virtual_time(run())


def test_to_a_head_the_head_is_the_answer():
    async def run():
        protocol, transport = Server().open()
        protocol.data_received(HEAD.replace(b"GET", b"HEAD") + b"\r\n")
        while protocol not in protocol.idle:
            await asyncio.sleep(0)
        assert transport.written.endswith(b"content-length: 2\r\n\r\n")

    run_in_virtual_time(run())


def test_requests_sent_together_are_answered_one_after_the_other():
    async def run():
        protocol, transport = Server().open()
        protocol.data_received((HEAD + b"\r\n") * 3)
        while transport.written.count(b"ok") < 3:
            await asyncio.sleep(0)
        assert transport.written.count(b"HTTP/1.1 200 OK\r\n") == 3
        assert transport.written.endswith(b"ok")
        assert protocol in protocol.idle

    run_in_virtual_time(run())


@pytest.mark.parametrize(("count", "closed"), [(2, []), (3, []), (4, [0]), (5, [0, 1])])
def test_over_the_limit_the_longest_idle_sockets_are_closed(count, closed):
    async def run():
        server = Server()
        transports = []
        for _ in range(count):
            protocol, transport = server.open()
            transports.append(transport)
            # What an event loop does once a socket is closed.
            for opened in list(protocol.connections):
                if opened.transport.closing:
                    opened.connection_lost(None)
        assert [number for number, one in enumerate(transports) if one.closing] == closed

    run_in_virtual_time(run())


def test_where_none_is_idle_the_new_socket_is_closed():
    async def run():
        server = Server()
        at_work = [server.open() for _ in range(LIMITS.max_tcp_sockets)]
        for protocol, _ in at_work:
            protocol.data_received(HEAD)
        _, too_many = server.open()
        assert too_many.closing
        assert not any(transport.closing for _, transport in at_work)

    run_in_virtual_time(run())
