import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil

from playhead.stack.process import Process, log_end
from tests.playhead.stack.commands import DEAF, SLEEPER, python


async def until_logged(process: Process, line: str) -> None:
    deadline = time.monotonic() + 20
    while line not in process.log_end():
        assert time.monotonic() < deadline, process.log_end()
        await asyncio.sleep(0.02)


def gone(pid: int) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.02)
    return False


async def test_its_output_is_kept_and_its_end_is_known(tmp_path: Path) -> None:
    process = Process(python(tmp_path, "import sys; print('out'); sys.stderr.write('err'); sys.exit(3)"))
    assert await process.wait() == 3
    assert not process.running
    assert "out" in process.log_end()
    assert "err" in process.log_end()


async def test_its_environment_is_added_to_ours(tmp_path: Path) -> None:
    code = "import os; print(os.environ['PLAYHEAD_X'], 'PATH' in os.environ)"
    process = Process(python(tmp_path, code, PLAYHEAD_X="seen"))
    await process.wait()
    assert "seen True" in process.log_end()


async def test_sigterm_stops_it(tmp_path: Path) -> None:
    process = Process(python(tmp_path, SLEEPER))
    await until_logged(process, "up")
    assert await process.stop(timeout_ms=10_000) == -signal.SIGTERM


async def test_one_that_is_deaf_is_killed_when_its_time_is_over(tmp_path: Path) -> None:
    process = Process(python(tmp_path, DEAF))
    await until_logged(process, "up")
    assert await process.stop(timeout_ms=200) == -signal.SIGKILL


async def test_a_suspended_one_hears_the_stop(tmp_path: Path) -> None:
    process = Process(python(tmp_path, SLEEPER))
    await until_logged(process, "up")
    process.signal(signal.SIGSTOP)
    assert await process.stop(timeout_ms=10_000) == -signal.SIGTERM


async def test_what_it_started_ends_with_it(tmp_path: Path) -> None:
    code = "import subprocess as s, time; print('child', s.Popen(['sleep', '600']).pid); time.sleep(600)"
    process = Process(python(tmp_path, code))
    await until_logged(process, "child ")
    child = int(process.log_end().rsplit("child ", 1)[1].split()[0])
    await process.stop(timeout_ms=10_000)
    assert gone(child)


def test_it_dies_with_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    code = textwrap.dedent(
        f"""
        import time
        from pathlib import Path
        from playhead.stack.process import Process
        from tests.playhead.stack.commands import DEAF, python
        print(Process(python(Path({str(tmp_path)!r}), DEAF)).pid, flush=True)
        time.sleep(600)
        """
    )
    supervisor = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert supervisor.stdout is not None
    pid = int(supervisor.stdout.readline())
    assert psutil.pid_exists(pid)

    os.kill(supervisor.pid, signal.SIGKILL)
    supervisor.wait()

    assert gone(pid)


def test_the_end_of_a_log_is_its_last_lines(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_text("".join(f"line {n}\n" for n in range(10_000)))
    assert log_end(log, 2) == "line 9998\nline 9999"
