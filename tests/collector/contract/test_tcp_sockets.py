"""What a socket may cost outside of its requests: slow headers, large ones, bodies nobody wants, idleness."""

import asyncio
import contextlib
import json
import resource
import socket
from collections.abc import AsyncIterator

import psutil
import pytest

from collector.problems import Reason
from tests.collector.builders import KEY, array, event
from tests.collector.contract.conftest import HERE, Sender
from tests.collector.contract.test_refused import SlowUpload, until
from tests.servers.collector import Collector
from tests.servers.waiting import run

pytestmark = pytest.mark.stack

MIB = 1024 * 1024
GOOD = array(event())
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
MAX_HEADER_BYTES = 2_048
MAX_TCP_SOCKETS = 20


@pytest.fixture(scope="module")
def strict(collector, kafka, tmp_path_factory):
    """A collector that has no patience. (`collector`: its topics are there.)"""
    started = Collector(
        tmp_path_factory.mktemp("strict"),
        kafka.bootstrap,
        header_timeout_ms=2_000,
        idle_timeout_ms=2_000,
        body_timeout_ms=6_000,
        max_header_bytes=MAX_HEADER_BYTES,
        max_body_bytes=200_000,
        max_tcp_sockets=MAX_TCP_SOCKETS,
    )
    run(started.ready())
    yield started
    run(started.process.stop(timeout_ms=20_000))


@contextlib.asynccontextmanager
async def dialled(collector: Collector) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", collector.port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def answered(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    status, headers = await head_of(reader)
    return status, headers, await body_of(reader, headers)


async def head_of(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)).decode("latin-1")
    line, *fields = head.strip().split("\r\n")
    headers = {name.lower(): value for name, _, value in (field.partition(": ") for field in fields)}
    return int(line.split(" ")[1]), headers


async def body_of(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    return await asyncio.wait_for(reader.readexactly(int(headers["content-length"])), 30)


async def check_closed_with(reader: asyncio.StreamReader, reason: Reason) -> None:
    status, headers, body = await answered(reader)
    assert (status, json.loads(body)["reason"]) == (reason.status, reason.name)
    assert headers["content-type"] == "application/problem+json"
    assert headers["access-control-allow-origin"] == "*"
    assert headers["connection"] == "close"
    assert await ended(reader)


async def ended(reader: asyncio.StreamReader) -> bool:
    """Wait until the collector has closed the socket."""
    try:
        return await asyncio.wait_for(reader.read(), 30) is not None
    except ConnectionError:
        return True


async def trickle(writer: asyncio.StreamWriter, part: bytes) -> None:
    """Send and send, until the other side has had enough."""
    with contextlib.suppress(ConnectionError):
        while True:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def trickling(writer: asyncio.StreamWriter, part: bytes) -> AsyncIterator[None]:
    task = asyncio.create_task(trickle(writer, part))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def closed(reason: str) -> str:
    return f'playhead_collector_tcp_sockets_closed_total{{reason="{reason}"}}'


# --- headers ---


async def test_headers_that_do_not_come_to_an_end_are_refused(strict):
    before = await strict.metric(closed("slow_headers"))
    async with dialled(strict) as (reader, writer):
        writer.write(b"POST /v1/batches HTTP/1.1\r\n")
        async with trickling(writer, b"X: 1\r\n"):
            await check_closed_with(reader, Reason.slow_headers)
    assert await strict.metric(closed("slow_headers")) == before + 1


async def test_slow_headers_of_a_later_request_are_refused_too(strict):
    async with dialled(strict) as (reader, writer):
        writer.write(HEALTH + b"\r\n")
        assert (await answered(reader))[0] == 200
        writer.write(HEALTH)
        await check_closed_with(reader, Reason.slow_headers)


@pytest.mark.parametrize("over", [-1, 0, 1])
@pytest.mark.parametrize("parts", [1, 4])
async def test_headers_have_a_limit_to_the_byte(strict, over, parts):
    end = b"\r\n\r\n"
    padding = MAX_HEADER_BYTES + over - len(HEALTH) - len(b"X: ") - len(end)
    head = HEALTH + b"X: " + b"x" * padding + end
    assert len(head) == MAX_HEADER_BYTES + over
    async with dialled(strict) as (reader, writer):
        step = -(-len(head) // parts)
        for at in range(0, len(head), step):
            writer.write(head[at : at + step])
            await writer.drain()
            await asyncio.sleep(0.01 if parts > 1 else 0)
        if over <= 0:
            assert (await answered(reader))[0] == 200
        else:
            await check_closed_with(reader, Reason.headers_too_large)


async def test_headers_without_an_end_are_refused_at_the_limit(strict):
    async with dialled(strict) as (reader, writer):
        writer.write(HEALTH + b"X: " + b"x" * MAX_HEADER_BYTES)
        await check_closed_with(reader, Reason.headers_too_large)


async def test_a_large_body_in_the_same_chunk_is_no_header(strict):
    body = GOOD[:-1] + b" " * 50_000 + b"]"
    head = (
        f"POST /v1/batches?key={KEY}&visitor=v&window=w HTTP/1.1\r\nHost: x\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode()
    async with dialled(strict) as (reader, writer):
        writer.write(head + body)
        assert (await answered(reader))[0] == 202
        # Pipelined: the second head begins in a chunk that brought a body before.
        writer.write(head + body + head + body)
        assert [(await answered(reader))[0] for _ in range(2)] == [202, 202]
        writer.write(head + body + head[:-4])
        assert (await answered(reader))[0] == 202
        writer.write(head[-4:] + body)
        assert (await answered(reader))[0] == 202


async def test_a_body_that_is_a_little_too_large_is_refused_and_not_cut(strict):
    for over in (1, 200_000, 500_000):
        async with dialled(strict) as (reader, writer):
            size = 200_000 + over
            writer.write(
                f"POST /v1/batches?key={KEY}&visitor=v&window=w HTTP/1.1\r\nHost: x\r\n"
                f"Content-Length: {size}\r\n\r\n".encode()
            )
            writer.write(b" " * size)
            await writer.drain()
            assert (await answered(reader))[0] == Reason.batch_too_large.status


@pytest.mark.parametrize(
    "sent",
    [b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", b"GET\r\n\r\n", b"GET /\xff HTTP/1.1\r\n\r\n", b"{}\r\n"],
)
async def test_what_is_not_http_is_refused(strict, sent):
    async with dialled(strict) as (reader, writer):
        writer.write(sent)
        await check_closed_with(reader, Reason.malformed_request)


# --- slow bodies ---


async def test_a_body_that_trickles_is_refused_when_its_time_is_over(strict):
    upload = await SlowUpload.begin(strict, 100_000)
    async with trickling(upload.writer, b" "):
        status, headers = await head_of(upload.reader)
    # What is sent once the collector has closed would reset the socket, and take the answer along.
    body = await body_of(upload.reader, headers)
    upload.close()
    assert (status, json.loads(body)["reason"]) == (Reason.slow_body.status, Reason.slow_body.name)
    assert headers["access-control-allow-origin"] == HERE


# --- bodies that are not wanted any more ---


async def begun_and_refused(
    collector: Collector, length: int
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    upload = await SlowUpload.begin(collector, length, key="nobody")
    assert (await answered(upload.reader))[0] == Reason.unknown_key.status
    return upload.reader, upload.writer


async def test_a_body_that_trickles_on_after_the_refusal_is_cut(strict):
    before = await strict.metric(closed("slow_body"))
    reader, writer = await begun_and_refused(strict, 100_000)
    async with trickling(writer, b" "):
        assert await ended(reader)
    writer.close()
    assert await strict.metric(closed("slow_body")) == before + 1


async def test_a_body_that_floods_on_after_the_refusal_is_cut(strict):
    before = await strict.metric(closed("slow_body"))
    reader, writer = await begun_and_refused(strict, 10**12)
    parts = 0
    with contextlib.suppress(ConnectionError):
        while not reader.at_eof() and not writer.is_closing():
            writer.write(b" " * 100_000)
            await writer.drain()
            parts += 1
    # Four bodies' bytes and what the sockets' buffers hold; without a limit it would be seconds of them.
    assert parts < 300
    assert await ended(reader)
    writer.close()
    await until(lambda: strict.metric(closed("slow_body")), before + 1)


async def test_after_a_refused_body_has_come_the_socket_serves_on(strict):
    reader, writer = await begun_and_refused(strict, 100)
    writer.write(b" " * 100 + HEALTH + b"\r\n")
    assert (await answered(reader))[0] == 200
    assert await ended(reader)
    writer.close()


# --- idle sockets ---


async def test_an_idle_socket_is_closed(strict):
    before = await strict.metric(closed("idle"))
    async with dialled(strict) as (never_used, _), dialled(strict) as (used, writer):
        writer.write(HEALTH + b"\r\n")
        assert (await answered(used))[0] == 200
        assert await ended(never_used)
        assert await ended(used)
    assert await strict.metric(closed("idle")) >= before + 2


async def test_empty_lines_are_no_request(strict):
    async with dialled(strict) as (reader, writer), trickling(writer, b"\r\n"):
        assert await ended(reader)


async def test_a_request_at_work_is_not_idle(strict):
    upload = await SlowUpload.begin(strict, len(GOOD))
    await upload.send(GOOD[:-1])
    async with dialled(strict) as (idle, _):
        assert await ended(idle)
    await upload.send(GOOD[-1:])
    assert (await upload.answer())[0] == 202
    upload.close()


async def test_for_one_socket_too_many_the_longest_idle_is_closed(strict):
    async with contextlib.AsyncExitStack() as stack:
        before = await strict.metric(closed("too_many"))
        readers = [(await stack.enter_async_context(dialled(strict)))[0] for _ in range(MAX_TCP_SOCKETS)]
        reader, writer = await stack.enter_async_context(dialled(strict))
        writer.write(HEALTH + b"\r\n")
        assert (await answered(reader))[0] == 200
        assert await ended(readers[0])
        assert await strict.metric(closed("too_many")) > before


async def test_where_all_sockets_are_at_work_a_new_one_is_closed(collector, kafka, tmp_path):
    few = Collector(tmp_path, kafka.bootstrap, max_tcp_sockets=3)
    try:
        await few.ready()
        uploads = [await SlowUpload.begin(few, len(GOOD)) for _ in range(3)]
        for upload in uploads:
            await upload.send(GOOD[:-1])

        async def refused() -> bool:
            async with dialled(few) as (reader, writer):
                writer.write(HEALTH + b"\r\n")
                try:
                    return await asyncio.wait_for(reader.read(), 30) == b""
                except ConnectionError:
                    return True

        await until(refused, True)
        for upload in uploads:
            await upload.send(GOOD[-1:])
            assert (await upload.answer())[0] == 202
            upload.close()
    finally:
        await few.process.stop(timeout_ms=20_000)


# --- ten thousand ---


@pytest.fixture
def many_files():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 12_000:
        pytest.skip(f"10,000 sockets are more than the {hard} files that a process may open here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 12_000), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("many_files")
async def test_ten_thousand_idle_sockets_take_little_and_hold_up_nobody(collector, kafka, tmp_path):
    crowded = Collector(tmp_path, kafka.bootstrap, header_timeout_ms=600_000, idle_timeout_ms=3_600_000)
    loop = asyncio.get_running_loop()
    try:
        await crowded.ready()
        async with crowded.client() as client:
            sender = Sender(crowded, client, kafka.bootstrap)
            memory = psutil.Process(crowded.process.pid)

            async def crowd() -> int:
                """Bytes of memory while 10,000 sockets are open and half of them have begun a request."""
                open_sockets: list[socket.socket] = []
                try:
                    for number in range(10_000):
                        one = socket.socket()
                        one.setblocking(False)
                        open_sockets.append(one)
                        await loop.sock_connect(one, ("127.0.0.1", crowded.port))
                        if number % 2:
                            await loop.sock_sendall(one, HEALTH)
                    assert (await sender.post(GOOD, headers={"origin": HERE})).status_code == 202
                    assert await crowded.metric("playhead_collector_tcp_sockets") >= 10_000
                    return memory.memory_info().rss
                finally:
                    for one in open_sockets:
                        one.close()

            before = memory.memory_info().rss
            first = await crowd()
            await until(lambda: few_are_open(crowded), True)
            second = await crowd()
            assert first - before < 200 * MIB
            assert second - first < 20 * MIB
    finally:
        await crowded.process.stop(timeout_ms=20_000)


async def few_are_open(collector: Collector) -> bool:
    return await collector.metric("playhead_collector_tcp_sockets") < 10
