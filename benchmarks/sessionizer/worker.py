"""One worker of ours on the core that is measured, working a log off from an empty state or a filled one."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from benchmarks.sessionizer.cores import MEASURED, cpu_s, on_core
from benchmarks.sessionizer.drain import Bounds, Drain, Rate, Sample
from benchmarks.sessionizer.envelopes import PARTITIONS
from playhead.stack.ports import free_ports
from playhead.stack.process import Command, Process
from playhead.stack.readiness import http_ok, wait_until
from tests.servers.broker import KafkaServer

WITHOUT_SINK = "benchmarks.sessionizer.worker_without_sink"
_EVERY_S = 0.2
_STUCK_S = 60
_BATCHES = "playhead_sessionizer_batches_total"


class Worker:
    def __init__(self, process: Process, port: int) -> None:
        self.process = process
        self.url = f"http://127.0.0.1:{port}"
        self._client = httpx.AsyncClient(base_url=self.url, trust_env=False, timeout=60)

    async def metrics(self) -> dict[str, float]:
        """Every sample by its name and labels as exposed."""
        text = (await self._client.get("/metrics")).text
        lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
        return {name: float(value) for name, _, value in lines}

    async def drain(self, envelopes: int, bounds: Bounds) -> Rate:
        """Watch it work off a log of so many envelopes, or as many as the bounds allow.

        Raises:
            RuntimeError: it ended, or does not go on.
        """
        records = envelopes - PARTITIONS  # the first of each is in the state already
        drain = Drain(records, bounds)
        began = time.monotonic()
        while True:
            done = int((await self.metrics()).get(_BATCHES, 0))
            now = time.monotonic()
            if drain.enough(Sample(now, cpu_s(self.process.pid), done)):
                return drain.rate()
            if not self.process.running or now - (drain.moved_at_s or began) > _STUCK_S:
                raise RuntimeError(f"the worker stopped at {done} of {records}:\n{self.process.log_end(30)}")
            await asyncio.sleep(_EVERY_S)

    async def close(self) -> None:
        await self._client.aclose()


@asynccontextmanager
async def running_worker(
    kafka: KafkaServer, folder: Path, argv: Sequence[str], **settings: object
) -> AsyncIterator[Worker]:
    """`argv`: the module and its arguments. Ready: what is to be recovered is recovered."""
    (port,) = free_ports(1)
    given = {
        "kafka_bootstrap": kafka.bootstrap,
        "metrics_port": port,
        # Ticks go to the end of the log and are not in what is measured.
        "tick_ms": 60_000,
        "stuck_after_ms": 180_000,
        "log_level": "warning",
        **settings,
    }
    environment = {f"PLAYHEAD_SESSIONIZER_{name.upper()}": str(value) for name, value in given.items()}
    command = on_core(MEASURED, [sys.executable, "-m", *argv])
    process = Process(Command("worker", command, environment, folder / "worker.log"))
    worker = Worker(process, port)
    ready = http_ok(f"{worker.url}/readyz")

    async def ready_or_ended() -> str | None:
        if not process.running:
            raise RuntimeError("the worker ended before it was ready")
        return await ready()

    try:
        await wait_until(ready_or_ended, what="worker", timeout_ms=180_000, every_ms=20)
        yield worker
    except Exception as error:
        error.add_note(process.log_end(30))
        raise
    finally:
        await worker.close()
        await process.stop(timeout_ms=15_000)
