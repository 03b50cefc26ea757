"""Keeps this process to its own files and off the network, by Linux's Landlock.

A second wall behind `policy.py`, and the only one for `admin`: whatever a statement gets the engine to do,
the kernel lets it write only below the data directory, read only there and where code and time zones are,
open no TCP connection and run no program. It cannot be taken off again, needs no privilege, and must be put
on before the engine starts its threads. UDP is beyond it; with no resolver's files to read, names do not
resolve either.
"""

import ctypes
import errno
import os
import struct
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_CREATE_RULESET: Final = 444
_ADD_RULE: Final = 445
_RESTRICT_SELF: Final = 446
_VERSION_FLAG: Final = 1
_PATH_BENEATH: Final = 1
_PR_SET_NO_NEW_PRIVS: Final = 38

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = (1 << bit for bit in range(4))
_TRUNCATE: Final = 1 << 14
_IOCTL_DEV: Final = 1 << 15
# How many of the rights to files each version of the interface knows.
_FILE_RIGHTS: Final = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_ON_FILES: Final = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
_BIND_TCP: Final = 1
_CONNECT_TCP: Final = 2
_NETWORK_SINCE: Final = 4
_SCOPES_SINCE: Final = 6
_ABSTRACT_UNIX_SOCKETS_AND_SIGNALS: Final = 3

# What the engine and Python read besides code: time zones, the machine's size, its own threads' figures.
_READ: Final = (
    "/dev/null",
    "/dev/urandom",
    "/dev/zero",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/timezone",
    "/lib",
    "/lib64",
    "/proc/cpuinfo",
    "/proc/loadavg",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/uptime",
    "/proc/sys/kernel",
    "/proc/sys/vm",
    "/sys/devices/system",
    "/sys/fs/cgroup",
    "/usr/lib",
    "/usr/share/zoneinfo",
)
_WRITE: Final = ("/dev/null",)
# Of /proc/self only what the engine needs: its environ holds the passwords. Without auxv its libc looks for
# the same behind `environ`, where it no longer is once Python has set a variable, and follows what it finds.
_READ_OF_SELF: Final = tuple(f"/proc/self/{name}" for name in ("auxv", "maps", "stat", "statm", "status"))

# What each of its own threads has. The engine opens `schedstat` there for every thread that works on a
# statement, and makes a stack trace each time that it may not: a third of a small statement's time.
_TASKS: Final = "/proc/self/task"

# A rule on a file of /proc holds while its inode does, so these stay open.
_kept_open: list[int] = []


class SandboxUnavailable(Exception):  # noqa: N818
    """The kernel has no Landlock, or it is switched off."""


def confine(data_dir: Path, *, environment_hidden: bool = False) -> list[str]:
    """Confine the process for good; returns what is in force, in words.

    Args:
        environment_hidden: nothing stands in /proc that statements must not see; then they may see the
            process's threads.

    Raises:
        SandboxUnavailable: nothing was changed.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(_CREATE_RULESET, None, 0, _VERSION_FLAG) if sys.platform == "linux" else -1
    if version < 1:
        raise SandboxUnavailable("This kernel has no Landlock, or it is switched off.")
    file_rights = (1 << _FILE_RIGHTS.get(version, 16)) - 1
    network = _BIND_TCP | _CONNECT_TCP if version >= _NETWORK_SINCE else 0
    scopes = _ABSTRACT_UNIX_SOCKETS_AND_SIGNALS if version >= _SCOPES_SINCE else 0
    attributes = struct.pack("=QQQ", file_rights, network, scopes)
    size = 24 if version >= _SCOPES_SINCE else 16 if version >= _NETWORK_SINCE else 8
    ruleset = _checked(libc.syscall(_CREATE_RULESET, attributes[:size], size, 0))
    try:
        reads = _READ_FILE | _READ_DIR
        for path in (*map(Path, _READ), *_code()):
            _allow(libc, ruleset, path, reads & file_rights)
        for path in map(Path, (*_READ_OF_SELF, *([_TASKS] if environment_hidden else []))):
            _kept_open.append(os.open(path, os.O_PATH | os.O_CLOEXEC))
            _allow(libc, ruleset, path, reads & file_rights)
        for path in map(Path, _WRITE):
            _allow(libc, ruleset, path, (reads | _WRITE_FILE | _TRUNCATE) & file_rights)
        _allow(libc, ruleset, data_dir, file_rights & ~_EXECUTE)
        _checked(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        _checked(libc.syscall(_RESTRICT_SELF, ruleset, 0))
    finally:
        os.close(ruleset)
    return ["files", *(["tcp"] if network else []), *(["signals"] if scopes else [])]


def _code() -> Iterable[Path]:
    """Where this Python's modules and libraries are."""
    places = {Path(entry) for entry in sys.path if entry}
    places |= {Path(place) for place in sysconfig.get_paths().values()}
    places |= {Path(sys.prefix) / "lib", Path(sys.base_prefix) / "lib", Path(sys.prefix) / "pyvenv.cfg"}
    return sorted(places)


def _allow(libc: ctypes.CDLL, ruleset: int, path: Path, rights: int) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not path.is_dir():
            rights &= _ON_FILES
        _checked(libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, struct.pack("=Qi", rights, handle), 0))
    finally:
        os.close(handle)


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        if number in (errno.ENOSYS, errno.EOPNOTSUPP):
            raise SandboxUnavailable(os.strerror(number))
        raise OSError(number, os.strerror(number))
    return result
