"""Memory of the idle stack (PSS: what several processes share is divided among them)."""

import time
from collections.abc import Iterator

from benchmarks.pipeline.running_stack import RunningStack
from benchmarks.result import Measure

_SETTLE_S = 15
_MIB = 1024 * 1024
_NOT_SMALL_PYTHON = {"kafka", "clickhouse"}


def measure_memory(stack: RunningStack) -> Iterator[Measure]:
    time.sleep(_SETTLE_S)
    mib = {name: process.memory_full_info().pss / _MIB for name, process in stack.processes().items()}
    yield Measure("memory of the whole idle stack", sum(mib.values()), "MiB PSS", goal=1536)
    largest = max((name for name in mib if name not in _NOT_SMALL_PYTHON), key=lambda name: mib[name])
    yield Measure(
        f"memory of the largest idle Python process, ClickHouse apart ({largest})",
        mib[largest],
        "MiB PSS",
        goal=250,
    )
    for name, size in mib.items():
        yield Measure(f"memory of {name}, idle", size, "MiB PSS")
