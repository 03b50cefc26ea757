"""Who runs on which core: all that serves on one, what is measured on the other."""

import os
from collections.abc import Sequence

import psutil

SERVING, MEASURED = 0, 1


def on_core(core: int, argv: Sequence[str]) -> list[str]:
    """The command line that runs `argv` on one core, with every thread that it will have."""
    return ["taskset", "--cpu-list", str(core), *argv]


def move(pid: int, cores: set[int]) -> None:
    """Move a running process with all its threads; those that they start stay there too."""
    for thread in psutil.Process(pid).threads():
        os.sched_setaffinity(thread.id, cores)


def cpu_s(pid: int) -> float:
    """User and system time of all threads so far."""
    used = psutil.Process(pid).cpu_times()
    return float(used.user + used.system)


def rss_bytes(pid: int) -> int:
    return int(psutil.Process(pid).memory_info().rss)
