"""`make bench B=sessionizer`: all of it. `python -m benchmarks.sessionizer PART…`: some of it, only shown."""

import argparse
import asyncio
import logging
import tempfile
import time
from pathlib import Path

from benchmarks.result import Measure, report, show
from benchmarks.sessionizer.against_peers import measure_against_peers
from benchmarks.sessionizer.envelopes import ROUND_MS, Body, Load, bodies_near, opening, uncompressed
from benchmarks.sessionizer.growth import measure_growth
from benchmarks.sessionizer.kafka_log import emptied, pinned_broker
from benchmarks.sessionizer.with_clickhouse import measure_with_clickhouse
from benchmarks.sessionizer.without_sink import drain_each_sink, measure_payloads
from playhead.checkout import RECORDINGS
from playhead.player.recording import read_folder
from schemas.topic import declared
from tests.servers.broker import KafkaServer

NAME = "sessionizer"
PARTS = ("peers", "payloads", "clickhouse", "sessions")
QUICK = ("bare", "20kb", "gzip")
VISITORS = 10_000
RAW_BYTES = 20_000


class Bench:
    """What all parts need."""

    def __init__(self, kafka: KafkaServer, folder: Path, repeats: int) -> None:
        recordings = read_folder(RECORDINGS)
        self.kafka, self.folder, self.repeats = kafka, folder, repeats
        self.opening = opening(recordings)
        self.zipped = bodies_near(recordings, RAW_BYTES)
        self.plain = [uncompressed(body) for body in self.zipped]

    def load(self, rounds: int, payloads: list[Body] | None = None) -> Load:
        """Its last batch was received now."""
        return Load(VISITORS, rounds, now_ms() - rounds * ROUND_MS, self.opening, payloads or ())

    async def part(self, name: str) -> list[Measure]:
        match name:
            case "peers":
                return await measure_against_peers(
                    self.kafka, self.folder, self.load(100), self.load(10), self.repeats
                )
            case "payloads":
                loads = {"20 KB of events as they are": self.load(16, self.plain)}
                loads["20 KB of events, gzip"] = self.load(30, self.zipped)
                return await measure_payloads(self.kafka, self.folder, loads, self.repeats)
            case "clickhouse":
                return await measure_with_clickhouse(
                    self.kafka, self.folder, self.load(6, self.zipped), self.repeats
                )
            case "sessions":
                return await measure_growth(self.kafka, self.folder, self.opening, now_ms(), self.repeats)
        raise ValueError(name)

    async def quick(self, name: str) -> None:
        """One kind of envelope, without a sink and with rows built; for whoever works on the worker."""
        rounds, payloads = {"bare": (60, None), "20kb": (16, self.plain), "gzip": (30, self.zipped)}[name]
        await drain_each_sink(self.kafka, self.folder, name, self.load(rounds, payloads), 1)


def now_ms() -> int:
    return time.time_ns() // 1_000_000


async def run(parts: list[str], repeats: int) -> list[Measure]:
    measures: list[Measure] = []
    with tempfile.TemporaryDirectory(prefix="playhead-bench-") as folder:
        async with pinned_broker(Path(folder)) as kafka:
            await emptied(kafka, *declared())
            bench = Bench(kafka, Path(folder), repeats)
            for name in parts:
                began = time.monotonic()
                print(f"{name}:", flush=True)
                if name in QUICK:
                    await bench.quick(name)
                else:
                    measures += await bench.part(name)
                print(f"  {time.monotonic() - began:.0f} s", flush=True)
    return measures


def main() -> None:
    options = argparse.ArgumentParser(prog=f"python -m benchmarks.{NAME}", description=__doc__)
    options.add_argument("parts", nargs="*", metavar="PART", help=", ".join((*PARTS, *QUICK)))
    options.add_argument("--repeats", type=int, default=3, help="of each drain")
    given = options.parse_args()
    if unknown := set(given.parts) - {*PARTS, *QUICK}:
        options.error(f"no such part: {', '.join(sorted(unknown))}")
    # Topics are made anew all the time, and its clients warn of each that is not there yet.
    logging.getLogger("aiokafka").setLevel(logging.ERROR)
    measures = asyncio.run(run(given.parts or list(PARTS), given.repeats))
    if not given.parts:
        report(NAME, measures)
    elif measures:
        show(NAME, measures)


if __name__ == "__main__":
    main()
