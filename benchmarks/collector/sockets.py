"""`python -m benchmarks.collector.sockets`: the memory that open sockets take, idle and used."""

import argparse
import asyncio
import logging
import resource
import socket
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from websockets.client import ClientProtocol
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.http11 import Response
from websockets.uri import parse_uri

from benchmarks.collector.services import KEY, Running, know_key, ours, running
from benchmarks.result import Measure, show
from benchmarks.sessionizer.cores import rss_bytes
from benchmarks.sessionizer.kafka_log import emptied, pinned_broker
from schemas.topic import declared

TCP_SOCKETS, WEB_SOCKETS = 10_000, 2_000
AT_ONCE = 100
MESSAGES = 20
_EVENT = '{"type":3,"timestamp":1790000000000,"data":{"source":2,"type":1,"id":%d,"x":%d,"y":7}}'
_BATCH = (_EVENT % (1, 1)).encode()
_REST_S = 3
"""Longer than a socket's messages wait to be written."""

Use = Callable[[Running, int], Awaitable[socket.socket]]
"""Opens the socket of this number and does with it what is measured."""


async def measure_sockets(folder: Path, tcp_sockets: int, web_sockets: int) -> list[Measure]:
    uses: list[tuple[str, int, Use]] = [
        ("TCP sockets that have sent nothing", tcp_sockets, _dial),
        ("TCP sockets that have posted a batch", tcp_sockets, _post),
        ("WebSockets of the official client, nothing sent", web_sockets, _open),
        (f"WebSockets of the official client, {MESSAGES} events each, written", web_sockets, _open_and_send),
    ]
    measures = []
    async with pinned_broker(folder / "kafka") as kafka:
        await emptied(kafka, *declared())
        await know_key(kafka)
        for what, count, use in uses:
            # Each in a process of its own: what one has freed, the next would not have to take.
            async with running(ours(kafka), folder) as it:
                before = await _after_the_first(it, use)
                async with _opened(it, count, use):
                    taken = rss_bytes(it.pid) - before
            measures.append(Measure(f"{count:,} {what}: each", taken / count / 1024, "KiB"))
            measures.append(Measure(f"{count:,} {what}: all", taken / 2**20, "MiB"))
    return measures


async def _after_the_first(it: Running, use: Use) -> int:
    """Resident bytes once all code that such a socket needs is there."""
    async with _opened(it, AT_ONCE, use):
        pass
    return rss_bytes(it.pid)


@asynccontextmanager
async def _opened(it: Running, count: int, use: Use) -> AsyncIterator[None]:
    turns = asyncio.Semaphore(AT_ONCE)
    sockets: list[socket.socket] = []

    async def one(number: int) -> None:
        async with turns:
            sockets.append(await use(it, number))

    try:
        async with asyncio.TaskGroup() as group:
            for number in range(count):
                group.create_task(one(number))
        await asyncio.sleep(_REST_S)
        _check_open(sockets)
        yield
    finally:
        for one_socket in sockets:
            one_socket.close()
        await asyncio.sleep(_REST_S)


def _check_open(sockets: list[socket.socket]) -> None:
    """That none was closed from the other side, or all that is measured would be of fewer."""
    for one in sockets:
        try:
            if not one.recv(1, socket.MSG_PEEK):
                raise ConnectionError("the collector closed a socket")
        except BlockingIOError:
            pass


async def _dial(it: Running, number: int) -> socket.socket:
    one = socket.socket()
    one.setblocking(False)
    await asyncio.get_running_loop().sock_connect(one, ("127.0.0.1", it.port))
    return one


async def _post(it: Running, number: int) -> socket.socket:
    one = await _dial(it, number)
    head = (
        f"POST /v1/batches?key={KEY}&visitor=v{number}&window=w&seq=0 HTTP/1.1\r\nHost: x\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(_BATCH)}\r\n\r\n"
    )
    await asyncio.get_running_loop().sock_sendall(one, head.encode() + _BATCH)
    answer = await asyncio.get_running_loop().sock_recv(one, 65_536)
    if not answer.startswith(b"HTTP/1.1 202"):
        raise ConnectionError(answer)
    return one


async def _open(it: Running, number: int) -> socket.socket:
    return (await _shaken_hands(it, number))[0]


async def _open_and_send(it: Running, number: int) -> socket.socket:
    one, client = await _shaken_hands(it, number)
    for event in range(MESSAGES):
        client.send_text((_EVENT % (event, number)).encode())
    await asyncio.get_running_loop().sock_sendall(one, b"".join(client.data_to_send()))
    return one


async def _shaken_hands(it: Running, number: int) -> tuple[socket.socket, ClientProtocol]:
    """As Chromium: it offers compression, and uses it."""
    one = await _dial(it, number)
    uri = parse_uri(f"ws://127.0.0.1:{it.port}/recordings/r{number}/events/ws?token={KEY}")
    client = ClientProtocol(uri, extensions=[ClientPerMessageDeflateFactory(client_max_window_bits=True)])
    client.send_request(client.connect())
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(one, b"".join(client.data_to_send()))
    client.receive_data(await loop.sock_recv(one, 65_536))
    (answer,) = client.events_received()
    if not isinstance(answer, Response) or answer.status_code != 101:
        raise ConnectionError(answer)
    return one, client


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m benchmarks.collector.sockets")
    asked.add_argument("--tcp-sockets", type=int, default=TCP_SOCKETS)
    asked.add_argument("--web-sockets", type=int, default=WEB_SOCKETS)
    given = asked.parse_args()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory(prefix="playhead-bench-") as name:
        show("sockets", asyncio.run(measure_sockets(Path(name), given.tcp_sockets, given.web_sockets)))


if __name__ == "__main__":
    main()
