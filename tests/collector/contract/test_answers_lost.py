"""The broker takes a record and its answer is lost on the way: sent again, the record counts once."""

import pytest

from playhead.stack.ports import free_ports
from tests.collector.builders import array, event
from tests.collector.contract.conftest import CONNECTIONS, Sender
from tests.servers.collector import Collector, write_connections
from tests.servers.own_broker import OwnBroker
from tests.servers.relay import Relay

pytestmark = pytest.mark.stack

LOST = 3


@pytest.fixture
async def relayed(tmp_path):
    """A sender whose collector reaches its broker through a relay."""
    (port,) = free_ports(1)
    broker = OwnBroker(tmp_path / "kafka", known_at=port)
    try:
        async with Relay(port, broker.port) as relay:
            await broker.prepare()
            await write_connections(broker.bootstrap, CONNECTIONS)
            collector = Collector(tmp_path, f"127.0.0.1:{port}", publish_timeout_ms=30_000)
            try:
                await collector.ready()
                async with collector.client() as client:
                    yield Sender(collector, client, broker.bootstrap), relay
            except Exception as error:
                error.add_note(collector.process.log_end())
                raise
            finally:
                await collector.process.stop(timeout_ms=30_000)
    finally:
        await broker.process.stop(timeout_ms=20_000)


async def test_a_record_whose_acknowledgement_was_lost_is_in_the_log_once(relayed):
    sender, relay = relayed
    for seq in range(3):
        relay.lose(LOST)
        answer = await sender.post(array(event(seq)), window="lost", seq=seq)
        assert answer.status_code == 202, answer.text
        assert relay.lost == LOST * (seq + 1)
    assert [batch.seq for batch in await sender.in_log() if batch.window == "lost"] == [0, 1, 2]
