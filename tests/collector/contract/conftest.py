"""One collector, as a process on a real broker, for all tests of this folder; a broker to be mistreated."""

import signal
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest

from schemas.connection import Connection
from tests.collector.builders import KEY, connection
from tests.servers.broker import KafkaServer
from tests.servers.collector import Collector, batches, write_connections
from tests.servers.own_broker import OwnBroker
from tests.servers.waiting import run

HERE = "https://shop.example"
STRICT_KEY, PAUSED_KEY, CONSENT_KEY = "key-of-the-strict", "key-of-the-paused", "key-of-the-consent"

CONNECTIONS: list[Connection] = [
    connection(),
    connection(id="strict", write_keys=(STRICT_KEY,), allowed_origins=(HERE,)),
    connection(id="paused", write_keys=(PAUSED_KEY,), paused=True),
    connection(
        id="consent", write_keys=(CONSENT_KEY,), consent_required=True, mask_all_text=True, sample_rate=0.5
    ),
]


@dataclass
class Sender:
    """Posts bodies to a collector as a page would."""

    collector: Collector
    client: httpx.AsyncClient
    bootstrap: str

    async def post(
        self, body: bytes | AsyncIterator[bytes], headers: dict[str, str] | None = None, **query: object
    ) -> httpx.Response:
        given = {"key": KEY, "visitor": "visitor-1", "window": "window-1", **query}
        text = urlencode({name: value for name, value in given.items() if value is not None})
        default = {"content-type": "application/json", "origin": HERE}
        return await self.client.post(
            f"/v1/batches?{text}", content=body, headers={**default, **(headers or {})}
        )

    async def in_log(self) -> list:
        return [batch for _, batch in await batches(self.bootstrap)]


@pytest.fixture(scope="package")
def collector(kafka: KafkaServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    run(kafka.fresh_topics())
    run(write_connections(kafka.bootstrap, CONNECTIONS))
    folder = tmp_path_factory.mktemp("collector")
    recorder = folder / "recorder.js"
    recorder.write_bytes(b"window.playhead={};" * 50)
    started = Collector(
        folder, kafka.bootstrap, recorder_path=recorder, country_header="x-country", access_log_one_in=1
    )
    try:
        run(started.ready())
        yield started
    except Exception as error:
        error.add_note(started.process.log_end())
        raise
    finally:
        run(started.process.stop(timeout_ms=20_000))


@pytest.fixture
async def sender(collector: Collector, kafka: KafkaServer) -> AsyncIterator[Sender]:
    async with collector.client() as client:
        yield Sender(collector, client, kafka.bootstrap)


@pytest.fixture(scope="package")
def _own_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnBroker]:
    broker = OwnBroker(tmp_path_factory.mktemp("own-kafka"))
    try:
        run(broker.prepare())
        run(write_connections(broker.bootstrap, CONNECTIONS))
        yield broker
    finally:
        run(broker.process.stop(timeout_ms=20_000))


@pytest.fixture
async def own_broker(_own_broker: OwnBroker) -> AsyncIterator[OwnBroker]:
    """It runs, with the topics and connections; a test may kill it, suspend it or fill its disk."""
    if not _own_broker.process.running:
        _own_broker.start()
        await _own_broker.answers()
    yield _own_broker
    _own_broker.process.signal(signal.SIGCONT)


@pytest.fixture
async def own_sender(own_broker: OwnBroker, tmp_path: Path) -> AsyncIterator[Sender]:
    """Of a collector that soon loses patience with that broker."""
    collector = Collector(tmp_path, own_broker.bootstrap, publish_timeout_ms=1_000, retry_after_s=3)
    try:
        await collector.ready()
        async with collector.client() as client:
            yield Sender(collector, client, own_broker.bootstrap)
    except Exception as error:
        error.add_note(collector.process.log_end())
        raise
    finally:
        await collector.process.stop(timeout_ms=30_000)
