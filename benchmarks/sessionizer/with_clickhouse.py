"""The whole worker with its real inserts; and the engine alone, given the very same inserts.

The engine shares its core with the broker. Of a row of `recordings` the engine makes a row of `events`
for each event, so its work grows with the JSON, and the worker waits for it.
"""

import asyncio
import json
import os
import secrets
import statistics
import sys
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import clickhouse_connect

from benchmarks.result import Measure
from benchmarks.sessionizer.cores import SERVING, cpu_s, on_core
from benchmarks.sessionizer.drain import Bounds, Rate
from benchmarks.sessionizer.envelopes import Load
from benchmarks.sessionizer.kafka_log import emptied, fill, fresh_state
from benchmarks.sessionizer.worker import WITHOUT_SINK, running_worker
from playhead.stack.ports import free_ports
from playhead.stack.process import Command, Process
from playhead.stack.readiness import http_ok, wait_until
from schemas.migrate import migrate
from schemas.topic import BATCHES
from sessionizer.sink import recordings
from sessionizer.sink.insert import Inserter
from tests.servers.broker import KafkaServer

REPEATS = 3
AT_ONCE = 2
"""Blocks, as the worker's own setting `blocks_at_once`."""
KEPT = 12_000
"""Envelopes whose inserts are given to the engine alone."""
BOUNDS = Bounds(warm_up_cpu_s=1, measured_cpu_s=8, longest_s=40)
_MB = 1e6
_VIEW = "recordings_to_events"


@dataclass(frozen=True)
class Engine:
    url: str
    password: str
    pid: int

    def fresh_database(self, *, with_events: bool = True) -> str:
        """Give the name of a new database. Without events: batches are kept whole, and not exploded."""
        name = f"bench_{secrets.token_hex(4)}"
        client = clickhouse_connect.get_client(dsn=self.url, username="admin", password=self.password)
        try:
            migrate(client, name)
            if not with_events:
                client.command(f"DROP VIEW {name}.{_VIEW}")
        finally:
            client.close()
        return name


@asynccontextmanager
async def pinned_engine(folder: Path) -> AsyncIterator[Engine]:
    (port,) = free_ports(1)
    password = secrets.token_hex(16)
    environment = {
        "PLAYHEAD_CLICKHOUSE_DATA_DIR": str(folder / "clickhouse"),
        "PLAYHEAD_CLICKHOUSE_PORT": str(port),
        "PLAYHEAD_CLICKHOUSE_ADMIN_PASSWORD": password,
        "PLAYHEAD_CLICKHOUSE_ANALYST_PASSWORD": secrets.token_hex(16),
    }
    argv = on_core(SERVING, [sys.executable, "-m", "playhead.clickhouse"])
    process = Process(Command("clickhouse", argv, environment, folder / "clickhouse.log"))
    url = f"http://127.0.0.1:{port}"
    try:
        await wait_until(http_ok(f"{url}/ping"), what="ClickHouse", timeout_ms=60_000)
        yield Engine(url, password, process.pid)
    finally:
        await process.stop(timeout_ms=20_000)


@dataclass(frozen=True)
class Run:
    """All in MB of the events' JSON."""

    mb_per_s: float
    worker_mb_per_cpu_s: float
    engine_mb_per_cpu_s: float

    def __str__(self) -> str:
        return (
            f"{self.mb_per_s:.0f} MB/s; {self.worker_mb_per_cpu_s:.0f} a CPU second of the worker,"
            f" {self.engine_mb_per_cpu_s:.0f} of the engine"
        )


async def measure_with_clickhouse(
    kafka: KafkaServer, folder: Path, load: Load, repeats: int = REPEATS
) -> list[Measure]:
    raw_mb = load.raw_bytes / _MB
    await emptied(kafka, BATCHES)
    await fill(kafka, BATCHES, load.records())
    runs: list[Run] = []
    ceilings: list[Run] = []
    whole: list[Run] = []
    async with pinned_engine(folder) as engine:
        for _ in range(repeats):
            runs.append(await _with_worker(kafka, folder, engine, load.envelopes, raw_mb))
            print(f"  playhead, real inserts: {runs[-1]}", flush=True)
        with TemporaryDirectory(dir=folder) as kept:
            await _keep(kafka, folder, Path(kept))
            for _ in range(repeats):
                ceilings.append(await _engine_alone(engine, Path(kept)))
                print(f"  the engine alone, the same inserts: {ceilings[-1]}", flush=True)
                whole.append(await _engine_alone(engine, Path(kept), with_events=False))
                print(f"  the same without the view that makes events: {whole[-1]}", flush=True)
    return list(_measures(runs, ceilings, whole))


async def _with_worker(
    kafka: KafkaServer, folder: Path, engine: Engine, envelopes: int, raw_mb: float
) -> Run:
    await fresh_state(kafka)
    given = {
        "clickhouse_url": engine.url,
        "clickhouse_password": engine.password,
        "clickhouse_database": engine.fresh_database(),
    }
    before = cpu_s(engine.pid)
    async with running_worker(kafka, folder, ["sessionizer"], **given) as worker:
        rate: Rate = await worker.drain(envelopes, BOUNDS)
        done = (await worker.metrics())["playhead_sessionizer_batches_total"]
        used = cpu_s(engine.pid) - before
    mb = raw_mb / envelopes
    return Run(rate.per_s * mb, rate.per_cpu_s * mb, done * mb / used)


async def _keep(kafka: KafkaServer, folder: Path, kept: Path) -> None:
    """Have the worker write its inserts into files."""
    await fresh_state(kafka)
    async with running_worker(kafka, folder, [WITHOUT_SINK, "kept", str(kept)]) as worker:
        done = 0.0
        while done < KEPT:
            await asyncio.sleep(0.1)
            done = (await worker.metrics()).get("playhead_sessionizer_batches_total", 0)


async def _engine_alone(engine: Engine, kept: Path, *, with_events: bool = True) -> Run:
    inserts = [
        (json.loads(about.read_bytes()), about.with_suffix(".body")) for about in sorted(kept.glob("*.json"))
    ]
    bodies = [(about, body.read_bytes()) for about, body in inserts]
    # Headers of rows and whole rows of sessions are small beside the events' JSON.
    mb = sum(len(body) for about, body in bodies if about["table"] == recordings.TABLE) / _MB
    inserter = Inserter(engine.url, "admin", engine.password, engine.fresh_database(with_events=with_events))
    room = asyncio.Semaphore(AT_ONCE)

    blocks: dict[str, list[tuple[dict[str, Any], bytes]]] = {}
    for about, body in bodies:
        blocks.setdefault(about["token"], []).append((about, body))

    async def insert(block: list[tuple[dict[str, Any], bytes]]) -> None:
        """As the worker: a block's tables one after the other."""
        async with room:
            for about, body in block:
                await inserter.insert(about["table"], about["columns"], body, about["token"])

    before, began = cpu_s(engine.pid), time.monotonic()
    own = cpu_s(os.getpid())
    await asyncio.gather(*map(insert, blocks.values()))
    took, used = time.monotonic() - began, cpu_s(engine.pid) - before
    client = cpu_s(os.getpid()) - own
    await inserter.close()
    return Run(mb / took, mb / client, mb / used)


def _measures(runs: list[Run], ceilings: list[Run], whole: list[Run]) -> Iterator[Measure]:
    def median(values: Iterable[float]) -> tuple[float, str]:
        found = sorted(values)
        return statistics.median(found), f"MB/s, {found[0]:.0f} to {found[-1]:.0f}"

    wall, unit = median(run.mb_per_s for run in runs)
    alone, _ = median(run.mb_per_s for run in ceilings)
    cpu, cpu_unit = median(run.worker_mb_per_cpu_s for run in runs)
    yield Measure(
        "events' JSON with the real inserts, by processor time of the worker alone",
        cpu,
        cpu_unit.replace("MB/s", "MB/CPU s"),
        goal=250,
        bound="at least",
    )
    yield Measure(
        "events' JSON with the real inserts, by the clock",
        wall,
        unit,
        peer="the engine alone on its core, given the same inserts",
        peer_value=alone,
        goal=250,
        bound="at least",
    )
    engine, engine_unit = median(run.engine_mb_per_cpu_s for run in runs)
    yield Measure("the same by processor time of the engine", engine, engine_unit.replace("MB/s", "MB/CPU s"))
    ceiling, ceiling_unit = median(run.engine_mb_per_cpu_s for run in ceilings)
    yield Measure(
        "the engine alone, the same inserts, by its processor time",
        ceiling,
        ceiling_unit.replace("MB/s", "MB/CPU s"),
    )
    unexploded, unexploded_unit = median(run.engine_mb_per_cpu_s for run in whole)
    yield Measure(
        "the engine alone, the same inserts, no rows of events made, by its processor time",
        unexploded,
        unexploded_unit.replace("MB/s", "MB/CPU s"),
    )
