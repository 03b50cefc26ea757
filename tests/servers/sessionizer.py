"""Sessionizers as processes, with settings that make minutes of a session's life seconds of a test's."""

import itertools
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from playhead.stack.ports import free_ports
from playhead.stack.process import Command, Process
from playhead.stack.readiness import http_ok, wait_until
from tests.servers.broker import KafkaServer
from tests.servers.engine import ClickHouseDatabase

_numbers = itertools.count()


class Sessionizers:
    """Starts workers on one broker and one database; each has a log of its own in the folder."""

    def __init__(
        self,
        folder: Path,
        *,
        bootstrap: str,
        clickhouse_url: str,
        password: str,
        database: str,
        **settings: object,
    ) -> None:
        self._folder = folder
        self._environment = {
            "KAFKA_BOOTSTRAP": bootstrap,
            "CLICKHOUSE_URL": clickhouse_url,
            "CLICKHOUSE_PASSWORD": password,
            "CLICKHOUSE_DATABASE": database,
            **{name.upper(): str(value) for name, value in settings.items()},
        }
        self.started: list[Process] = []

    def start(self, *arguments: str, module: str = "sessionizer", **settings: object) -> "Sessionizer":
        """Start a process; it need not be ready yet."""
        (port,) = free_ports(1)
        own = {name.upper(): str(value) for name, value in settings.items()}
        environment = {
            f"PLAYHEAD_SESSIONIZER_{name}": value
            for name, value in {**self._environment, "METRICS_PORT": str(port), **own}.items()
        }
        name = f"sessionizer-{next(_numbers)}"
        argv: Sequence[str] = [sys.executable, "-m", module, *arguments]
        process = Process(Command(name, argv, environment, self._folder / f"{name}.log"))
        self.started.append(process)
        return Sessionizer(process, port)

    async def kill_all(self) -> None:
        for process in self.started:
            await process.kill()


@asynccontextmanager
async def workers_on(
    kafka: KafkaServer, clickhouse: ClickHouseDatabase, folder: Path, **settings: object
) -> AsyncIterator[Sessionizers]:
    """Workers on fresh topics of a running broker; what is left of them is killed at the end."""
    await kafka.fresh_topics()
    async with workers_at(kafka.bootstrap, clickhouse, folder, **settings) as started:
        yield started


@asynccontextmanager
async def workers_at(
    bootstrap: str, clickhouse: ClickHouseDatabase, folder: Path, **settings: object
) -> AsyncIterator[Sessionizers]:
    """Workers on a broker as it is; what is left of them is killed at the end."""
    started = Sessionizers(
        folder,
        bootstrap=bootstrap,
        clickhouse_url=clickhouse.url,
        password=clickhouse.admin_password,
        database=clickhouse.name,
        **settings,
    )
    try:
        yield started
    finally:
        await started.kill_all()


class Sessionizer:
    def __init__(self, process: Process, port: int) -> None:
        self.process = process
        self.url = f"http://127.0.0.1:{port}"

    async def ready(self, timeout_ms: int = 60_000) -> None:
        await wait_until(http_ok(f"{self.url}/readyz"), what="sessionizer", timeout_ms=timeout_ms)

    async def metric(self, name: str) -> dict[str, float]:
        """A metric's samples by their labels, as /metrics shows them."""
        async with httpx.AsyncClient(trust_env=False) as client:
            text = (await client.get(f"{self.url}/metrics")).text
        found = (line.rsplit(" ", 1) for line in text.splitlines() if line.startswith(name))
        return {labels.removeprefix(name): float(value) for labels, value in found}

    async def owns(self, partitions: int, timeout_ms: int = 60_000) -> None:
        """Until it is ready and has so many partitions."""

        async def probe() -> str | None:
            try:
                found = len(await self.metric("playhead_sessionizer_lag_records"))
            except httpx.HTTPError as error:
                return repr(error)
            return None if found == partitions else f"it has {found} partitions: {self.process.log_end(5)}"

        await wait_until(probe, what=f"{partitions} partitions", timeout_ms=timeout_ms, every_ms=200)
