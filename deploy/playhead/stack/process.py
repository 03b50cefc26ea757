"""One process of the stack: start, wait for its end, stop, kill. Decides nothing about restarts.

Its output goes to a file of its own. It lives in a process group of its own, so that Ctrl-C reaches the
supervisor only and a stop reaches whatever the process started; and it dies with the supervisor, however
that ends.
"""

import asyncio
import contextlib
import ctypes
import os
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_LARGEST_LOG_BYTES = 16 * 1024 * 1024
"""At the start of a process; a larger log is put aside as `<name>.old.log`."""
_PR_SET_PDEATHSIG = 1
# Loaded before any fork: a child between fork and exec must not load libraries.
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Command:
    """How one process is run.

    Attributes:
        name: what people call it; its log is `<name>.log`.
        environment: added to the supervisor's own.
        quiet_exits: return codes of a clean end after SIGTERM.
    """

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str]
    log_file: Path
    quiet_exits: frozenset[int] = frozenset({0})


class Process:
    """A started process.

    It must be started on a thread that lives as long as it should: the kernel ends it with that thread.
    """

    def __init__(self, command: Command) -> None:
        self.command = command
        command.log_file.parent.mkdir(parents=True, exist_ok=True)
        supervisor = os.getpid()

        def die_with_supervisor() -> None:
            if _LIBC is not None:
                _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
                if os.getppid() != supervisor:  # it died before the call above
                    os._exit(1)

        _rotate(command.log_file)
        with command.log_file.open("ab") as log:
            now = datetime.now(UTC).isoformat(timespec="seconds")
            log.write(f"--- {now} {shlex.join(command.argv)}\n".encode())
            log.flush()
            self._popen = subprocess.Popen(
                list(command.argv),
                env={**os.environ, **command.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_supervisor,
            )
        self.pid = self._popen.pid
        self._exited: Future[int] = Future()
        threading.Thread(target=self._reap, name=f"reap-{command.name}", daemon=True).start()

    def _reap(self) -> None:
        self._exited.set_result(self._popen.wait())

    @property
    def returncode(self) -> int | None:
        return self._exited.result() if self._exited.done() else None

    @property
    def running(self) -> bool:
        return not self._exited.done()

    async def wait(self) -> int:
        """Until it has ended; gives its return code (-N: ended by signal N)."""
        # Shielded: a waiter that is cancelled must not cancel the future that the others wait for.
        return await asyncio.shield(asyncio.wrap_future(self._exited))

    def signal(self, number: int) -> None:
        """To the process alone. No error if it has ended."""
        if self.running:
            self._popen.send_signal(number)

    async def stop(self, timeout_ms: int) -> int:
        """SIGTERM; after `timeout_ms` SIGKILL. Leaves nothing of its process group. Gives the return code."""
        self.signal(signal.SIGTERM)
        self.signal(signal.SIGCONT)  # a suspended process would not see the first one
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.wait(), timeout_ms / 1000)
        return await self.kill()

    async def kill(self) -> int:
        """SIGKILL to whatever is left of its group. Gives the return code."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        return await self.wait()

    def log_end(self, lines: int = 15) -> str:
        return log_end(self.command.log_file, lines)


def _rotate(file: Path) -> None:
    if file.exists() and file.stat().st_size > _LARGEST_LOG_BYTES:
        file.replace(file.with_suffix(".old.log"))


def log_end(file: Path, lines: int) -> str:
    """The last lines of a log, at most 16 KiB of it."""
    with file.open("rb") as log:
        log.seek(0, os.SEEK_END)
        log.seek(max(0, log.tell() - 16_384))
        return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])
