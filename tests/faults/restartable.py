"""A broker and an engine that a test kills and starts again, on the same port and files."""

import asyncio
import secrets
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

import clickhouse_connect
from clickhouse_connect.driver.client import Client

from playhead.checkout import JARS
from playhead.kafka import topics
from playhead.kafka.broker import Broker
from playhead.stack.ports import free_ports
from playhead.stack.process import Command, Process
from playhead.stack.readiness import broker_answers, http_ok, wait_until
from schemas.migrate import migrate
from schemas.topic import Topic, declared

DATABASE = "playhead"


class RestartableBroker:
    """`settings` go over those that the broker has from us; `topics` are those that it is to have."""

    def __init__(
        self,
        folder: Path,
        settings: Mapping[str, str] | None = None,
        topics: Mapping[str, Topic] | None = None,
    ) -> None:
        port, controller_port = free_ports(2)
        self._broker = Broker(folder, JARS, port, controller_port)
        self._settings = settings or {}
        self._topics = topics or declared()
        self._folder = folder
        self._process: Process | None = None
        self.bootstrap = self._broker.bootstrap

    async def start(self) -> None:
        self._broker.prepare()
        argv = list(self._broker.command())
        for name, value in self._settings.items():
            argv += ["--override", f"{name}={value}"]
        # The broker ends with 143 after SIGTERM, as every JVM does.
        command = Command("kafka", argv, {}, self._folder / "kafka.log", frozenset({0, 143}))
        self._process = Process(command)
        await wait_until(broker_answers(self.bootstrap), what="Kafka", timeout_ms=60_000)
        await topics.apply(self.bootstrap, self._topics)

    async def kill(self) -> None:
        if self._process is not None and self._process.running:
            await self._process.kill()

    async def stop(self) -> None:
        """As an operator does: what it has is written, clients are told."""
        if self._process is not None and self._process.running:
            await self._process.stop(timeout_ms=30_000)


class RestartableEngine:
    def __init__(self, folder: Path) -> None:
        (self._port,) = free_ports(1)
        self._folder = folder
        self._process: Process | None = None
        self.url = f"http://127.0.0.1:{self._port}"
        self.password = secrets.token_hex(16)

    async def start(self) -> None:
        environment = {
            "PLAYHEAD_CLICKHOUSE_DATA_DIR": str(self._folder / "data"),
            "PLAYHEAD_CLICKHOUSE_PORT": str(self._port),
            "PLAYHEAD_CLICKHOUSE_ADMIN_PASSWORD": self.password,
        }
        argv = [sys.executable, "-m", "playhead.clickhouse"]
        self._process = Process(Command("clickhouse", argv, environment, self._folder / "clickhouse.log"))
        await wait_until(http_ok(f"{self.url}/ping"), what="ClickHouse", timeout_ms=60_000)
        with self.client("default") as client:
            await asyncio.to_thread(migrate, client, DATABASE)

    async def kill(self) -> None:
        if self._process is not None and self._process.running:
            await self._process.kill()

    async def slow(self, for_s: float) -> None:
        """It gets a tenth of its time for so long."""
        assert self._process is not None
        until = asyncio.get_running_loop().time() + for_s
        while asyncio.get_running_loop().time() < until:
            self._process.signal(signal.SIGSTOP)
            await asyncio.sleep(0.45)
            self._process.signal(signal.SIGCONT)
            await asyncio.sleep(0.05)

    def client(self, database: str = DATABASE) -> Client:
        return clickhouse_connect.get_client(
            host="127.0.0.1", port=self._port, username="admin", password=self.password, database=database
        )
