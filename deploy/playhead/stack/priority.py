"""Gives the engine's merges the processor that is left.

A merge of large parts computes for many seconds. On two cores that is half of what everything has, and
batches wait that long to be readable. The engine's own setting for it (`os_threads_nice_value_merge_mutate`)
does nothing in the embedded form. Where merges fall far behind, the engine slows inserts down, as ever.
"""

import contextlib
import os
from pathlib import Path
from typing import Final

MERGE_THREAD: Final = "MergeMutate"
NICENESS: Final = 10
"""About a tenth of what a thread of ordinary priority gets beside it."""


def merge_threads(pid: int) -> list[int]:
    """Those of this process, which has its tables open; none where there is no /proc."""
    found = []
    tasks = Path(f"/proc/{pid}/task")
    for task in tasks.iterdir() if tasks.is_dir() else ():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it ended while we look
            if (task / "comm").read_text().strip() == MERGE_THREAD:
                found.append(int(task.name))
    return found


def lower_merges(pid: int) -> int:
    """Lower the merge threads of this process; says how many there are."""
    threads = merge_threads(pid)
    for thread in threads:
        with contextlib.suppress(ProcessLookupError):
            os.setpriority(os.PRIO_PROCESS, thread, NICENESS)
    return len(threads)
