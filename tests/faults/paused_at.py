"""Starts a sessionizer that stops itself with SIGSTOP at a step of a block with rows, once a file is there.

`python -m tests.faults.paused_at before_commit /some/file [blind]`; its settings come from the environment as
always. A blind one does not look at the age of its heartbeat, as if it had looked just before the pause: only
its transactions keep it from writing.
"""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from sessionizer.__main__ import run
from sessionizer.settings import Settings
from sessionizer.sink import recordings
from sessionizer.sink.insert import Inserter
from sessionizer.worker.fence import Fence
from sessionizer.worker.steps import Step


class PauseAt:
    """Run with `blocks_at_once` 1, so that the rows are those of the block."""

    def __init__(self, step: Step, when: Path) -> None:
        self._step = step
        self._when = when
        self.has_rows = False

    def __call__(self, step: Step) -> None:
        if step is Step.BEFORE_INSERT:
            self.has_rows = False
        if step is self._step and self.has_rows and self._when.exists():
            self._when.unlink()
            os.kill(os.getpid(), signal.SIGSTOP)


def watch_rows(pause: PauseAt) -> None:
    insert = Inserter.insert

    async def watched(self: Inserter, table: str, columns: Sequence[str], body: bytes, token: str) -> None:
        await insert(self, table, columns, body, token)
        if table == recordings.TABLE:
            pause.has_rows = True

    Inserter.insert = watched  # type: ignore[method-assign]


if __name__ == "__main__":
    pause = PauseAt(Step(sys.argv[1]), Path(sys.argv[2]))
    watch_rows(pause)
    if sys.argv[3:] == ["blind"]:
        Fence.holds = lambda self: True  # type: ignore[method-assign]
    run(Settings(), pause)
