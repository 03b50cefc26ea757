"""The official client while the broker is killed, or hangs: what it was not told to keep is held for it.

On an error it keeps what comes, a new socket it gets only once what the old one sent is written, and a post
that is refused it sends again in other company. After the sessionizer's rules each event is there once.
"""

import json
import signal

import pytest
from websockets.frames import Opcode

from collector.problems import Reason
from schemas import topic
from sessionizer.core.rules import Rules
from sessionizer.sink.payload import events_text, without_events
from tests.collector.builders import AT, event, meta
from tests.collector.contract.conftest import HERE, Sender
from tests.collector.contract.test_official_client import closed, opened, post, url
from tests.collector.contract.test_refused import check_refusal, until
from tests.collector.official_client.test_facts import START
from tests.faults.core_truth import core_truth
from tests.faults.log import log_of
from tests.servers.collector import Collector
from tests.servers.websocket_wire import Wire

pytestmark = pytest.mark.stack

DROPPED = 'playhead_collector_socket_messages_dropped_total{reason="broker_unavailable"}'


class Killed:
    def __init__(self, broker):
        self._broker = broker

    async def begin(self):
        await self._broker.process.kill()

    async def end(self):
        self._broker.start()
        await self._broker.answers()


class Hung:
    def __init__(self, broker):
        self._broker = broker

    async def begin(self):
        self._broker.process.signal(signal.SIGSTOP)

    async def end(self):
        self._broker.process.signal(signal.SIGCONT)


@pytest.fixture(params=[Killed, Hung])
def fault(request, own_broker):
    return request.param(own_broker)


@pytest.fixture
async def own(own_broker, tmp_path):
    """A collector that writes what a socket sent soon, and is soon out of patience."""
    started = Collector(
        tmp_path, own_broker.bootstrap, publish_timeout_ms=1_000, retry_after_s=1, socket_batch_ms=50
    )
    try:
        await started.ready()
        yield started
    except Exception as error:
        error.add_note(started.process.log_end())
        raise
    finally:
        await started.process.stop(timeout_ms=30_000)


@pytest.fixture
def recording(request):
    return request.node.name.replace("[", "-").rstrip("]")[-64:]


async def kept_events(bootstrap: str, recording: str) -> list[int]:
    """Their timestamps after AT, as the sessionizer's rules leave them, in the order of the log."""
    truth = core_truth(await log_of(bootstrap, topic.BATCHES), Rules(topic=topic.BATCHES))
    texts = [
        without_events(events_text(each.batch.payload, each.batch.encoding, 10**7), each.taken_out)
        for _, each in truth.assigned
        if each.batch.visitor == recording
    ]
    events = json.loads(b"[%s]" % b",".join(text for text in texts if text))
    return [one["timestamp"] - AT for one in events]


async def until_kept(own_broker, recording: str, *events: int) -> None:
    async def kept() -> list[int]:
        return await kept_events(own_broker.bootstrap, recording)

    await until(kept, list(events))


async def told_to_keep(wire: Wire) -> None:
    while (frame := await wire.frame()).opcode is not Opcode.TEXT:
        pass
    said = json.loads(frame.data)
    assert (said["type"], said["reason"], said["status"]) == ("error", "broker_unavailable", 503)


async def test_a_socket_that_was_told_of_it_is_closed_once_all_it_sent_is_written(
    own, own_broker, fault, recording
):
    wire = await opened(own, recording)
    await wire.text(meta(AT), event(AT + 1))
    await until_kept(own_broker, recording, 0, 1)

    await fault.begin()
    await wire.text(event(AT + 2), event(AT + 3))
    await told_to_keep(wire)
    # Sent before it had read that.
    await wire.text(event(AT + 4))
    refused, answer = await Wire.open(url(own, recording), HERE)
    refused.cut()
    assert (answer.status_code, json.loads(answer.body)["reason"]) == (503, "broker_unavailable")
    assert int(answer.headers["retry-after"]) == 1

    await fault.end()
    assert await closed(wire) == 1013
    await wire.answer_close()
    await until(lambda: own.metric("playhead_collector_sockets_open"), 0.0)
    again = await opened(own, recording)
    await again.text(event(AT + 5))
    await until_kept(own_broker, recording, 0, 1, 2, 3, 4, 5)
    again.cut()
    assert await own.metric(DROPPED) == 0


async def test_what_a_client_sent_before_it_went_away_is_written_when_the_broker_is_back(
    own, own_broker, fault, recording
):
    wire = await opened(own, recording)
    await wire.text(meta(AT), event(AT + 1))
    await until_kept(own_broker, recording, 0, 1)

    await fault.begin()
    await wire.text(event(AT + 2), event(AT + 3))
    await told_to_keep(wire)
    wire.cut()

    await fault.end()
    await until_kept(own_broker, recording, 0, 1, 2, 3)
    await until(lambda: own.metric("playhead_collector_sockets_open"), 0.0)
    # It was tried until it was written: not left to a producer that may fail.
    assert await own.metric(DROPPED) == 0


async def test_a_post_is_refused_and_sent_again_with_what_came_since(own, own_broker, fault, recording):
    def lines(*events: int) -> bytes:
        return b"\n".join(event(AT + number) for number in events)

    async with own.client() as client:
        sender = Sender(own, client, own_broker.bootstrap)
        assert (await post(sender, recording, b"\n".join([START, meta(AT), lines(1)]))).status_code == 202

        await fault.begin()
        for events in ((2, 3), (2, 3, 4)):
            answer = await post(sender, recording, lines(*events))
            check_refusal(answer, Reason.broker_unavailable)
            assert answer.headers["retry-after"] == "1"

        await fault.end()

        async def status() -> int:
            return (await post(sender, recording, lines(2, 3, 4, 5))).status_code

        await until(status, 202)
    await until(lambda: own.metric("playhead_collector_in_flight_bytes"), 0.0)
    found = await kept_events(own_broker.bootstrap, recording)
    # The start and the page's meta are of the same time.
    assert sorted(found) == [0, 0, 1, 2, 3, 4, 5]
