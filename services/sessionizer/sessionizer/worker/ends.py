"""Remembers, in a file, each time that this worker ended itself: a process that is gone counts nothing.

A line each, appended just before the end. What cannot be written or read is left out; the end comes first.
"""

import os
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import msgspec
import structlog

from sessionizer.worker.fence import end_process

LARGEST_BYTES = 1024 * 1024
"""A file that has grown larger is begun anew: a worker that ends itself all the time must not fill a disk."""

log = structlog.get_logger(__name__)


class End(msgspec.Struct):
    """A line of the file."""

    reason: str
    at: int
    """The clock of this machine, ms."""


class Ends:
    def __init__(self, file: Path | None, end: Callable[..., NoReturn] = end_process):
        self._file = file
        self._end = end

    def end(self, reason: str, **facts: object) -> NoReturn:
        """Note the reason, then end the process at once."""
        if self._file is not None:
            try:
                self._note(self._file, reason)
            except OSError as error:
                log.warning("the end could not be noted", error=repr(error))
        self._end(reason, **facts)

    def by_reason(self) -> Counter[str]:
        """How often it ended itself, as far as the file tells."""
        found: Counter[str] = Counter()
        try:
            lines = self._file.read_bytes().splitlines() if self._file is not None else []
        except FileNotFoundError:
            lines = []
        for line in lines:
            try:
                found[msgspec.json.decode(line, type=End).reason] += 1
            except msgspec.DecodeError:
                log.warning("a note of an end is not readable", line=line[:100])
        return found

    @staticmethod
    def _note(file: Path, reason: str) -> None:
        line = msgspec.json.encode(End(reason, time.time_ns() // 1_000_000)) + b"\n"
        anew = file.exists() and file.stat().st_size > LARGEST_BYTES
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | (os.O_TRUNC if anew else 0)
        descriptor = os.open(file, flags, 0o644)
        try:
            os.write(descriptor, line)  # One call, so that a line is whole, whoever writes beside it.
        finally:
            os.close(descriptor)
