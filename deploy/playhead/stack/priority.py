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


def lower_merges(pid: int) -> int:
    """Lower the merge threads of this process, which has its tables open; says how many there are.

    None where there is no /proc.
    """
    lowered = 0
    tasks = Path(f"/proc/{pid}/task")
    for task in tasks.iterdir() if tasks.is_dir() else ():
        # A thread may end while we look.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            if (task / "comm").read_text().strip() == MERGE_THREAD:
                os.setpriority(os.PRIO_PROCESS, int(task.name), NICENESS)
                lowered += 1
    return lowered
