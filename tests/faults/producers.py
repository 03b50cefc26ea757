"""Who wrote what is in a partition's log, as the broker's files have it: producer and epoch of every batch.

Each owner of a partition writes with an epoch that is higher than those before it. Consumers do not show it.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_HEADER = struct.Struct(">qiibIhiqqqhii")
"""A record batch's, magic 2; https://kafka.apache.org/documentation/#recordbatch."""
_CONTROL = 0x20


class Written(NamedTuple):
    offset: int
    producer: int
    epoch: int
    marker: bool
    """It ends a transaction; the broker writes it."""


def written(log: Path, topic: str, partition: int) -> list[Written]:
    """Every batch that is in the log now, open and aborted ones too."""
    segments = sorted((log / f"{topic}-{partition}").glob("*.log"))
    return [each for segment in segments for each in _batches(segment.read_bytes())]


def _batches(segment: bytes) -> Iterator[Written]:
    at = 0
    while at + _HEADER.size <= len(segment):
        offset, length, _, magic, _, attributes, _, _, _, producer, epoch, _, _ = _HEADER.unpack_from(
            segment, at
        )
        if length == 0:
            return  # The file may be longer than what was written to it.
        assert magic == 2
        yield Written(offset, producer, epoch, bool(attributes & _CONTROL))
        at += 12 + length
