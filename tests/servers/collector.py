"""Collectors as processes on a broker, and what they put into its log."""

import itertools
import sys
from collections.abc import Iterable
from pathlib import Path

import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from playhead.stack.ports import free_ports
from playhead.stack.process import Command, Process
from playhead.stack.readiness import http_ok, wait_until
from schemas import topic
from schemas.connection import Connection
from schemas.connection import encode as encode_connection
from schemas.envelope import Batch, decode
from tests.servers.broker import partitions_of

_numbers = itertools.count()


class Collector:
    """One collector. `settings` are fields of its settings model."""

    def __init__(self, folder: Path, bootstrap: str, **settings: object) -> None:
        (self.port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{self.port}"
        given = {"port": self.port, "kafka_bootstrap": bootstrap, **settings}
        environment = {f"PLAYHEAD_COLLECTOR_{name.upper()}": str(value) for name, value in given.items()}
        name = f"collector-{next(_numbers)}"
        argv = [sys.executable, "-m", "collector"]
        self.process = Process(Command(name, argv, environment, folder / f"{name}.log"))

    async def alive(self) -> None:
        await wait_until(http_ok(f"{self.url}/healthz"), what="collector", timeout_ms=30_000)

    async def ready(self, timeout_ms: int = 60_000) -> None:
        await wait_until(http_ok(f"{self.url}/readyz"), what="collector", timeout_ms=timeout_ms)

    def client(self) -> httpx.AsyncClient:
        # No proxy of the environment may stand between us and the loopback address.
        return httpx.AsyncClient(base_url=self.url, timeout=60, trust_env=False)

    async def metric(self, name: str) -> float:
        """The value of an exposed sample; `name` with its labels as exposed."""
        async with self.client() as client:
            lines = (await client.get("/metrics")).text.splitlines()
        values = [line.rpartition(" ")[2] for line in lines if line.rpartition(" ")[0] == name]
        return float(values[0]) if values else 0.0


async def write_connections(
    bootstrap: str, connections: Iterable[Connection], removed: Iterable[str] = ()
) -> None:
    records = [(one.id.encode(), encode_connection(one)) for one in connections]
    await write(bootstrap, topic.CONNECTIONS, [*records, *((name.encode(), None) for name in removed)])


async def write(bootstrap: str, name: str, records: Iterable[tuple[bytes | None, bytes | None]]) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
    await producer.start()
    try:
        for key, value in records:
            await producer.send_and_wait(name, value, key)
    finally:
        await producer.stop()


async def batches(bootstrap: str) -> list[tuple[bytes, Batch]]:
    """All records of `playhead.batches` that are in the log now: key and batch, partition by partition."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest", group_id=None)
    await consumer.start()
    try:
        partitions = partitions_of(topic.BATCHES)
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        found: list[tuple[bytes, Batch]] = []
        while any([await consumer.position(one) < end for one, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                for record in records:
                    batch = decode(record.value)
                    assert isinstance(batch, Batch)
                    found.append((record.key, batch))
        return found
    finally:
        await consumer.stop()
