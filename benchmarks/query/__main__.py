"""`make bench B=query`: all of it. `python -m benchmarks.query PART…`: some of it, only shown."""

import argparse
import asyncio
import logging
import os
import tempfile
import time
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path

from benchmarks.query.browser import BrowserMissing, chromium, measure_browser, measure_lighthouse
from benchmarks.query.engine import Engine
from benchmarks.query.filling import IN_PARTS, MERGED, Filled, filled_engine
from benchmarks.query.grown_sessions import Growth
from benchmarks.query.layouts import measure_inserting, measure_reading
from benchmarks.query.lists import measure_lists, measure_stats
from benchmarks.query.nginx import NginxMissing, executable, running_nginx
from benchmarks.query.page_batches import Page, page
from benchmarks.query.query_api import Access, QueryApi, granted, running_query_api
from benchmarks.query.replay import measure_first_byte, measure_streaming
from benchmarks.query.size import Size
from benchmarks.query.storage import measure_sheets, measure_storage
from benchmarks.result import Measure, report, show
from benchmarks.sessionizer.cores import MEASURED, SERVING, move
from benchmarks.sessionizer.kafka_log import emptied, pinned_broker
from playhead.checkout import RECORDINGS, STATE
from playhead.player.recording import read_folder
from schemas.topic import declared
from tests.servers.broker import KafkaServer

NAME = "query"
CACHE = STATE / "bench/query"
APART = {"streaming", "layouts"}
"""Parts that compare processes, each on a core of its own; in all others they share all, as deployed."""
PARTS = ("lists", "stats", "replay", "streaming", "browser", "lighthouse", "storage", "layouts")


class Bench:
    """What all parts need."""

    def __init__(
        self,
        engine: Engine,
        kafka: KafkaServer,
        access: Access,
        filled: Filled,
        size: Size,
        folder: Path,
        pages: Sequence[Page],
        quick: bool,
    ) -> None:
        self.engine, self.kafka, self.access = engine, kafka, access
        self.filled, self.size, self.folder = filled, size, folder
        self.pages, self.quick = pages, quick

    async def part(self, name: str) -> list[Measure]:
        move(self.engine.pid, {SERVING} if name in APART else os.sched_getaffinity(0))
        match name:
            case "lists" | "stats":
                return [one for kind in (IN_PARTS, MERGED) for one in await self._of_sessions(name, kind)]
            case "replay":
                async with self._api(IN_PARTS) as api:
                    return list(measure_first_byte(api, self.access, self.filled, self._times(400)))
            case "streaming":
                return await self._streaming()
            case "browser":
                return await self._browser()
            case "lighthouse":
                async with self._api(IN_PARTS) as api:
                    return list(measure_lighthouse(api, self.access, self.filled, self.folder))
            case "storage":
                measures = list(measure_storage(self.engine, self.filled))
                return measures + [one async for one in measure_sheets(self.engine, self._growth)]
            case "layouts":
                reading = list(measure_reading(self.engine, self.filled, self._times(200)))
                return reading + await measure_inserting(self.engine, self._growth)
        raise ValueError(name)

    def _times(self, usual: int) -> int:
        return max(1, usual // 10) if self.quick else usual

    def _api(self, database: str, core: int | None = None) -> AbstractAsyncContextManager[QueryApi]:
        return running_query_api(self.engine, self.kafka, self.access, database, self.folder, core)

    async def _of_sessions(self, name: str, database: str) -> list[Measure]:
        parts = f"{self.size.parts} parts" if database == IN_PARTS else "merged"
        async with self._api(database) as api:
            if name == "lists":
                goals = (10, 30) if database == IN_PARTS else (None, 10)
                return list(
                    measure_lists(api, self.access, self.filled.until_at, self._times(300), parts, goals)
                )
            sessions = self.size.sessions // self.size.tenants
            return list(measure_stats(api, self.access, sessions, self._times(300), parts))

    @property
    def _growth(self) -> Growth:
        return Growth(self.size, self.filled.until_at, self.pages)

    async def _browser(self) -> list[Measure]:
        root = self.folder / "bare"
        root.mkdir(exist_ok=True)
        async with self._api(IN_PARTS) as api, running_nginx(self.folder, root) as (port, _):
            return list(
                measure_browser(api, self.access, self.filled, self.pages, port, root, self._times(15))
            )

    async def _streaming(self) -> list[Measure]:
        root = self.folder / "static"
        root.mkdir(exist_ok=True)
        async with self._api(IN_PARTS, MEASURED) as api, running_nginx(self.folder, root) as nginx:
            token = self.access.tokens[0]
            return list(measure_streaming(api, token, nginx, root, self.filled.long, self._times(10)))


async def run(parts: list[str], size: Size, quick: bool) -> list[Measure]:
    measures: list[Measure] = []
    pages = [page(recording) for recording in read_folder(RECORDINGS)]
    with tempfile.TemporaryDirectory(prefix="playhead-bench-") as name:
        folder = Path(name)
        async with (
            filled_engine(CACHE, size, pages, folder, say) as (engine, filled),
            pinned_broker(folder / "kafka") as kafka,
        ):
            await emptied(kafka, *declared())
            access = await granted(kafka, size.tenants, folder)
            bench = Bench(engine, kafka, access, filled, size, folder, pages, quick)
            for part in parts:
                began = time.monotonic()
                print(f"{part}:", flush=True)
                measures += await bench.part(part)
                say(f"{time.monotonic() - began:.0f} s")
    return measures


def say(text: str) -> None:
    print(f"  {text}", flush=True)


def main() -> None:
    asked = argparse.ArgumentParser(prog=f"python -m benchmarks.{NAME}", description=__doc__)
    asked.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    usual = Size()
    asked.add_argument("--scale", type=float, default=1.0, help="of sessions and corpus: 0.1, 0.01")
    asked.add_argument("--sessions", type=int, default=usual.sessions, help="before they are scaled")
    asked.add_argument("--events", type=int, default=usual.corpus_events, help="before they are scaled")
    asked.add_argument("--quick", action="store_true", help="a tenth of the questions")
    given = asked.parse_args()
    if unknown := set(given.parts) - {*PARTS}:
        asked.error(f"no such part: {', '.join(sorted(unknown))}")
    logging.getLogger("aiokafka").setLevel(logging.ERROR)
    parts = given.parts or list(PARTS)
    try:
        # Said before anything is filled.
        if {"streaming", "browser"} & set(parts):
            executable()
        if {"browser", "lighthouse"} & set(parts):
            chromium()
    except (NginxMissing, BrowserMissing) as missing:
        asked.exit(2, f"{missing}\n")
    size = replace(usual, sessions=given.sessions, corpus_events=given.events).scaled(given.scale)
    measures = asyncio.run(run(parts, size, given.quick))
    whole = not given.parts and size == usual and not given.quick
    (report if whole else show)(NAME, measures)


if __name__ == "__main__":
    main()
