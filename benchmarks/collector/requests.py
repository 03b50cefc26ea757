"""Processor time of a whole request, without Kafka: the server's share beside inflating and validating."""

from pathlib import Path

from benchmarks.collector.bodies import Body
from benchmarks.collector.load import load
from benchmarks.collector.services import Service, go, ours_without_kafka, running, rust
from benchmarks.result import Measure
from benchmarks.sessionizer.cores import cpu_s

_CONNECTIONS = 8
_WARM_UP_S = 2.0


async def measure_requests(body: Body, file: Path, folder: Path, seconds: float) -> list[Measure]:
    async def us(service: Service) -> float:
        async with running(service, folder) as it:
            await load(it, file, connections=_CONNECTIONS, seconds=_WARM_UP_S)
            before = cpu_s(it.pid)
            answered = await load(it, file, connections=_CONNECTIONS, seconds=seconds)
            return (cpu_s(it.pid) - before) / answered.accepted * 1e6

    measure, unit = f"a request without Kafka, {body.name}", "µs of processor"
    ours = await us(ours_without_kafka())
    return [
        Measure(measure, ours, unit, "Rust axum, RawValue", await us(rust("raw"))),
        Measure(measure, ours, unit, "Rust axum, Value", await us(rust("value"))),
        Measure(measure, ours, unit, "Go net/http", await us(go())),
        Measure(
            f"floor: the server alone, {body.name}",
            await us(ours_without_kafka("bare")),
            unit,
            "Rust axum",
            await us(rust("bare")),
        ),
    ]
