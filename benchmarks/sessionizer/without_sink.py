"""The worker with the insert off, and how many envelopes with 20 KB of events it takes so."""

import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from benchmarks.result import Measure
from benchmarks.sessionizer.drain import Bounds, Rate
from benchmarks.sessionizer.envelopes import Load
from benchmarks.sessionizer.kafka_log import emptied, fill, fresh_state
from benchmarks.sessionizer.worker import WITHOUT_SINK, running_worker
from schemas.topic import BATCHES
from tests.servers.broker import KafkaServer

Sink = Literal["none", "rows"]
SINKS: tuple[Sink, ...] = ("none", "rows")
USUAL = Bounds()
GOAL_PER_S = 8_000


async def drain_without_sink(
    kafka: KafkaServer, folder: Path, sink: Sink, envelopes: int, bounds: Bounds = USUAL
) -> Rate:
    """From an empty state; the log stays as it is."""
    await fresh_state(kafka)
    async with running_worker(kafka, folder, [WITHOUT_SINK, sink]) as worker:
        return await worker.drain(envelopes, bounds)


async def measure_payloads(
    kafka: KafkaServer, folder: Path, loads: dict[str, Load], repeats: int
) -> list[Measure]:
    """By what a payload is called; the goal is for the first one, without a sink."""
    measures: list[Measure] = []
    for name, load in loads.items():
        rates = await drain_each_sink(kafka, folder, name, load, repeats)
        goal = None if measures else GOAL_PER_S
        measures += _measures(name, load, rates, goal)
    return measures


async def drain_each_sink(
    kafka: KafkaServer, folder: Path, name: str, load: Load, repeats: int
) -> dict[Sink, list[Rate]]:
    await emptied(kafka, BATCHES)
    await fill(kafka, BATCHES, load.records())
    rates: dict[Sink, list[Rate]] = {sink: [] for sink in SINKS}
    for turn in range(repeats):
        for sink in SINKS:
            rate = await drain_without_sink(kafka, folder, sink, load.envelopes)
            rates[sink].append(rate)
            print(f"  turn {turn + 1}, {name}, sink {sink}: {rate}", flush=True)
    return rates


def _measures(name: str, load: Load, rates: dict[Sink, list[Rate]], goal: float | None) -> Iterator[Measure]:
    said = {"none": "no sink", "rows": "rows built, insert acknowledged at once"}
    for sink, each in rates.items():
        by_clock = [rate.per_s for rate in each]
        by_cpu = statistics.median(rate.per_cpu_s for rate in each)
        mb = by_cpu * load.raw_bytes / load.envelopes / 1e6
        yield Measure(
            f"envelopes a second and core, {name}, {said[sink]}",
            statistics.median(by_clock),
            f"envelopes/s, {min(by_clock):,.0f} to {max(by_clock):,.0f}; {by_cpu:,.0f} and {mb:.0f} MB of"
            " events a CPU second",
            goal=goal if sink == "none" else None,
            bound="at least",
        )
