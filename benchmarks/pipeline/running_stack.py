"""`playhead run` as a person would start it, with temporary data on free ports."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from playhead.stack.addresses import Addresses, of_running
from playhead.stack.secret_files import StackSecrets, stack_secrets


@dataclass(frozen=True)
class RunningStack:
    addresses: Addresses
    secrets: StackSecrets
    supervisor: psutil.Process

    def processes(self) -> dict[str, psutil.Process]:
        """Every process by a short name; the supervisor is `playhead`."""
        return {"playhead": self.supervisor} | {_name(p): p for p in self.supervisor.children(recursive=True)}

    def cpu_s(self) -> dict[str, float]:
        """CPU time used so far, by process."""
        times = {name: process.cpu_times() for name, process in self.processes().items()}
        return {name: used.user + used.system for name, used in times.items()}


def _name(process: psutil.Process) -> str:
    command = " ".join(process.cmdline())
    known = (
        "kafka.Kafka",
        "playhead.clickhouse",
        "playhead-collector",
        "playhead-sessionizer",
        "playhead-query-api",
    )
    found = next((one for one in known if one in command), f"process {process.pid}")
    return found.removeprefix("playhead-").removeprefix("playhead.").removeprefix("kafka.").lower()


@contextmanager
def running_stack() -> Iterator[RunningStack]:
    """Stopped in order at the end."""
    with tempfile.TemporaryDirectory(prefix="playhead-bench-") as folder:
        data = Path(folder)
        command = [str(Path(sys.executable).parent / "playhead"), "run", "--free-ports", "--data", folder]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            _until_ready(process)
            yield RunningStack(of_running(data), stack_secrets(data), psutil.Process(process.pid))
        finally:
            process.terminate()
            process.communicate(timeout=120)


def _until_ready(process: "subprocess.Popen[str]") -> None:
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if "logs, data" in line:
            return
    raise RuntimeError(f"the stack did not start:\n{said}")
