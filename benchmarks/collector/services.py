"""The services that are compared, each started alone on the core that is measured."""

import secrets
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.collector import build
from benchmarks.sessionizer.cores import MEASURED, on_core
from playhead.checkout import ROOT
from playhead.connection_records import write_connection
from playhead.stack.ports import free_ports
from playhead.stack.process import Command, Process
from playhead.stack.readiness import http_ok, wait_until
from schemas.connection import Connection
from schemas.topic import BATCHES
from tests.servers.broker import KafkaServer

KEY = secrets.token_hex(16)
_PYTHON_PATHS = (".", "services/collector", "deploy")


@dataclass(frozen=True)
class Service:
    """`argv` of a port; what it is told by its environment too."""

    name: str
    argv: Callable[[int], Sequence[str]]
    environment: Callable[[int], Mapping[str, str]] = field(default=lambda _: {})


@dataclass(frozen=True)
class Running:
    port: int
    pid: int


async def know_key(kafka: KafkaServer) -> None:
    """Our collector takes keys from the log; the peers are told theirs."""
    connection = Connection(id="bench", tenant="bench", name="Bench", created_at=0, write_keys=(KEY,))
    await write_connection(kafka.bootstrap, connection)


def ours(kafka: KafkaServer) -> Service:
    return Service(
        "ours",
        lambda _: [sys.executable, "-m", "collector"],
        lambda port: _settings(port) | {"PLAYHEAD_COLLECTOR_KAFKA_BOOTSTRAP": kafka.bootstrap},
    )


def ours_without_kafka(kind: str = "whole") -> Service:
    """Kind: whole, or bare for the server under it."""
    module = "benchmarks.collector.without_kafka"
    return Service(f"ours, {kind}", lambda _: [sys.executable, "-m", module, kind, KEY], _settings)


def rust(way: str, kafka: KafkaServer | None = None) -> Service:
    """Way: bare, raw or value."""
    to = [] if kafka is None else [kafka.bootstrap, BATCHES]
    return Service(f"Rust axum, {way}", lambda port: [str(build.RUST), "serve", str(port), KEY, way, *to])


def go(kafka: KafkaServer | None = None) -> Service:
    to = [] if kafka is None else [kafka.bootstrap, BATCHES]
    # One core is measured: with more threads that run Go code than cores it only switches between them.
    return Service(
        "Go net/http",
        lambda port: [str(build.GO), "serve", str(port), KEY, *to],
        lambda _: {"GOMAXPROCS": "1"},
    )


@asynccontextmanager
async def running(service: Service, folder: Path) -> AsyncIterator[Running]:
    (port,) = free_ports(1)
    log = folder / f"{service.name.replace(' ', '-')}.log"
    argv = on_core(MEASURED, list(service.argv(port)))
    process = Process(Command(service.name, argv, service.environment(port), log))
    try:
        ready = http_ok(f"http://127.0.0.1:{port}/readyz")
        await wait_until(ready, what=service.name, timeout_ms=60_000)
        yield Running(port, process.pid)
    finally:
        await process.stop(timeout_ms=20_000)


def _settings(port: int) -> dict[str, str]:
    return {
        "PLAYHEAD_COLLECTOR_PORT": str(port),
        "PLAYHEAD_COLLECTOR_LOG_LEVEL": "warning",
        # All comes from one connection, as fast as it goes.
        "PLAYHEAD_COLLECTOR_MAX_REQUESTS_PER_S": "0",
        "PLAYHEAD_COLLECTOR_MAX_BYTES_PER_S": "0",
        "PYTHONPATH": ":".join(str(ROOT / path) for path in _PYTHON_PATHS),
    }
