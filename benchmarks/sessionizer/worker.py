"""One worker of ours on the core that is measured, working a log off from an empty state or a filled one."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from benchmarks.sessionizer.cores import MEASURED, cpu_s, on_core
from benchmarks.sessionizer.drain import Sample
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

    async def drain(self, records: int, longest_s: float) -> list[Sample]:
        """Watch it until it has added so many batches, or for so long after the first.

        Raises:
            RuntimeError: it ended, or does not go on.
        """
        samples: list[Sample] = []
        moved_at = time.monotonic()
        began: float | None = None
        while True:
            done = int((await self.metrics()).get(_BATCHES, 0))
            now = time.monotonic()
            if not samples or done != samples[-1].records:
                moved_at = now
                if done and began is None:
                    began = now
            samples.append(Sample(now, cpu_s(self.process.pid), done))
            if done >= records or (began is not None and now - began >= longest_s):
                return samples
            if not self.process.running or now - moved_at > _STUCK_S:
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
        # Ticks end blocks and move time on. The log is older than they are: a minute without is enough.
        "tick_ms": 60_000,
        "log_level": "warning",
        **settings,
    }
    environment = {f"PLAYHEAD_SESSIONIZER_{name.upper()}": str(value) for name, value in given.items()}
    command = on_core(MEASURED, [sys.executable, "-m", *argv])
    process = Process(Command("worker", command, environment, folder / "worker.log"))
    worker = Worker(process, port)
    try:
        await wait_until(http_ok(f"{worker.url}/readyz"), what="worker", timeout_ms=180_000, every_ms=20)
        yield worker
    except Exception as error:
        error.add_note(process.log_end(30))
        raise
    finally:
        await worker.close()
        await process.stop(timeout_ms=15_000)
