"""Starts a sessionizer that kills itself with -9 when it reaches a step for the n-th time.

`python -m tests.faults.killed_at before_commit 3`; its settings come from the environment as always.
"""

import os
import signal
import sys

from sessionizer.__main__ import run
from sessionizer.settings import Settings
from sessionizer.worker.steps import Step


class KillAt:
    def __init__(self, step: Step, times: int) -> None:
        self._step = step
        self._times = times

    def __call__(self, step: Step) -> None:
        if step is self._step:
            self._times -= 1
            if self._times == 0:
                os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    run(Settings(), KillAt(Step(sys.argv[1]), int(sys.argv[2])))
