"""Sends one body again and again, from the core that is not measured (rust/src/bin/load.rs)."""

import asyncio
import subprocess
from pathlib import Path

import msgspec

from benchmarks.collector import build
from benchmarks.collector.services import KEY, Running
from benchmarks.sessionizer.cores import SERVING, on_core


class Answered(msgspec.Struct, frozen=True):
    """What became of the requests; latencies are of those that were accepted."""

    accepted: int
    refused: int
    broken: int
    seconds: float
    p50_us: int
    p99_us: int

    @property
    def a_second(self) -> float:
        return self.accepted / self.seconds


class LoadFailed(Exception):  # noqa: N818
    """The load could not be made; the message holds what was said."""


async def load(to: Running, body: Path, *, connections: int, seconds: float, rate: float = 0.0) -> Answered:
    """`rate` requests a second over all connections; 0 sends as many as are answered.

    Raises:
        LoadFailed: it ended otherwise, or nothing was accepted.
    """
    argv = [str(build.LOAD), str(to.port), KEY, str(body), str(connections), f"{seconds:g}", f"{rate:g}"]
    process = await asyncio.create_subprocess_exec(
        *on_core(SERVING, argv), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        said, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise LoadFailed(errors.decode(errors="replace")[-2_000:])
    answered = msgspec.json.decode(said, type=Answered)
    if not answered.accepted:
        raise LoadFailed(f"nothing was accepted: {answered}")
    return answered
