"""The whole service with Kafka and acks=all: how much it takes, and how long one waits at half of that."""

from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.collector.bodies import Body
from benchmarks.collector.load import load
from benchmarks.collector.services import Service, go, know_key, ours, running, rust
from benchmarks.result import Measure
from benchmarks.sessionizer.kafka_log import emptied
from schemas.topic import BATCHES, declared
from tests.servers.broker import KafkaServer

_CONNECTIONS = 64
_WARM_UP_S = 3.0


@dataclass(frozen=True)
class Figures:
    events_a_second: float
    p99_ms: float
    """At half of its own peak."""


async def measure_accepted(
    kafka: KafkaServer, body: Body, file: Path, folder: Path, *, seconds: float, repeats: int
) -> list[Measure]:
    """Each service in turn, and all of them again; the median of the rounds."""
    services = {"ours": ours(kafka), "rust": rust("raw", kafka), "go": go(kafka)}
    seen: dict[str, list[Figures]] = {name: [] for name in services}
    for _ in range(repeats):
        for name, service in services.items():
            seen[name].append(await _once(kafka, service, body, file, folder, seconds))
    rate = {name: median(each.events_a_second for each in rounds) for name, rounds in seen.items()}
    wait = {name: median(each.p99_ms for each in rounds) for name, rounds in seen.items()}
    accepted, waited = f"accepted with acks=all, {body.name}", f"p99 at half of the peak, {body.name}"
    return [
        Measure(
            accepted,
            rate["ours"],
            "events/s",
            "Rust axum + rdkafka",
            rate["rust"],
            1.0,
            "at least",
            of_ratio=True,
        ),
        Measure(
            accepted, rate["ours"], "events/s", "Go + franz-go", rate["go"], 1.5, "at least", of_ratio=True
        ),
        Measure(waited, wait["ours"], "ms", "Rust axum + rdkafka", wait["rust"], 1.5, of_ratio=True),
        Measure(waited, wait["ours"], "ms", "Go + franz-go", wait["go"]),
    ]


async def _once(
    kafka: KafkaServer, service: Service, body: Body, file: Path, folder: Path, seconds: float
) -> Figures:
    # What the others wrote is no part of this one's figures.
    await emptied(kafka, BATCHES, *(name for name in declared() if name.endswith(".connections")))
    await know_key(kafka)
    async with running(service, folder) as it:
        await load(it, file, connections=_CONNECTIONS, seconds=_WARM_UP_S)
        peak = await load(it, file, connections=_CONNECTIONS, seconds=seconds)
        half = await load(it, file, connections=_CONNECTIONS, seconds=seconds, rate=peak.a_second / 2)
    return Figures(peak.a_second * body.events, half.p99_us / 1_000)
