"""`make bench B=recorder`: what the recorder costs a page as it starts, on the sample shop.

Each figure is the median of as many starts with the recorder as without it, in turn, each in a new profile.
Times are processor time of the page's main thread, so that a busy machine does not count. About two minutes.
"""

import gzip
import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from benchmarks.recorder.trace import Start, start_of
from benchmarks.result import Measure, report

ROOT = Path(__file__).parents[2]
RECORDER = ROOT / "services/collector/recorder/dist/recorder.js"
DRIVER = Path(__file__).parent / "open_shop.mjs"
RUNS = 7
SPAN_MS = 4_000
"""From the navigation on: the load, the connection's settings, the first snapshot, two closed batches."""
MOST_ADDED_MS = 50
MOST_BYTES = 32_000
SLOW = 4
"""A phone of the middle class is about so much slower than a desktop (Lighthouse's mobile setting)."""


def main() -> None:
    measures: list[Measure] = []
    for throttling in (1, SLOW):
        with_recorder, without = starts(throttling)
        measures += compare(with_recorder, without, throttling)
    size = len(gzip.compress(RECORDER.read_bytes(), 9, mtime=0))
    measures.append(Measure("recorder.js, gzip", size, "bytes", goal=MOST_BYTES))
    report("recorder", measures)


def starts(throttling: int) -> tuple[list[Start], list[Start]]:
    """With the recorder, and without it."""
    chromium = os.environ.get("PLAYHEAD_CHROMIUM", "/usr/bin/chromium")
    with tempfile.TemporaryDirectory(prefix="playhead-bench-") as folder:
        arguments = [chromium, RECORDER, folder, RUNS, throttling, SPAN_MS]
        command = ["node", str(DRIVER), *map(str, arguments)]
        done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
        both: tuple[list[Start], list[Start]] = ([], [])
        for opened in json.loads(done.stdout):
            events = json.loads(Path(opened["trace"]).read_text())["traceEvents"]
            both[0 if opened["recorded"] else 1].append(start_of(events, opened["url"], SPAN_MS))
        return both


def compare(recorded: Sequence[Start], bare: Sequence[Start], throttling: int) -> list[Measure]:
    """Blocking has a goal at the machine's own speed; slowed down it is for information."""
    where = "shop" if throttling == 1 else f"shop, processor slowed {throttling} times"
    blocking = median(one.blocking_ms for one in recorded)
    bare_blocking = median(one.blocking_ms for one in bare)
    return [
        Measure(
            f"blocking time that the recorder adds, {where}",
            max(0.0, blocking - bare_blocking),
            "ms",
            goal=MOST_ADDED_MS if throttling == 1 else None,
        ),
        Measure(f"blocking time, {where}", blocking, "ms", peer="without", peer_value=bare_blocking),
        Measure(
            f"longest task, {where}",
            median(one.longest_ms for one in recorded),
            "ms",
            peer="without",
            peer_value=median(one.longest_ms for one in bare),
        ),
        Measure(
            f"main thread busy, {where}",
            median(one.busy_ms for one in recorded),
            "ms",
            peer="without",
            peer_value=median(one.busy_ms for one in bare),
        ),
    ]


main()
