"""Envelopes a second and core with the insert off: without payload, and with payloads of 20 KB."""

from pathlib import Path

from benchmarks.sessionizer.drain import Rate, steady_rate
from benchmarks.sessionizer.kafka_log import emptied
from benchmarks.sessionizer.worker import WITHOUT_SINK, running_worker
from schemas.topic import SESSIONIZER_CHANGELOG, SESSIONS
from tests.servers.broker import KafkaServer

WARM_UP_S = 3.0
LONGEST_S = 15.0


async def one_drain(kafka: KafkaServer, folder: Path, sink: str, envelopes: int) -> Rate:
    """From an empty state. The log stays."""
    await emptied(kafka, SESSIONIZER_CHANGELOG, SESSIONS)
    async with running_worker(kafka, folder, [WITHOUT_SINK, sink]) as worker:
        rate = steady_rate(await worker.drain(envelopes, LONGEST_S), WARM_UP_S)
    print(
        f"  playhead, sink {sink}: {rate.per_s:,.0f} envelopes/s, {rate.per_cpu_s:,.0f} per CPU second"
        f" ({rate.measured_s:.1f} s)",
        flush=True,
    )
    return rate
