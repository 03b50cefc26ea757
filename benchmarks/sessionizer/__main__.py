"""`make bench B=sessionizer`; `python -m benchmarks.sessionizer quick` while one works on the worker."""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.sessionizer.envelopes import Load, bodies_near, opening, uncompressed
from benchmarks.sessionizer.kafka_log import emptied, fill, pinned_broker
from benchmarks.sessionizer.without_sink import one_drain
from playhead.checkout import RECORDINGS
from playhead.player.recording import read_folder
from schemas.topic import BATCHES, declared


async def quick(names: list[str]) -> None:
    """One drain each: bare, 20kb or gzip; sink none or rows."""
    recordings = read_folder(RECORDINGS)
    now = time.time_ns() // 1_000_000
    bare = Load(10_000, 60, now - 3_600_000, opening(recordings))
    zipped = bodies_near(recordings, 20_000)
    large = Load(10_000, 8, now - 3_600_000, opening(recordings), [uncompressed(one) for one in zipped])
    gzip = Load(10_000, 12, now - 3_600_000, opening(recordings), zipped)
    with tempfile.TemporaryDirectory(prefix="playhead-bench-") as folder:
        async with pinned_broker(Path(folder)) as kafka:
            await emptied(kafka, *declared())
            for name, load in (("bare", bare), ("20kb", large), ("gzip", gzip)):
                if names and name not in names:
                    continue
                await emptied(kafka, BATCHES)
                await fill(kafka, BATCHES, load.records())
                for sink in ("none", "rows"):
                    await one_drain(kafka, Path(folder), sink, load.envelopes)


asyncio.run(quick(sys.argv[2:]))
