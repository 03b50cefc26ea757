"""Small processes for tests of the supervisor."""

import sys
from pathlib import Path

from playhead.stack.process import Command


def python(folder: Path, code: str, *, name: str = "worker", **environment: str) -> Command:
    return Command(name, [sys.executable, "-u", "-c", code], environment, folder / f"{name}.log")


# The log begins with the command line: what they print must not stand in it.
SLEEPER = "import time; print('u' + 'p'); time.sleep(600)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('u' + 'p'); time.sleep(600)"
