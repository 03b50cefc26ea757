"""The leader of all partitions killed, come back, and stopped, under load: nothing is lost, nothing doubled.

Two brokers hold each record. A 202 means that both had it, so whichever is lost, what got one is not.
"""

import signal

import pytest

from playhead.kafka import topics
from schemas import topic
from schemas.topic import declared
from tests.collector.contract.conftest import CONNECTIONS
from tests.collector.contract.load import Load
from tests.collector.contract.test_refused import in_flight, until
from tests.servers.collector import Collector, write_connections
from tests.servers.two_brokers import FIRST, SECOND, TwoBrokers

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]


@pytest.fixture
async def cluster(tmp_path):
    brokers = TwoBrokers(tmp_path)
    try:
        await brokers.answers()
        await brokers.create(declared()[topic.BATCHES], replicas=[SECOND, FIRST])
        await topics.apply(brokers.bootstrap, declared(), replicas=2)
        await write_connections(brokers.bootstrap, CONNECTIONS)
        yield brokers
    finally:
        await brokers.stop()


async def test_a_moved_leader_loses_and_doubles_nothing(cluster, tmp_path):
    collector = Collector(tmp_path, cluster.bootstrap, publish_timeout_ms=1_000)
    try:
        await collector.ready()
        await cluster.led_by(topic.BATCHES, SECOND)
        load = Load(collector, "moved")
        await load.has_accepted(100)

        # What the leader takes while the other one hangs, only the leader has when it is killed.
        cluster.first.signal(signal.SIGSTOP)
        await load.is_answered(16)
        await cluster.second.kill()
        cluster.first.signal(signal.SIGCONT)
        await cluster.led_by(topic.BATCHES, FIRST)
        await load.has_accepted_another(100)

        # Back, it leads again: the other one is alive and says that it does not any more.
        cluster.start_second()
        await cluster.led_by(topic.BATCHES, SECOND)
        await load.has_accepted_another(100)

        await cluster.second.stop(timeout_ms=60_000)
        await cluster.led_by(topic.BATCHES, FIRST)
        await load.has_accepted_another(100)

        await load.end()
        load.check_refusals()
        await until(lambda: in_flight(collector), 0)
        await load.check_nothing_is_lost_or_doubled(cluster.bootstrap)
        assert collector.process.running
    except Exception as error:
        error.add_note(collector.process.log_end())
        raise
    finally:
        await collector.process.stop(timeout_ms=30_000)
