"""The broker slow, away, killed and back: no 202 without the record, and the collector recovers by itself."""

import asyncio
import signal

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from collector.problems import Reason
from playhead.kafka import topics
from playhead.stack.ports import free_ports
from schemas import topic
from schemas.topic import declared
from tests.collector.builders import array, event
from tests.collector.contract.conftest import Sender
from tests.collector.contract.load import Load
from tests.collector.contract.test_refused import check_refusal, in_flight, until
from tests.servers.collector import Collector, batches

pytestmark = pytest.mark.stack

WAIT_S = 90


async def accepted_in_the_end(sender: Sender, window: str, seq: int) -> None:
    """What a recorder does: the same batch with the same seq until it is a 202."""
    async with asyncio.timeout(WAIT_S):
        while (answer := await sender.post(array(event(seq)), window=window, seq=seq)).status_code != 202:
            check_refusal(answer, Reason.broker_unavailable)
            await asyncio.sleep(0.2)


async def seqs_in_log(sender: Sender, window: str) -> list[int]:
    return [batch.seq for _, batch in await batches(sender.bootstrap) if batch.window == window]


async def test_a_broker_that_hangs_gives_503_and_what_it_holds_arrives_once(own_sender, own_broker):
    await accepted_in_the_end(own_sender, "hangs", 0)
    own_broker.process.signal(signal.SIGSTOP)
    try:
        answers = await asyncio.gather(
            *[own_sender.post(array(event(seq)), window="hangs", seq=seq) for seq in range(1, 4)]
        )
        for answer in answers:
            check_refusal(answer, Reason.broker_unavailable)
            assert answer.headers["retry-after"] == "3"
        # The records still wait in the producer, and are counted for as long as they do.
        assert await in_flight(own_sender.collector) > 0
        assert (await own_sender.client.get("/healthz")).status_code == 200
    finally:
        own_broker.process.signal(signal.SIGCONT)
    await until(lambda: in_flight(own_sender.collector), 0)
    await accepted_in_the_end(own_sender, "hangs", 4)
    # "It may have arrived": the ones that were answered 503 have, each once, though the producer tried again.
    assert sorted(await seqs_in_log(own_sender, "hangs")) == [0, 1, 2, 3, 4]


async def test_what_a_broker_took_and_did_not_answer_in_time_is_not_doubled(own_sender, own_broker):
    log_file = own_sender.collector.process.command.log_file
    load = Load(own_sender.collector, "unanswered")
    await load.has_accepted(50)
    own_broker.process.signal(signal.SIGSTOP)
    try:
        # Of the producer, whose request waits in the socket still; it sends the same records again.
        async with asyncio.timeout(WAIT_S):
            while "Got error produce response" not in log_file.read_text():
                await asyncio.sleep(0.1)
    finally:
        own_broker.process.signal(signal.SIGCONT)
    await load.has_accepted_another(50)
    await load.end()
    load.check_refusals()
    await until(lambda: in_flight(own_sender.collector), 0)
    await load.check_nothing_is_lost_or_doubled(own_broker.bootstrap)


async def test_a_killed_broker_gives_503_and_nothing_acknowledged_is_lost(own_sender, own_broker):
    for seq in range(5):
        await accepted_in_the_end(own_sender, "killed", seq)
    await own_broker.process.kill()
    check_refusal(await own_sender.post(array(event(5)), window="killed", seq=5), Reason.broker_unavailable)
    assert (await own_sender.client.get("/readyz")).status_code == 200
    own_broker.start()
    for seq in range(5, 8):
        await accepted_in_the_end(own_sender, "killed", seq)
    assert set(await seqs_in_log(own_sender, "killed")) == set(range(8))
    await until(lambda: in_flight(own_sender.collector), 0)


async def test_memory_is_bounded_while_the_broker_hangs(own_sender, own_broker):
    own_broker.process.signal(signal.SIGSTOP)
    try:
        body = array(event(text="x" * 4_000_000))
        answers = await asyncio.gather(*[own_sender.post(body, window="flood", seq=seq) for seq in range(40)])
        assert {answer.json()["reason"] for answer in answers} == {"broker_unavailable", "overloaded"}
        assert all(answer.status_code == 503 and "retry-after" in answer.headers for answer in answers)
        assert await in_flight(own_sender.collector) <= 32 * 1024 * 1024
    finally:
        own_broker.process.signal(signal.SIGCONT)
    await until(lambda: in_flight(own_sender.collector), 0)


async def test_a_topic_that_is_missing_gives_503_until_it_is_there_again(own_sender, own_broker):
    await accepted_in_the_end(own_sender, "before-the-topic-went", 0)
    admin = AIOKafkaAdminClient(bootstrap_servers=own_broker.bootstrap)
    await admin.start()
    try:
        await admin.delete_topics([topic.BATCHES])
        async with asyncio.timeout(WAIT_S):
            while topic.BATCHES in await admin.list_topics():
                await asyncio.sleep(0.1)
    finally:
        await admin.close()
    for seq in range(3):
        check_refusal(
            await own_sender.post(array(event()), window="gone", seq=seq), Reason.broker_unavailable
        )
    assert (await own_sender.client.get("/healthz")).status_code == 200
    await topics.apply(own_broker.bootstrap, declared())
    for seq in range(3):
        await accepted_in_the_end(own_sender, "back", seq)
    assert set(await seqs_in_log(own_sender, "back")) == {0, 1, 2}
    await until(lambda: in_flight(own_sender.collector), 0)


async def test_without_a_broker_the_collector_starts_and_waits_for_it(own_broker, tmp_path):
    await own_broker.process.kill()
    collector = Collector(tmp_path, own_broker.bootstrap)
    try:
        await collector.alive()
        async with collector.client() as client:
            sender = Sender(collector, client, own_broker.bootstrap)
            ready = await client.get("/readyz")
            assert ready.status_code == 503
            assert ready.json() == {"ready": False, "waiting_for": ["connections", "producer"]}
            check_refusal(await sender.post(array(event())), Reason.broker_unavailable)
            config = await client.get(
                "/v1/recorder-config", params={"key": "any"}, headers={"origin": "https://shop.example"}
            )
            check_refusal(config, Reason.broker_unavailable)
            own_broker.start()
            await collector.ready(timeout_ms=WAIT_S * 1000)
            await accepted_in_the_end(sender, "late-start", 0)
    finally:
        assert await collector.process.stop(timeout_ms=30_000) == 0


async def test_without_a_broker_it_stops_at_once(tmp_path):
    (port,) = free_ports(1)
    collector = Collector(tmp_path, f"127.0.0.1:{port}")
    await collector.alive()
    assert await collector.process.stop(timeout_ms=20_000) == 0
