"""The data directory: its parts, and that one process at a time has it."""

import fcntl
import os
import shutil
from pathlib import Path
from typing import IO


class DirectoryInUse(Exception):  # noqa: N818
    """Another process has the data directory; the text names it."""


class DataDirectory:
    """Holds the directory until the process ends, however it ends: the lock is the kernel's."""

    def __init__(self, path: Path):
        """
        Raises:
            DirectoryInUse: another process has it.
            OSError: it cannot be made or written.
        """
        self.path = path.resolve()
        self.engine = self.path / "engine"
        self.scratch = self.path / "scratch"
        """For temporary files, emptied at every start."""
        self.user_files = self.path / "user_files"
        """What the admin's file() sees; made empty, ours to leave alone."""
        self.config_file = self.path / "engine.xml"
        for folder in (self.path, self.engine, self.scratch, self.user_files):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = _locked(self.path / "lock", self.path)
        for left_behind in self.scratch.iterdir():
            shutil.rmtree(left_behind) if left_behind.is_dir() else left_behind.unlink()


def _locked(path: Path, directory: Path) -> IO[str]:
    file = path.open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        holder = file.read().strip() or "unknown"
        file.close()
        raise DirectoryInUse(
            f"The data directory {directory} is in use by process {holder}. "
            "One process at a time can have it: stop that one, or choose another data directory."
        ) from None
    file.seek(0)
    file.truncate()
    file.write(f"{os.getpid()}\n")
    file.flush()
    return file
