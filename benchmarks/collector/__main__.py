"""`make bench B=collector`: all of it. `python -m benchmarks.collector PART…`: some of it, only shown."""

import argparse
import asyncio
import logging
import tempfile
from pathlib import Path

from benchmarks.collector import bodies
from benchmarks.collector.accepted import measure_accepted
from benchmarks.collector.build import CompilerMissing, build
from benchmarks.collector.memory import measure_memory
from benchmarks.collector.requests import measure_requests
from benchmarks.collector.steps import measure_steps
from benchmarks.result import Measure, report, show
from benchmarks.sessionizer.kafka_log import emptied, pinned_broker
from playhead.checkout import RECORDINGS
from playhead.player.recording import read_folder
from schemas.topic import declared

NAME = "collector"
PARTS = ("steps", "requests", "accepted", "memory")


async def run(parts: list[str], seconds: float, repeats: int) -> list[Measure]:
    build()
    recordings = read_folder(RECORDINGS)
    snapshot, incremental, large = (
        bodies.with_snapshot(recordings),
        bodies.incremental(recordings),
        bodies.large(),
    )
    measures: list[Measure] = []
    with tempfile.TemporaryDirectory(prefix="playhead-bench-") as name:
        folder = Path(name)
        files = {
            body: folder / f"{number}.json.gz" for number, body in enumerate((snapshot, incremental, large))
        }
        for body, file in files.items():
            file.write_bytes(body.gzipped)
        if "steps" in parts:
            rounds = 5 * repeats
            measures += measure_steps(snapshot, files[snapshot], rounds, of_raw=0.60, of_value=0.20)
            measures += measure_steps(incremental, files[incremental], rounds, of_raw=1.1, of_value=None)
        if "requests" in parts:
            for body in (snapshot, incremental):
                measures += await measure_requests(body, files[body], folder, seconds)
        if {"accepted", "memory"} & set(parts):
            async with pinned_broker(folder / "kafka") as kafka:
                await emptied(kafka, *declared())
                if "accepted" in parts:
                    for body in (snapshot, incremental):
                        measures += await measure_accepted(
                            kafka, body, files[body], folder, seconds=seconds, repeats=repeats
                        )
                if "memory" in parts:
                    measures += await measure_memory(kafka, files[large], folder, 3 * seconds)
    return measures


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m benchmarks.collector")
    asked.add_argument("parts", nargs="*", choices=[*PARTS, []], help="; all if none is named")
    asked.add_argument("--seconds", type=float, default=10.0, help="of each measured load")
    asked.add_argument("--repeats", type=int, default=3)
    given = asked.parse_args()
    # What goes wrong comes as an exception; its log repeats that for every try while a broker starts.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    parts = given.parts or list(PARTS)
    try:
        measures = asyncio.run(run(parts, given.seconds, given.repeats))
    except CompilerMissing as missing:
        asked.exit(2, f"{missing}\n")
    (report if set(parts) == set(PARTS) else show)(NAME, measures)


if __name__ == "__main__":
    main()
