"""SIGTERM: what is being sent is still taken, then the process ends with 0."""

import asyncio
import signal

import pytest

from tests.collector.builders import array, event
from tests.collector.contract.test_refused import SlowUpload, in_flight, until
from tests.servers.collector import Collector, batches

pytestmark = pytest.mark.stack


@pytest.fixture
async def stopping(collector, kafka, tmp_path):
    """A collector to be stopped. (`collector`: its topics are there.)"""
    started = Collector(tmp_path, kafka.bootstrap)
    await started.ready()
    yield started
    await started.process.kill()


async def listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionRefusedError:
        return False
    writer.close()
    return True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_batch_on_its_way_is_accepted_and_kept(stopping, kafka, number):
    body = array(event())
    window = f"stopped-by-{number}"
    upload = await SlowUpload.begin(stopping, len(body), window=window)
    await upload.send(body[:-1])
    await until(lambda: in_flight(stopping), len(body) - 1)
    stopping.process.signal(number)
    await until(lambda: listens(stopping.port), False)
    assert stopping.process.running
    await upload.send(body[-1:])
    status, _ = await upload.answer()
    upload.close()
    assert status == 202
    assert await asyncio.wait_for(stopping.process.wait(), 30) == 0
    assert [batch.window for _, batch in await batches(kafka.bootstrap)].count(window) == 1


async def test_an_idle_collector_stops_with_0(stopping):
    assert await stopping.process.stop(timeout_ms=20_000) == 0


async def test_a_wrong_setting_is_said_and_ends_the_process(kafka, tmp_path):
    collector = Collector(tmp_path, kafka.bootstrap, max_events=0)
    assert await asyncio.wait_for(collector.process.wait(), 30) != 0
    assert "max_events" in collector.process.log_end()


async def test_a_taken_port_ends_the_process(collector, kafka, tmp_path):
    second = Collector(tmp_path, kafka.bootstrap, port=collector.port)
    assert await asyncio.wait_for(second.process.wait(), 30) != 0
    assert "address already in use" in second.process.log_end()
