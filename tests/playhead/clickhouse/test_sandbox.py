"""What a confined process must still be able to read."""

import subprocess
import sys
from pathlib import Path

import pytest

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
