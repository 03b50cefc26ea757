"""The broker slow, away, killed and back: no 202 without the record, and the collector recovers by itself."""

import asyncio
import signal

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from collector.problems import Reason
from playhead.checkout import JARS
from playhead.kafka import topics
from playhead.kafka.broker import Broker
from playhead.stack.ports import free_ports
from playhead.stack.process import Command, Process
from playhead.stack.readiness import broker_answers, wait_until
from schemas import topic
from schemas.topic import declared
from tests.collector.builders import array, event
from tests.collector.contract.conftest import CONNECTIONS, Sender
from tests.collector.contract.test_refused import check_refusal, in_flight, until
from tests.servers.collector import Collector, batches, write_connections
from tests.servers.waiting import run

pytestmark = pytest.mark.stack

WAIT_S = 90


class OwnBroker:
    """A broker that only these tests use, so that they may mistreat it."""

    def __init__(self, folder):
        port, controller_port = free_ports(2)
        self.folder = folder
        self.broker = Broker(folder, JARS, port, controller_port)
        self.broker.prepare()
        self.bootstrap = self.broker.bootstrap
        self.process = None

    def start(self):
        self.process = Process(Command("kafka", self.broker.command(), {}, self.folder / "kafka.log"))

    async def answers(self):
        await wait_until(broker_answers(self.bootstrap), what="Kafka", timeout_ms=WAIT_S * 1000)

    async def prepare(self):
        await self.answers()
        await topics.apply(self.bootstrap, declared())
        await write_connections(self.bootstrap, CONNECTIONS)


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    own = OwnBroker(tmp_path_factory.mktemp("own-kafka"))
    own.start()
    run(own.prepare())
    yield own
    run(own.process.stop(timeout_ms=20_000))


@pytest.fixture
async def sender(broker, tmp_path):
    if not broker.process.running:
        broker.start()
        await broker.answers()
    collector = Collector(tmp_path, broker.bootstrap, publish_timeout_ms=1_000, retry_after_s=3)
    try:
        await collector.ready()
        async with collector.client() as client:
            yield Sender(collector, client, broker.bootstrap)
    except Exception as error:
        error.add_note(collector.process.log_end())
        raise
    finally:
        await collector.process.stop(timeout_ms=30_000)


async def accepted_in_the_end(sender: Sender, window: str, seq: int) -> None:
    """What a recorder does: the same batch with the same seq until it is a 202."""
    async with asyncio.timeout(WAIT_S):
        while (answer := await sender.post(array(event(seq)), window=window, seq=seq)).status_code != 202:
            check_refusal(answer, Reason.broker_unavailable)
            await asyncio.sleep(0.2)


async def seqs_in_log(sender: Sender, window: str) -> list[int]:
    return [batch.seq for _, batch in await batches(sender.bootstrap) if batch.window == window]


async def test_a_broker_that_hangs_gives_503_and_what_it_holds_arrives_once(sender, broker):
    await accepted_in_the_end(sender, "hangs", 0)
    broker.process.signal(signal.SIGSTOP)
    try:
        answers = await asyncio.gather(
            *[sender.post(array(event(seq)), window="hangs", seq=seq) for seq in range(1, 4)]
        )
        for answer in answers:
            check_refusal(answer, Reason.broker_unavailable)
            assert answer.headers["retry-after"] == "3"
        # The records still wait in the producer, and are counted for as long as they do.
        assert await in_flight(sender.collector) > 0
        assert (await sender.client.get("/healthz")).status_code == 200
    finally:
        broker.process.signal(signal.SIGCONT)
    await until(lambda: in_flight(sender.collector), 0)
    await accepted_in_the_end(sender, "hangs", 4)
    # "It may have arrived": the ones that were answered 503 have, each once, though the producer tried again.
    assert sorted(await seqs_in_log(sender, "hangs")) == [0, 1, 2, 3, 4]


async def test_a_killed_broker_gives_503_and_nothing_acknowledged_is_lost(sender, broker):
    for seq in range(5):
        await accepted_in_the_end(sender, "killed", seq)
    await broker.process.kill()
    check_refusal(await sender.post(array(event(5)), window="killed", seq=5), Reason.broker_unavailable)
    assert (await sender.client.get("/readyz")).status_code == 200
    broker.start()
    for seq in range(5, 8):
        await accepted_in_the_end(sender, "killed", seq)
    assert set(await seqs_in_log(sender, "killed")) == set(range(8))
    await until(lambda: in_flight(sender.collector), 0)


async def test_memory_is_bounded_while_the_broker_hangs(sender, broker):
    broker.process.signal(signal.SIGSTOP)
    try:
        body = array(event(text="x" * 4_000_000))
        answers = await asyncio.gather(*[sender.post(body, window="flood", seq=seq) for seq in range(40)])
        assert {answer.json()["reason"] for answer in answers} == {"broker_unavailable", "overloaded"}
        assert all(answer.status_code == 503 and "retry-after" in answer.headers for answer in answers)
        assert await in_flight(sender.collector) <= 32 * 1024 * 1024
    finally:
        broker.process.signal(signal.SIGCONT)
    await until(lambda: in_flight(sender.collector), 0)


async def test_a_topic_that_is_missing_gives_503_until_it_is_there_again(sender, broker):
    await accepted_in_the_end(sender, "before-the-topic-went", 0)
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    await admin.start()
    try:
        await admin.delete_topics([topic.BATCHES])
        async with asyncio.timeout(WAIT_S):
            while topic.BATCHES in await admin.list_topics():
                await asyncio.sleep(0.1)
    finally:
        await admin.close()
    for seq in range(3):
        check_refusal(await sender.post(array(event()), window="gone", seq=seq), Reason.broker_unavailable)
    assert (await sender.client.get("/healthz")).status_code == 200
    await topics.apply(broker.bootstrap, declared())
    for seq in range(3):
        await accepted_in_the_end(sender, "back", seq)
    assert set(await seqs_in_log(sender, "back")) == {0, 1, 2}
    await until(lambda: in_flight(sender.collector), 0)


async def test_without_a_broker_the_collector_starts_and_waits_for_it(broker, tmp_path):
    await broker.process.kill()
    collector = Collector(tmp_path, broker.bootstrap)
    try:
        await collector.alive()
        async with collector.client() as client:
            sender = Sender(collector, client, broker.bootstrap)
            ready = await client.get("/readyz")
            assert ready.status_code == 503
            assert ready.json() == {"ready": False, "waiting_for": ["connections", "producer"]}
            check_refusal(await sender.post(array(event())), Reason.broker_unavailable)
            config = await client.get(
                "/v1/recorder-config", params={"key": "any"}, headers={"origin": "https://shop.example"}
            )
            check_refusal(config, Reason.broker_unavailable)
            broker.start()
            await collector.ready(timeout_ms=WAIT_S * 1000)
            await accepted_in_the_end(sender, "late-start", 0)
    finally:
        assert await collector.process.stop(timeout_ms=30_000) == 0


async def test_without_a_broker_it_stops_at_once(tmp_path):
    (port,) = free_ports(1)
    collector = Collector(tmp_path, f"127.0.0.1:{port}")
    await collector.alive()
    assert await collector.process.stop(timeout_ms=20_000) == 0
