"""What live sessions cost, from a thousand to a million: time per envelope, memory, changelog, recovery."""

import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from benchmarks.result import Measure
from benchmarks.sessionizer.cores import cpu_s, rss_bytes
from benchmarks.sessionizer.drain import Bounds, Rate
from benchmarks.sessionizer.envelopes import PARTITIONS, ROUND_MS, Body, Load, visitor_names
from benchmarks.sessionizer.kafka_log import emptied, fill, fresh_state
from benchmarks.sessionizer.live_sessions import BATCHES_BEFORE, live_sessions
from benchmarks.sessionizer.worker import WITHOUT_SINK, running_worker
from schemas.topic import BATCHES
from tests.servers.broker import KafkaServer

SIZES = (1_000, 10_000, 100_000, 1_000_000)
FEW = SIZES[0]
MANY = SIZES[-1]
ENVELOPES = 400_000
ONCE_EACH = FEW // PARTITIONS
"""Records of a block in which no visitor of the smallest size comes twice: a round of its partition."""
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
    once: dict[int, list[Run]] = {size: [] for size in SIZES}
    usual: dict[int, list[Run]] = {FEW: [], MANY: []}
    for _ in range(repeats):
        for size, runs in once.items():
            runs.append(await _run(kafka, folder, opening, now_ms, size, block_records=ONCE_EACH))
        for size, runs in usual.items():
            runs.append(await _run(kafka, folder, opening, now_ms, size))
    return list(_measures(once, usual))


async def _run(
    kafka: KafkaServer, folder: Path, opening: Body, now_ms: int, sessions: int, **settings: int
) -> Run:
    names = visitor_names(sessions)
    rounds = -(-ENVELOPES // sessions)
    began_at = now_ms - (rounds + BATCHES_BEFORE) * ROUND_MS
    first_at = began_at + BATCHES_BEFORE * ROUND_MS
    log = Load(sessions, rounds, first_at, opening, first_seq=BATCHES_BEFORE, names=names)
    await emptied(kafka, BATCHES)
    changelog_bytes = await fresh_state(kafka, live_sessions(names, began_at, opening))
    await fill(kafka, BATCHES, islice(log.records(), ENVELOPES))
    async with running_worker(kafka, folder, [WITHOUT_SINK, "none"], **settings) as worker:
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
    print(f"  {sessions:,} live sessions, {settings}: {run}", flush=True)
    return run


def _cost_us(runs: list[Run]) -> float:
    return statistics.median(1e6 / run.rate.per_cpu_s for run in runs)


def _cost(runs: list[Run]) -> str:
    costs = [1e6 / run.rate.per_cpu_s for run in runs]
    return f"µs of processor, {min(costs):.1f} to {max(costs):.1f}"


def _grown(turns: list[list[Run]]) -> list[float]:
    """By turn, because the machine's speed differs more from turn to turn than within one."""
    costs = [[1 / run.rate.per_cpu_s for run in turn] for turn in turns]
    return [max(turn) / turn[0] for turn in costs]


def _measures(once: dict[int, list[Run]], usual: dict[int, list[Run]]) -> Iterator[Measure]:
    for size, runs in once.items():
        yield Measure(
            f"an envelope, {size:,} live sessions, each once in a block of {ONCE_EACH}",
            _cost_us(runs),
            _cost(runs),
        )
    grown = _grown([list(turn) for turn in zip(*once.values(), strict=True)])
    yield Measure(
        f"cost of an envelope from {FEW:,} to {MANY:,} live sessions, dearest of a turn by that of {FEW:,}",
        statistics.median(grown),
        f"times, {min(grown):.2f} to {max(grown):.2f}",
        goal=1.3,
    )
    for size, runs in usual.items():
        yield Measure(f"an envelope, {size:,} live sessions, usual blocks", _cost_us(runs), _cost(runs))
    small, large = once[FEW] + usual[FEW], once[MANY] + usual[MANY]
    rss_of: dict[str, Callable[[Run], int]] = {
        "recovered": lambda run: run.rss_bytes,
        "after blocks were worked off": lambda run: run.rss_after_bytes,
    }
    for when, rss in rss_of.items():
        grown = (statistics.median(map(rss, large)) - statistics.median(map(rss, small))) / (MANY - FEW)
        yield Measure(f"memory of a live session, {when}", grown, "bytes of RSS", goal=1_024)
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
