"""What live sessions cost, from a thousand to a million: time per envelope, memory, changelog, recovery."""

import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from benchmarks.result import Measure
from benchmarks.sessionizer.cores import cpu_s, rss_bytes
from benchmarks.sessionizer.drain import Bounds, Rate
from benchmarks.sessionizer.envelopes import ROUND_MS, Body, Load, visitor_names
from benchmarks.sessionizer.kafka_log import emptied, fill, fresh_state
from benchmarks.sessionizer.live_sessions import BATCHES_BEFORE, live_sessions
from benchmarks.sessionizer.worker import WITHOUT_SINK, running_worker
from schemas.topic import BATCHES
from tests.servers.broker import KafkaServer

SIZES = (1_000, 10_000, 100_000, 1_000_000)
FEW = SIZES[0]
MANY = SIZES[-1]
ENVELOPES = 400_000
REPEATS = 3
BOUNDS = Bounds(warm_up_cpu_s=2, measured_cpu_s=5, longest_s=30)


@dataclass(frozen=True)
class Run:
    rate: Rate
    recovery_s: float
    start_cpu_s: float
    """Processor time from the process's start until its state was recovered: Python's imports are in it."""
    rss_bytes: int
    """Once the state was recovered."""
    rss_after_bytes: int
    """Once the log was worked off."""
    changelog_bytes: int


async def measure_growth(
    kafka: KafkaServer, folder: Path, opening: Body, now_ms: int, repeats: int = REPEATS
) -> list[Measure]:
    everyone: dict[int, list[Run]] = {size: [] for size in SIZES}
    same: list[Run] = []
    for _ in range(repeats):
        for size in SIZES:
            everyone[size].append(await _run(kafka, folder, opening, now_ms, size, senders=size))
        same.append(await _run(kafka, folder, opening, now_ms, MANY, senders=FEW))
    return list(_measures(everyone, same))


async def _run(
    kafka: KafkaServer, folder: Path, opening: Body, now_ms: int, sessions: int, senders: int
) -> Run:
    names = visitor_names(sessions)
    rounds = -(-ENVELOPES // senders)
    began_at = now_ms - (rounds + BATCHES_BEFORE) * ROUND_MS
    log = Load(
        senders,
        rounds,
        began_at + BATCHES_BEFORE * ROUND_MS,
        opening,
        first_seq=BATCHES_BEFORE,
        names=names[:senders],
    )
    await emptied(kafka, BATCHES)
    changelog_bytes = await fresh_state(kafka, live_sessions(names, began_at, opening))
    await fill(kafka, BATCHES, islice(log.records(), ENVELOPES))
    async with running_worker(kafka, folder, [WITHOUT_SINK, "none"]) as worker:
        pid = worker.process.pid
        recovered = await worker.metrics()
        rss, used = rss_bytes(pid), cpu_s(pid)
        rate = await worker.drain(ENVELOPES, BOUNDS)
        run = Run(
            rate=rate,
            recovery_s=recovered["playhead_sessionizer_recovery_seconds"],
            start_cpu_s=used,
            rss_bytes=rss,
            rss_after_bytes=rss_bytes(pid),
            changelog_bytes=changelog_bytes,
        )
        if recovered["playhead_sessionizer_recovered_visitors"] != sessions:
            raise RuntimeError(
                f"recovered {recovered['playhead_sessionizer_recovered_visitors']} of {sessions}"
            )
    print(f"  {sessions:,} live sessions, {senders:,} of them send: {run}", flush=True)
    return run


def _cost_us(runs: list[Run]) -> float:
    return statistics.median(1e6 / run.rate.per_cpu_s for run in runs)


def _measures(everyone: dict[int, list[Run]], same: list[Run]) -> Iterator[Measure]:
    for size, runs in everyone.items():
        costs = [1e6 / run.rate.per_cpu_s for run in runs]
        unit = f"µs of processor, {min(costs):.1f} to {max(costs):.1f}"
        yield Measure(f"an envelope, {size:,} live sessions, all of them send", _cost_us(runs), unit)
    costs = [1e6 / run.rate.per_cpu_s for run in same]
    yield Measure(
        f"an envelope, {MANY:,} live sessions, the same {FEW:,} send",
        _cost_us(same),
        f"µs of processor, {min(costs):.1f} to {max(costs):.1f}",
    )
    few = _cost_us(everyone[FEW])
    yield Measure(
        f"cost of an envelope, {MANY:,} live sessions by {FEW:,}, the same {FEW:,} send",
        _cost_us(same) / few,
        "times",
        goal=1.3,
    )
    by_size = [_cost_us(runs) for runs in everyone.values()]
    yield Measure(
        f"cost of an envelope, highest by lowest from {FEW:,} to {MANY:,}, all of them send",
        max(by_size) / min(by_size),
        "times",
        goal=1.3,
    )
    small, large = everyone[FEW], everyone[MANY] + same
    rss_few = statistics.median(run.rss_bytes for run in small)
    rss_many = statistics.median(run.rss_bytes for run in large)
    yield Measure("memory of a live session", (rss_many - rss_few) / (MANY - FEW), "bytes of RSS", goal=1_024)
    rss_few = statistics.median(run.rss_after_bytes for run in small)
    rss_many = statistics.median(run.rss_after_bytes for run in everyone[MANY])
    yield Measure(
        "memory of a live session, after blocks were worked off",
        (rss_many - rss_few) / (MANY - FEW),
        "bytes of RSS",
        goal=1_024,
    )
    yield Measure("a live session in the changelog", large[0].changelog_bytes / MANY, "bytes, key and value")
    recoveries = [run.recovery_s for run in large]
    yield Measure(
        f"recovery of {MANY:,} live sessions",
        statistics.median(recoveries),
        f"s, {min(recoveries):.1f} to {max(recoveries):.1f}",
        goal=20,
    )
    yield Measure(
        f"processor time of a start with {MANY:,} live sessions",
        statistics.median(run.start_cpu_s for run in large),
        "s",
    )
