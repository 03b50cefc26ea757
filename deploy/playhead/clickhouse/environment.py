"""Puts what this process was started with out of sight: it holds the passwords, and /proc shows it on."""

import ctypes
import os
from pathlib import Path

_ENV_START, _ENV_END = 50, 51
"""Fields of /proc/self/stat, as proc_pid_stat(5) counts them."""
_AFTER_NAME = 3
"""The first field behind the process's name, which may hold anything."""


def hide() -> bool:
    """Overwrite it where the kernel shows it. To this process every variable stays what it is.

    Returns whether it is hidden; the kernel may not say where it is.
    """
    fields = Path("/proc/self/stat").read_bytes().rpartition(b")")[2].split()
    begin, end = (int(fields[number - _AFTER_NAME]) for number in (_ENV_START, _ENV_END))
    if not 0 < begin < end:
        return False
    # libc's table leads there until a variable is set anew.
    for name, value in os.environb.items():
        os.putenv(name, value)
    ctypes.memset(begin, 0, end - begin)
    return True
