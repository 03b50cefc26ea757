"""What inflating and validating take in our collector, without a server; called as the peers are.

`python -m benchmarks.collector.our_steps FILE STEP ROUNDS BODIES` prints ns a body: the least of so many
rounds, since what disturbs only ever adds.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

from collector.allocator import keep_freed_memory
from collector.inflate import inflate
from collector.prepare import Limits, prepare
from collector.settings import MIB
from collector.summary import summarise_plain

LIMITS = Limits(decompressed_bytes=32 * MIB, events=20_000)


def step_of(name: str, body: bytes) -> Callable[[], object]:
    """Raises:
    KeyError: there is no such step.
    """
    text = inflate(body, "gzip", LIMITS.decompressed_bytes).raw
    steps: dict[str, Callable[[], object]] = {
        "inflate": lambda: inflate(body, "gzip", LIMITS.decompressed_bytes),
        "parse raw": lambda: summarise_plain(text, LIMITS.events),
        "raw": lambda: prepare(body, "gzip", LIMITS, numbered=True),
    }
    return steps[name]


def ns_a_body(once: Callable[[], object], rounds: int, bodies: int) -> float:
    least = float("inf")
    for _ in range(rounds):
        began = time.perf_counter_ns()
        for _ in range(bodies):
            once()
        least = min(least, (time.perf_counter_ns() - began) / bodies)
    return least


if __name__ == "__main__":
    file, name, rounds, bodies = sys.argv[1:]
    # As the program does at its start.
    keep_freed_memory()
    print(ns_a_body(step_of(name, Path(file).read_bytes()), int(rounds), int(bodies)))
