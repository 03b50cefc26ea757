"""What a confined process must still be able to read."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.playhead.clickhouse.running import ADMIN_PASSWORD, ANALYST_PASSWORD, RunningServer

pytestmark = pytest.mark.stack

# A libc whose `environ` was moved, with a vDSO address behind it that leads nowhere: what Python's heap holds
# there by chance once a variable was set, made certain.
ENVIRON_MOVED = """
import ctypes, sys
from pathlib import Path
from playhead.clickhouse import engine_config, sandbox
from playhead.clickhouse.directory import DataDirectory
from playhead.clickhouse.engine import Engine

directory = DataDirectory(Path(sys.argv[1]))
directory.config_file.write_text(engine_config.render(1 << 30, 1 << 26, directory.user_files))
temporary = ctypes.create_string_buffer(f"TMPDIR={directory.scratch}".encode())
AT_SYSINFO_EHDR = 33
moved = (ctypes.c_size_t * 6)(ctypes.addressof(temporary), 0, AT_SYSINFO_EHDR, 0xDEADBEEFDEAD0000, 0, 0)
ctypes.c_void_p.in_dll(ctypes.CDLL(None), "environ").value = ctypes.addressof(moved)
sandbox.confine(directory.path)
engine = Engine(directory.engine, directory.config_file)
print("version", engine.version)
engine.close()
"""


def test_the_engine_starts_when_the_environment_was_moved(tmp_path: Path) -> None:
    """Now and then a start ended by SIGSEGV: the engine found no auxiliary vector, and guessed."""
    done = subprocess.run(
        [sys.executable, "-c", ENVIRON_MOVED, str(tmp_path / "data")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, (done.returncode, done.stderr)
    assert done.stdout.startswith("version ")


def test_what_the_server_was_started_with_is_not_to_be_seen(server: RunningServer) -> None:
    assert server.process is not None
    shown = Path(f"/proc/{server.process.pid}/environ").read_bytes()

    assert ADMIN_PASSWORD.encode() not in shown
    assert ANALYST_PASSWORD.encode() not in shown
    assert server.ask("SELECT 1").text == "1\n", "the passwords are what they were"


# What a statement could get at, tried from a thread that began after the wall was up.
LOOKING = """
import ctypes, os, sys, threading
from pathlib import Path
from playhead.clickhouse import environment, sandbox

os.environ["ADDED"] = "since"
hidden = sys.argv[2] == "hidden" and environment.hide()
sandbox.confine(Path(sys.argv[1]), environment_hidden=hidden)

def look():
    for name in ("schedstat", "environ"):
        try:
            print(name, (Path("/proc/thread-self") / name).read_bytes())
        except PermissionError:
            print(name, "refused")

thread = threading.Thread(target=look)
thread.start()
thread.join()
getenv = ctypes.CDLL(None).getenv
getenv.restype = ctypes.c_char_p
print("here", os.environ["PASSWORD"], getenv(b"PASSWORD").decode(), getenv(b"ADDED").decode())
"""


def looked(tmp_path: Path, how: str) -> dict[str, str]:
    done = subprocess.run(
        [sys.executable, "-c", LOOKING, str(tmp_path), how],
        env={**os.environ, "PASSWORD": "open sesame"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(line.split(" ", 1) for line in done.stdout.splitlines())


def test_threads_may_be_seen_once_the_environment_is_hidden(tmp_path: Path) -> None:
    seen = looked(tmp_path, "hidden")

    assert seen["schedstat"] != "refused", "else the engine makes a stack trace for each thread"
    assert "sesame" not in seen["environ"]
    assert "PASSWORD" not in seen["environ"]
    assert seen["here"] == "open sesame open sesame since"


def test_an_environment_that_is_not_hidden_is_not_to_be_seen(tmp_path: Path) -> None:
    seen = looked(tmp_path, "as it was")

    assert seen["schedstat"] == seen["environ"] == "refused"
