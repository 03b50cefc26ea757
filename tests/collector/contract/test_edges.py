"""Each limit of what is sent, at its edge: what is of its size is taken, a unit more is refused."""

import random
from collections.abc import AsyncIterator

import pytest

from collector.problems import Reason
from schemas.envelope import visitor_key
from tests.collector.builders import array, event, gzipped
from tests.collector.contract.conftest import Sender
from tests.collector.contract.test_official_client import closed, of, opened, url
from tests.collector.contract.test_refused import SlowUpload, check_refusal, in_flight, until
from tests.servers.collector import Collector
from tests.servers.waiting import run
from tests.servers.websocket_wire import Wire

pytestmark = pytest.mark.stack

MIB = 1024 * 1024
GOOD = array(event())
MAX_RECORD_BYTES = 300_000
MAX_MESSAGE_BYTES = 100_000
RECORD_OVERHEAD_BYTES = 87
"""Of the headers of a record and of its batch, as the producer estimates them for such a record."""

at_the_edge = pytest.mark.parametrize("over", [-1, 0, 1])


@pytest.fixture(scope="module")
def narrow(collector, kafka, tmp_path_factory):
    """A collector that takes little. (`collector`: its topics are there.)"""
    started = Collector(
        tmp_path_factory.mktemp("narrow"),
        kafka.bootstrap,
        max_in_flight_bytes=MIB,
        max_record_bytes=MAX_RECORD_BYTES,
        max_events=10,
        max_body_bytes=900_000,
        max_decompressed_bytes=950_000,
        max_sockets=2,
        max_socket_message_bytes=MAX_MESSAGE_BYTES,
        socket_batch_ms=1,
        retry_after_s=9,
    )
    run(started.ready())
    yield started
    run(started.process.stop(timeout_ms=20_000))


@pytest.fixture
async def narrow_sender(narrow, kafka):
    async with narrow.client() as client:
        yield Sender(narrow, client, kafka.bootstrap)


def padded(size: int) -> bytes:
    """A batch of one event whose JSON is `size` bytes, nearly all of them space, in one line."""
    return GOOD[:-1] + b" " * (size - len(GOOD)) + b"]"


def framed_anew(size: int) -> bytes:
    """The same, but it is compressed for the log: so the record is not what is too large."""
    return padded(size - 1) + b"\n"


def in_parts(body: bytes) -> AsyncIterator[bytes]:
    """The same body without a declared length."""

    async def parts() -> AsyncIterator[bytes]:
        for at in range(0, len(body), 100_000):
            yield body[at : at + 100_000]

    return parts()


# --- a batch ---

EDGES = [
    pytest.param(lambda over: framed_anew(900_000 + over), {}, id="body"),
    pytest.param(lambda over: in_parts(framed_anew(900_000 + over)), {}, id="body-of-unknown-length"),
    pytest.param(
        lambda over: gzipped(padded(950_000 + over)), {"content-encoding": "gzip"}, id="decompressed"
    ),
    pytest.param(lambda over: array(*[event()] * (10 + over)), {}, id="events"),
]


@at_the_edge
@pytest.mark.parametrize(("body", "headers"), EDGES)
async def test_a_limit_holds_to_the_unit(narrow_sender, body, headers, over):
    answer = await narrow_sender.post(body(over), headers)
    if over <= 0:
        assert answer.status_code == 202, answer.text
    else:
        check_refusal(answer, Reason.batch_too_large)


@at_the_edge
async def test_a_record_is_taken_up_to_the_producers_limit(narrow_sender, over):
    noise = random.Random(1).randbytes(MAX_RECORD_BYTES // 2).hex()

    async def post(chars: int):
        # An array goes into the log as it is: its record grows by a byte with each character.
        return await narrow_sender.post(array(event(text=noise[:chars])), visitor="of-a-size")

    published = "playhead_collector_published_bytes_total"
    before = await narrow_sender.collector.metric(published)
    assert (await post(200_000)).status_code == 202
    value_bytes = await narrow_sender.collector.metric(published) - before

    record_bytes = int(value_bytes) + len(visitor_key("shop", "of-a-size")) + RECORD_OVERHEAD_BYTES
    in_log = len(await narrow_sender.in_log())
    answer = await post(200_000 + MAX_RECORD_BYTES - record_bytes + over)
    if over <= 0:
        assert answer.status_code == 202, answer.text
    else:
        check_refusal(answer, Reason.batch_too_large)
    assert len(await narrow_sender.in_log()) == in_log + (over <= 0)
    assert (await narrow_sender.post(GOOD)).status_code == 202


# --- all together ---


@at_the_edge
@pytest.mark.parametrize("send", [bytes, in_parts])
async def test_bytes_in_flight_are_limited_before_memory_grows(narrow, narrow_sender, send, over):
    held = 300_000
    in_log = len(await narrow_sender.in_log())
    upload = await SlowUpload.begin(narrow, held + 1)
    try:
        await upload.send(b"[" + b" " * (held - 1))
        await until(lambda: in_flight(narrow), held)
        answer = await narrow_sender.post(send(framed_anew(MIB - held + over)))
        if over <= 0:
            assert answer.status_code == 202, answer.text
        else:
            check_refusal(answer, Reason.overloaded)
            assert answer.headers["retry-after"] == "9"
        assert await in_flight(narrow) == held
    finally:
        upload.close()
    assert len(await narrow_sender.in_log()) == in_log + (over <= 0)
    await until(lambda: in_flight(narrow), 0)
    assert (await narrow_sender.post(framed_anew(MIB - held + 1))).status_code == 202


# --- the official client's sockets ---


async def test_one_socket_more_than_may_be_open_is_told_to_come_again(narrow):
    first, second = [await opened(narrow, f"crowd-{number}") for number in range(2)]
    third, answer = await Wire.open(url(narrow, "crowd-2"))
    third.cut()
    assert (answer.status_code, answer.headers["retry-after"]) == (Reason.overloaded.status, "9")
    first.cut()
    await until(lambda: narrow.metric("playhead_collector_sockets_open"), 1.0)
    third = await opened(narrow, "crowd-2")
    for wire in (second, third):
        wire.cut()
    await until(lambda: narrow.metric("playhead_collector_sockets_open"), 0.0)


@at_the_edge
async def test_a_message_is_taken_up_to_its_limit(narrow, kafka, over):
    recording = f"message-{over}"
    without = len(event(text=""))
    wire = await opened(narrow, recording)
    await wire.text(event(text="x" * (MAX_MESSAGE_BYTES - without + over)))
    if over <= 0:
        await until(lambda: _count(kafka, recording), 1)
        wire.cut()
    else:
        assert await closed(wire) == 1009
        wire.cut()
        assert await _count(kafka, recording) == 0
    await until(lambda: narrow.metric("playhead_collector_sockets_open"), 0.0)


async def _count(kafka, recording: str) -> int:
    return len(await of(kafka, recording))
