"""The corpus of tests/contract/bodies at the official client's endpoints: posted, and said over sockets."""

import asyncio
import json

import httpx
import pytest

from collector.inflate import inflate
from collector.problems import Reason
from tests.collector.builders import KEY, event
from tests.collector.contract.conftest import HERE
from tests.collector.contract.test_refused import check_refusal, until
from tests.contract.bodies import ACCEPTED, CASES
from tests.servers.collector import Collector, batches
from tests.servers.waiting import run
from tests.servers.websocket_wire import Wire

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

PLAIN = [case for case in CASES if not case.headers and not case.query]
COMPRESSED = [case for case in CASES if "content-encoding" in case.headers and not case.query]
OF_A_MESSAGE = {"malformed_json", "invalid_event", "empty_batch", "batch_too_large"}
BEFORE, AFTER = 1_111, 2_222
AT_ONCE = 8
ENOUGH_BYTES = 64 * 1024 * 1024
SOCKETS_OPEN = "playhead_collector_sockets_open"
DROPPED = "playhead_collector_socket_messages_dropped_total"


@pytest.fixture(scope="module")
def target(collector, kafka, tmp_path_factory):
    """A collector with the settings that it has by itself. (`collector`: its topics are there.)"""
    started = Collector(tmp_path_factory.mktemp("bodies-official-client"), kafka.bootstrap)
    run(started.ready())
    yield started
    run(started.process.stop(timeout_ms=20_000))


async def post(client: httpx.AsyncClient, recording: str, body: bytes, **headers: str) -> httpx.Response:
    given = {"authorization": f"Bearer {KEY}", "content-type": "application/x-ndjson", "origin": HERE}
    return await client.post(f"/recordings/{recording}/events", content=body, headers={**given, **headers})


async def in_log(kafka, start: str) -> dict[str, list]:
    """The batches of each recording whose name starts so."""
    found: dict[str, list] = {}
    for _, batch in await batches(kafka.bootstrap):
        if batch.visitor.startswith(start):
            found.setdefault(batch.visitor, []).append(batch)
    return found


async def test_a_posted_body_is_taken_or_refused_as_at_the_other_endpoint(target, kafka):
    async with target.client() as client:
        for number, case in enumerate(PLAIN):
            answer = await post(client, f"posted-{number}", case.make())
            if case.expected == ACCEPTED:
                assert answer.status_code == 202, (case.name, answer.text)
            else:
                assert answer.json()["reason"] == case.expected, case.name
                check_refusal(answer, Reason[case.expected])
    accepted = {f"posted-{number}" for number, case in enumerate(PLAIN) if case.expected == ACCEPTED}
    assert set(await in_log(kafka, "posted-")) == accepted


async def test_a_compressed_body_is_refused_whether_it_says_so_or_not(target, kafka):
    async with target.client() as client:
        for number, case in enumerate(COMPRESSED):
            said = await post(client, f"packed-{number}", case.make(), **case.headers)
            if case.headers["content-encoding"].strip().lower() in {"", "identity"}:
                continue
            check_refusal(said, Reason.unsupported_encoding)
            unsaid = await post(client, f"packed-{number}", case.make())
            assert unsaid.status_code in {202, 400, 413}, case.name
            assert unsaid.status_code != 202 or case.make()[:1] in b"[{", case.name


async def test_what_is_said_over_a_socket_harms_nothing_that_is_said_beside_it(target, kafka):
    """Each body is a message between two good ones; a batch is first tried whole, so it puts them at risk."""
    room = asyncio.Semaphore(AT_ONCE)

    async def say(number: int, body: bytes) -> None:
        async with room:
            url = f"ws://127.0.0.1:{target.port}/recordings/said-{number}/events/ws?token={KEY}"
            wire, answer = await Wire.open(url, HERE)
            assert answer.status_code == 101
            await wire.text(event(BEFORE))
            await wire.binary(body)
            await wire.text(event(AFTER))
            await wire.close()

    said = [case for case in PLAIN if len(case.make()) < 4 * 1024 * 1024]
    assert len(said) > 400
    await asyncio.gather(*[say(number, case.make()) for number, case in enumerate(said)])
    await until(lambda: target.metric(SOCKETS_OPEN), 0.0)

    found = await in_log(kafka, "said-")
    for number, case in enumerate(said):
        events = [
            one
            for batch in found[f"said-{number}"]
            for one in json.loads(inflate(batch.payload, batch.encoding, ENOUGH_BYTES).raw, parse_int=str)
        ]
        ours = [one["timestamp"] for one in events if one["timestamp"] in {str(BEFORE), str(AFTER)}]
        assert ours == [str(BEFORE), str(AFTER)], case.name
        assert (len(events) > 2) == (case.expected == ACCEPTED), case.name
    async with target.client() as client:
        lines = (await client.get("/metrics")).text.splitlines()
    reasons = {line.split('"')[1] for line in lines if line.startswith(DROPPED + "{")}
    assert reasons <= OF_A_MESSAGE
    assert target.process.running
    assert "Traceback" not in target.process.command.log_file.read_text()
