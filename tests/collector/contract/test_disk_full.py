"""The disk full under the broker: no 202 without the record, memory bounded, and it recovers by itself.

Kafka ends itself when it cannot append. What the collector sees is a broker that fails in the middle of a
write, is away, and comes back with what it had acknowledged.
"""

import asyncio
import resource

import psutil
import pytest

from collector.problems import Reason
from schemas import topic
from tests.collector.builders import array, event
from tests.collector.contract.load import Load
from tests.collector.contract.test_refused import check_refusal, in_flight, until

pytestmark = [
    pytest.mark.stack,
    pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="it takes Linux to limit a running process"),
]

MIB = 1024 * 1024
MAX_IN_FLIGHT_BYTES = 32 * MIB


async def test_a_full_disk_gives_503_and_nothing_acknowledged_is_lost(own_sender, own_broker):
    collector = own_sender.collector
    load = Load(collector, "full-disk")
    await load.has_accepted(100)

    own_broker.fill_disk(topic.BATCHES, room_bytes=64 * 1024)
    assert await own_broker.gives_up() != 0
    assert "File too large" in own_broker.log_file.read_text()
    refused = await own_sender.post(array(event()), window="while-it-is-full")
    check_refusal(refused, Reason.broker_unavailable)
    assert refused.headers["retry-after"] == "3"
    await check_memory_is_bounded(own_sender)

    own_broker.start()
    await load.has_accepted_another(100)
    await load.end()
    load.check_refusals()
    await until(lambda: in_flight(collector), 0)
    await load.check_nothing_is_lost_or_doubled(own_broker.bootstrap)
    assert collector.process.running


async def check_memory_is_bounded(sender) -> None:
    """However much is sent, what is held does not grow."""
    memory = psutil.Process(sender.collector.process.pid)
    body = array(event(text="x" * 4_000_000))

    async def flood() -> int:
        answers = await asyncio.gather(*[sender.post(body, window="flood") for _ in range(40)])
        assert {answer.status_code for answer in answers} == {503}
        assert await in_flight(sender.collector) <= MAX_IN_FLIGHT_BYTES
        return memory.memory_info().rss

    first, second = await flood(), await flood()
    assert first < 400 * MIB
    assert second - first < 40 * MIB
