"""Takes from the engine's deduplication logs what they say of parts that never came to be.

The engine writes an insert's token into its table's log first and moves the part into place then. Killed in
between, it comes back with a token and without the rows: the insert was never acknowledged, its repeat is
taken for a duplicate, acknowledged, and nothing of it is kept (ADR 33). Runs before the engine opens them.
"""

import os
import re
from bisect import bisect_right
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

import structlog

log = structlog.get_logger("clickhouse")

_PART: Final = re.compile(r"(?P<partition>[^_]+)_(?P<first>\d+)_(?P<last>\d+)_\d+(?:_\d+)?")
_ADDED: Final = b"1"


class Blocks(NamedTuple):
    """What a part's name says that it holds: blocks `first` to `last` of a partition."""

    partition: str
    first: int
    last: int


def blocks_of(name: str) -> Blocks | None:
    """None where it is no name of an active part (`detached`, `tmp_insert_…`)."""
    found = _PART.fullmatch(name)
    return Blocks(found["partition"], int(found["first"]), int(found["last"])) if found else None


def without_orphans(text: bytes, parts: Iterable[Blocks]) -> bytes:
    """A log without the records that add a part whose blocks no part holds, and without a line cut short.

    Args:
        text: lines of operation, part and block id, separated by tabs.
        parts: those in the table's directory. A part that was merged is covered by the merged one.
    """
    covered = _Covered(parts)
    return b"".join(
        line
        for line in text.splitlines(keepends=True)
        if line.endswith(b"\n") and not _is_orphan(line, covered)
    )


def _is_orphan(line: bytes, covered: "_Covered") -> bool:
    operation, _, rest = line.partition(b"\t")
    added = blocks_of(rest.partition(b"\t")[0].decode("utf-8", "replace"))
    return operation == _ADDED and added is not None and added not in covered


class _Covered:
    """Which blocks the parts of a table hold. A log has thousands of records, a table thousands of parts."""

    def __init__(self, parts: Iterable[Blocks]):
        self._firsts: dict[str, list[int]] = {}
        self._furthest: dict[str, list[int]] = {}
        for part in sorted(parts):
            furthest = self._furthest.setdefault(part.partition, [])
            furthest.append(max(part.last, furthest[-1] if furthest else part.last))
            self._firsts.setdefault(part.partition, []).append(part.first)

    def __contains__(self, blocks: Blocks) -> bool:
        begun = bisect_right(self._firsts.get(blocks.partition, []), blocks.first)
        return begun > 0 and self._furthest[blocks.partition][begun - 1] >= blocks.last


def mend(engine_dir: Path) -> int:
    """Mend every table's logs; says how many records were taken out. The engine must not run."""
    removed = 0
    for logs in sorted(engine_dir.glob("store/*/*/deduplication_logs")):
        names = (entry.name for entry in logs.parent.iterdir())
        parts = [blocks for name in names if (blocks := blocks_of(name)) is not None]
        for file in sorted(logs.glob("deduplication_log_*.txt")):
            text = file.read_bytes()
            mended = without_orphans(text, parts)
            if mended != text:
                _replace(file, mended)
                removed += text.count(b"\n") - mended.count(b"\n")
    if removed:
        log.warning("tokens of inserts that were never finished are forgotten", records=removed)
    return removed


def _replace(file: Path, text: bytes) -> None:
    new = file.with_name(f"{file.name}.new")
    with new.open("wb") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    new.replace(file)
