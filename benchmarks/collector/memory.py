"""Resident memory while 1,000 connections send batches of 1 MB as fast as they are answered."""

import asyncio
from pathlib import Path

from benchmarks.collector.load import load
from benchmarks.collector.services import Service, know_key, ours, running, rust
from benchmarks.result import Measure
from benchmarks.sessionizer.cores import rss_bytes
from tests.servers.broker import KafkaServer

CONNECTIONS = 1_000
LIMIT_MIB = 400
FLAT = 1.1
"""The last third's highest by the middle third's."""
_EVERY_S = 0.05


async def measure_memory(kafka: KafkaServer, file: Path, folder: Path, seconds: float) -> list[Measure]:
    await know_key(kafka)
    highest, growth, refused = await _watch(ours(kafka), file, folder, seconds)
    peer, peer_growth, _ = await _watch(rust("raw", kafka), file, folder, seconds)
    measure = f"resident memory, {CONNECTIONS:,} connections of 1 MB batches"
    return [
        Measure(measure, highest, "MiB", "Rust axum + rdkafka", peer, LIMIT_MIB, also=growth <= FLAT),
        Measure(f"{measure}: last third by the one before", growth, "times", "Rust", peer_growth, FLAT),
        Measure(f"{measure}: refused for now", refused, "requests"),
    ]


async def _watch(service: Service, file: Path, folder: Path, seconds: float) -> tuple[float, float, int]:
    """Highest in MiB, growth, refused requests."""
    async with running(service, folder) as it:
        sending = asyncio.create_task(load(it, file, connections=CONNECTIONS, seconds=seconds))
        seen: list[float] = []
        while not sending.done():
            seen.append(rss_bytes(it.pid) / 2**20)
            await asyncio.sleep(_EVERY_S)
        answered = await sending
    return max(seen), growth_of(seen), answered.refused


def growth_of(seen: list[float]) -> float:
    """How much higher the last third's highest is than that of the third before it, as a factor."""
    third = len(seen) // 3
    return max(seen[-third:]) / max(seen[-2 * third : -third])
