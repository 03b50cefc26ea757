"""Every refusal of the table: its status, its form, its CORS headers, and nothing in the log."""

import asyncio
from urllib.parse import urlencode

import psutil
import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from collector.openapi import INGEST_REASONS
from collector.problems import Reason
from schemas import topic
from tests.collector.builders import KEY, array, event, gzipped, zstandard
from tests.collector.contract.conftest import CONSENT_KEY, HERE, PAUSED_KEY, STRICT_KEY, Sender
from tests.servers.collector import Collector
from tests.servers.waiting import run

pytestmark = pytest.mark.stack

MIB = 1024 * 1024
GOOD = array(event())
DEEP = b'[{"type":3,"timestamp":1,"data":' + b"[" * 100_000 + b"]" * 100_000 + b"}]"

REFUSALS = [
    # reason, body, headers, query
    ("malformed_json", b"x", {}, {}),
    ("malformed_json", GOOD[:-1], {}, {}),
    ("malformed_json", b'[{"type":3,"timestamp":1,"data":"\xff"}]', {}, {}),
    ("malformed_json", b'[{"type":3,"timestamp":1,"data":NaN}]', {}, {}),
    ("malformed_json", b'[{"type":3,"timestamp":1,"data":%s}]' % (b"9" * 400), {}, {}),
    ("malformed_json", DEEP, {}, {}),
    ("malformed_json", gzipped(DEEP), {"content-encoding": "gzip"}, {}),
    ("malformed_json", gzipped(GOOD)[:-1], {"content-encoding": "gzip"}, {}),
    ("malformed_json", GOOD, {"content-encoding": "gzip"}, {}),
    ("malformed_json", zstandard(GOOD)[:-1], {"content-encoding": "zstd"}, {}),
    ("malformed_json", b"", {"content-encoding": "gzip"}, {}),
    ("invalid_event", array(event(), b'{"type":3}'), {}, {}),
    ("invalid_event", array(event(), b'{"type":3,"timestamp":-1}'), {}, {}),
    ("empty_batch", b"", {}, {}),
    ("empty_batch", b"[]", {}, {}),
    ("empty_batch", b'{"events":[]}', {}, {}),
    ("bad_parameter", GOOD, {}, {"visitor": None}),
    ("bad_parameter", GOOD, {}, {"window": "a b"}),
    ("bad_parameter", GOOD, {}, {"seq": "-1"}),
    ("bad_parameter", GOOD, {}, {"sent_at": "now"}),
    ("bad_parameter", GOOD, {}, {"final": "yes"}),
    ("unknown_key", GOOD, {}, {"key": "nobody"}),
    ("unknown_key", GOOD, {}, {"key": None}),
    ("origin_not_allowed", GOOD, {"origin": "https://evil.example"}, {"key": STRICT_KEY}),
    ("consent_missing", GOOD, {}, {"key": CONSENT_KEY}),
    ("connection_paused", GOOD, {}, {"key": PAUSED_KEY}),
    ("batch_too_large", b"[" + b" " * (8 * MIB) + b"]", {}, {}),
    ("batch_too_large", gzipped(b"[" + b" " * (32 * MIB)), {"content-encoding": "gzip"}, {}),
    ("batch_too_large", zstandard(b"[" + b" " * (32 * MIB)), {"content-encoding": "zstd"}, {}),
    ("batch_too_large", array(*[event()] * 20_001), {}, {}),
    ("unsupported_encoding", GOOD, {"content-encoding": "br"}, {}),
    ("unsupported_encoding", GOOD, {}, {"encoding": "lzma"}),
    ("unsupported_encoding", GOOD, {"content-type": "text/html"}, {}),
]
ELSEWHERE = {
    "slow_body": "test_a_body_that_does_not_arrive_is_refused",
    "rate_limited": "test_a_connection_that_sends_too_much_is_told_when_to_come_again",
    "overloaded": "test_edges.py",
    "broker_unavailable": "test_broker.py",
    "internal_error": "tests/collector/test_ingest.py",
}


def check_refusal(answer, reason: Reason, origin: str = HERE) -> None:
    assert answer.status_code == reason.status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["access-control-allow-origin"] == origin
    problem = answer.json()
    assert (problem["status"], problem["reason"]) == (reason.status, reason.name)
    assert {"type", "title", "detail"} <= set(problem)
    assert ("retry-after" in answer.headers) == (reason.status in (429, 503))


def test_every_reason_of_the_table_is_provoked_somewhere():
    assert {name for name, *_ in REFUSALS} | set(ELSEWHERE) == {reason.name for reason in INGEST_REASONS}


@pytest.mark.parametrize(
    ("name", "body", "headers", "query"), REFUSALS, ids=[f"{row[0]}-{at}" for at, row in enumerate(REFUSALS)]
)
async def test_a_refused_batch_is_told_why_and_is_not_in_the_log(sender, name, body, headers, query):
    before = len(await sender.in_log())
    answer = await sender.post(body, headers, **query)
    check_refusal(answer, Reason[name], headers.get("origin", HERE))
    if name == "invalid_event":
        assert answer.json()["index"] == 1
    assert len(await sender.in_log()) == before


async def test_what_the_rules_allow_is_taken(sender):
    for query in ({"key": STRICT_KEY}, {"key": CONSENT_KEY, "consent": 1}):
        assert (await sender.post(GOOD, **query)).status_code == 202


async def test_a_refusal_is_counted_by_its_reason(sender):
    name = 'playhead_collector_batches_total{outcome="empty_batch"}'
    before = await sender.collector.metric(name)
    await sender.post(b"[]")
    assert await sender.collector.metric(name) == before + 1


async def test_a_flood_of_bombs_does_not_grow_the_process(sender):
    bomb = gzipped(b"[" + b" " * (200 * MIB))
    assert len(bomb) < MIB
    process = psutil.Process(sender.collector.process.pid)
    answers = await asyncio.gather(*[sender.post(bomb, {"content-encoding": "gzip"}) for _ in range(20)])
    assert {answer.json()["reason"] for answer in answers} == {"batch_too_large"}
    assert process.memory_info().rss < 250 * MIB


# --- with settings of its own ---


@pytest.fixture(scope="module")
def hasty(collector, kafka, tmp_path_factory):
    """A collector that is soon out of patience. (`collector`: its topics are there.)"""
    started = Collector(tmp_path_factory.mktemp("hasty"), kafka.bootstrap, body_timeout_ms=700)
    run(started.ready())
    yield started
    run(started.process.stop(timeout_ms=20_000))


@pytest.fixture
async def hasty_sender(hasty, kafka):
    async with hasty.client() as client:
        yield Sender(hasty, client, kafka.bootstrap)


class SlowUpload:
    """A request by hand, whose body comes as the test likes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def begin(cls, collector: Collector, length: int | None, **query: object) -> "SlowUpload":
        """Without a length the body comes in chunks, which the test makes."""
        coming = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
        reader, writer = await asyncio.open_connection("127.0.0.1", collector.port)
        text = urlencode({"key": KEY, "visitor": "visitor-1", "window": "slow", **query})
        writer.write(
            f"POST /v1/batches?{text} HTTP/1.1\r\nHost: x\r\nOrigin: {HERE}\r\n"
            f"Content-Type: application/json\r\n{coming}\r\n\r\n".encode()
        )
        await writer.drain()
        return cls(reader, writer)

    async def send(self, part: bytes) -> None:
        self.writer.write(part)
        await self.writer.drain()

    async def answer(self) -> tuple[int, str]:
        head = (await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 30)).decode()
        return int(head.split(" ")[1]), head.lower()

    def close(self) -> None:
        self.writer.close()


async def until(value, expected: float) -> None:
    """Wait for a metric to come to a value."""
    async with asyncio.timeout(20):
        while await value() != expected:
            await asyncio.sleep(0.05)


async def in_flight(collector: Collector):
    return await collector.metric("playhead_collector_in_flight_bytes")


async def test_a_body_that_does_not_arrive_is_refused(hasty, hasty_sender):
    before = len(await hasty_sender.in_log())
    upload = await SlowUpload.begin(hasty, len(GOOD))
    await upload.send(GOOD[:-1])
    status, head = await upload.answer()
    upload.close()
    assert status == 408
    assert "application/problem+json" in head
    assert f"access-control-allow-origin: {HERE}" in head
    assert len(await hasty_sender.in_log()) == before
    await until(lambda: in_flight(hasty), 0)


async def test_a_client_that_goes_away_leaves_nothing_behind(hasty, hasty_sender):
    name = 'playhead_collector_batches_total{outcome="client_gone"}'
    gone = await hasty.metric(name)
    upload = await SlowUpload.begin(hasty, 1_000)
    await upload.send(b"[" * 500)
    upload.close()
    await until(lambda: hasty.metric(name), gone + 1)
    await until(lambda: in_flight(hasty), 0)


async def test_a_connection_that_sends_too_much_is_told_when_to_come_again(collector, kafka, tmp_path):
    limited = Collector(tmp_path, kafka.bootstrap, max_requests_per_s=1, request_burst=3)
    try:
        await limited.ready()
        async with limited.client() as client:
            sender = Sender(limited, client, kafka.bootstrap)
            before = len(await sender.in_log())
            answers = await asyncio.gather(*[sender.post(GOOD) for _ in range(30)])
            taken = [answer for answer in answers if answer.status_code == 202]
            refused = [answer for answer in answers if answer.status_code != 202]
            assert len(taken) >= 3
            assert refused
            for answer in refused:
                check_refusal(answer, Reason.rate_limited)
                assert answer.headers["retry-after"] == "1"
            assert len(await sender.in_log()) == before + len(taken)
            # Another connection has a rate of its own.
            assert (await sender.post(GOOD, key=CONSENT_KEY, consent=1)).status_code == 202
    finally:
        await limited.process.stop(timeout_ms=20_000)


async def test_a_record_over_the_brokers_limit_is_refused_and_the_next_ones_are_taken(sender):
    async def limit(value: str) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=sender.bootstrap)
        await admin.start()
        try:
            config = {**topic.declared()[topic.BATCHES].config, "max.message.bytes": value}
            [answer] = await admin.alter_configs(
                [ConfigResource(ConfigResourceType.TOPIC, topic.BATCHES, config)]
            )
            assert all(code == 0 for code, *_ in answer.resources)
        finally:
            await admin.close()

    replaced = await sender.collector.metric("playhead_collector_producers_replaced_total")
    before = len(await sender.in_log())
    await limit("100000")
    try:
        answer = await sender.post(array(event(text="x" * 200_000)))
        check_refusal(answer, Reason.batch_too_large)
        assert len(await sender.in_log()) == before
        # The refused record would leave a hole in the old producer's sequence of that partition.
        await sender.collector.ready()
        for seq in range(3):
            assert (await sender.post(GOOD, seq=seq)).status_code == 202
    finally:
        await limit(topic.declared()[topic.BATCHES].config["max.message.bytes"])
    assert await sender.collector.metric("playhead_collector_producers_replaced_total") == replaced + 1
    assert len(await sender.in_log()) == before + 3
