"""The endpoints of the official client, as a process serves them."""

import asyncio
import contextlib
import json
import signal

import pytest
from backports import zstd
from websockets.frames import Opcode

from collector.problems import Reason
from tests.collector.builders import KEY, event, meta
from tests.collector.contract.conftest import HERE, STRICT_KEY
from tests.collector.contract.test_refused import check_refusal, until
from tests.collector.official_client.test_facts import START
from tests.servers.collector import Collector, batches
from tests.servers.websocket_wire import Wire

pytestmark = pytest.mark.stack


def url(collector: Collector, recording: str, key: str = KEY) -> str:
    return f"ws://127.0.0.1:{collector.port}/recordings/{recording}/events/ws?token={key}"


async def opened(collector: Collector, recording: str) -> Wire:
    wire, answer = await Wire.open(url(collector, recording), HERE)
    assert answer.status_code == 101
    return wire


async def of(kafka, recording: str) -> list:
    return [batch for _, batch in await batches(kafka.bootstrap) if batch.visitor == recording]


def timestamps(found) -> list:
    return [one["timestamp"] for batch in found for one in json.loads(zstd.decompress(batch.payload))]


async def closed(wire: Wire) -> int:
    while (frame := await wire.frame()).opcode is not Opcode.CLOSE:
        pass
    return int.from_bytes(frame.data[:2], "big")


@pytest.fixture
async def own(collector, kafka, tmp_path):
    """One that writes nothing before a socket is closed. (`collector`: its topics are there.)"""
    started = Collector(tmp_path, kafka.bootstrap, socket_batch_ms=60_000, log_level="debug")
    await started.ready()
    yield started
    await started.process.kill()


# --- posts ---


async def post(sender, recording: str, body: bytes, key: str = KEY, **headers):
    given = {"authorization": f"Bearer {key}", "content-type": "application/x-ndjson", "origin": HERE}
    return await sender.client.post(
        f"/recordings/{recording}/events", content=body, headers={**given, **headers}
    )


async def test_a_post_is_in_the_log_once_it_is_accepted(sender, kafka):
    answer = await post(sender, "posted", b"\n".join([START, meta(), event()]))
    assert (answer.status_code, answer.json()["accepted"]) == (202, 3)
    assert answer.headers["access-control-allow-origin"] == HERE
    (batch,) = await of(kafka, "posted")
    assert (batch.window, batch.events) == ("posted", 3)


async def test_the_preflight_of_a_post_is_kept_by_browsers(sender):
    answer = await sender.client.options(
        "/recordings/one/events",
        headers={
            "origin": HERE,
            "access-control-request-method": "POST",
            "access-control-request-headers": "authorization,content-type",
        },
    )
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == HERE
    assert answer.headers["access-control-allow-headers"] == "authorization,content-type"
    assert int(answer.headers["access-control-max-age"]) >= 600


async def test_refusals_are_problems_that_the_page_may_read(sender):
    answer = await post(sender, "one", event(), key="nobody")
    check_refusal(answer, Reason.unknown_key)
    assert answer.headers["www-authenticate"] == "Bearer"
    check_refusal(await post(sender, "one", event(), "key-of-the-paused"), Reason.connection_paused)
    check_refusal(
        await sender.client.get("/recordings/one/events", headers={"origin": HERE}), Reason.method_not_allowed
    )
    check_refusal(
        await sender.client.post("/recordings/one/two/events", headers={"origin": HERE}), Reason.not_found
    )


# --- sockets ---


async def test_messages_are_in_the_log_after_a_while(collector, kafka):
    wire = await opened(collector, "talking")
    await wire.text(START, meta(), event(1))
    await until(lambda: _count(kafka, "talking"), 1)
    await wire.text(event(2))
    await until(lambda: _count(kafka, "talking"), 2)
    wire.cut()
    assert timestamps(await of(kafka, "talking"))[-2:] == [1, 2]


async def _count(kafka, recording) -> int:
    return len(await of(kafka, recording))


@pytest.mark.parametrize(
    ("reason", "key", "recording", "origin"),
    [
        (Reason.unknown_key, "nobody", "one", HERE),
        (Reason.bad_parameter, KEY, "a%20b", HERE),
        (Reason.origin_not_allowed, STRICT_KEY, "one", "https://evil.example"),
        (Reason.connection_paused, "key-of-the-paused", "one", HERE),
    ],
)
async def test_a_socket_that_may_not_be_opened_is_answered_with_a_problem(
    collector, reason, key, recording, origin
):
    wire, answer = await Wire.open(url(collector, recording, key), origin)
    wire.cut()
    assert answer.status_code == reason.status
    assert answer.headers["content-type"] == "application/problem+json"
    assert json.loads(answer.body)["reason"] == reason.name


async def test_no_socket_is_served_elsewhere(collector):
    wire, answer = await Wire.open(f"ws://127.0.0.1:{collector.port}/v1/batches?key={KEY}")
    wire.cut()
    assert (answer.status_code, json.loads(answer.body)["reason"]) == (404, "not_found")


async def test_of_a_socket_cut_in_the_middle_all_whole_messages_are_kept(own, kafka):
    wire = await opened(own, "cut")
    await wire.text(event(1), event(2))
    await until(lambda: own.metric("playhead_collector_socket_messages_total"), 2.0)
    await wire.half_a_text(event(3, text="x" * 1_000))
    wire.cut()
    await until(lambda: own.metric("playhead_collector_sockets_open"), 0.0)
    assert timestamps(await of(kafka, "cut")) == [1, 2]


async def test_a_message_over_the_limit_ends_the_socket_and_no_more(own, kafka):
    wire = await opened(own, "large")
    await wire.text(event(1), event(2, text="x" * 3_999_000))
    await until(lambda: own.metric("playhead_collector_socket_messages_total"), 2.0)
    # It may be cut before all of it is sent.
    with contextlib.suppress(ConnectionError):
        await wire.text(event(3, text="x" * 4 * 1024 * 1024))
    await until(lambda: own.metric("playhead_collector_sockets_open"), 0.0)
    assert timestamps(await of(kafka, "large")) == [1, 2]


async def test_beginnings_of_messages_are_limited_over_all_sockets(collector, kafka, tmp_path):
    waiting = "playhead_collector_socket_waiting_bytes"
    narrow = Collector(tmp_path, kafka.bootstrap, max_socket_waiting_bytes=1024 * 1024, socket_batch_ms=1)
    try:
        await narrow.ready()
        first, second = await opened(narrow, "narrow-1"), await opened(narrow, "narrow-2")
        await second.text(event(1))
        await until(lambda: _count(kafka, "narrow-2"), 1)
        await first.half_a_text(event(2, text="x" * 1_400_000))
        await until(lambda: _over(narrow, waiting, 700_000), True)
        with contextlib.suppress(ConnectionError):
            await second.half_a_text(event(3, text="x" * 1_400_000))
        await until(lambda: narrow.metric("playhead_collector_sockets_open"), 1.0)
        first.cut()
        await until(lambda: narrow.metric(waiting), 0.0)
        await until(lambda: narrow.metric("playhead_collector_sockets_open"), 0.0)
        third = await opened(narrow, "narrow-2")
        await third.text(event(3, text="x" * 900_000))
        await until(lambda: _count(kafka, "narrow-2"), 2)
        third.cut()
    finally:
        await narrow.process.kill()


async def _over(collector: Collector, name: str, least: float) -> bool:
    return await collector.metric(name) >= least


async def test_what_was_sent_before_the_client_learned_of_the_close_is_kept(collector, kafka, tmp_path):
    refreshing = Collector(tmp_path, kafka.bootstrap, socket_refresh_ms=200, socket_batch_ms=60_000)
    try:
        await refreshing.ready()
        wire = await opened(refreshing, "refreshed")
        await wire.text(event(1))
        assert await closed(wire) == 1000
        await wire.text_before_close_is_answered(event(2), event(3))
        await wire.answer_close()
        await until(lambda: refreshing.metric("playhead_collector_sockets_open"), 0.0)
        assert timestamps(await of(kafka, "refreshed")) == [1, 2, 3]
    finally:
        await refreshing.process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_at_the_stop_all_that_was_sent_is_written(own, kafka, number):
    recording = f"stopped-{number}"
    wire = await opened(own, recording)
    await wire.text(event(1))
    await until(lambda: own.metric("playhead_collector_socket_messages_total"), 1.0)
    own.process.signal(number)
    assert await closed(wire) == 1012
    assert own.process.running
    await wire.text_before_close_is_answered(event(2))
    await wire.answer_close()
    assert await asyncio.wait_for(own.process.wait(), 30) == 0
    assert timestamps(await of(kafka, recording)) == [1, 2]


async def test_the_stop_does_not_wait_for_ever_for_a_client_that_answers_nothing(own, kafka):
    wire = await opened(own, "mute")
    await wire.text(event(1))
    await until(lambda: own.metric("playhead_collector_socket_messages_total"), 1.0)
    own.process.signal(signal.SIGTERM)
    assert await asyncio.wait_for(own.process.wait(), 60) == 0
    wire.cut()
    assert timestamps(await of(kafka, "mute")) == [1]


async def test_neither_key_nor_payload_is_logged_even_at_level_debug(own):
    wire = await opened(own, "logged")
    await wire.text(event(text="a-secret"))
    await until(lambda: own.metric("playhead_collector_socket_messages_total"), 1.0)
    wire.cut()
    refused, _ = await Wire.open(url(own, "logged", "another-key"), HERE)
    refused.cut()
    await until(lambda: own.metric("playhead_collector_sockets_open"), 0.0)
    assert await own.process.stop(timeout_ms=20_000) == 0
    written = own.process.command.log_file.read_text()
    assert "Uvicorn running" in written
    for secret in (KEY, "another-key", "a-secret"):
        assert secret not in written
