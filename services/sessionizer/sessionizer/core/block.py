"""Blocks: runs of one partition's records that are handled as one unit, and where they end.

A block's end depends on the log alone (and on the limits), so after a restart a block that was not
finished is cut again at the same record.
"""

from collections.abc import Iterable

import msgspec

from schemas.envelope import Erasure, Tick, visitor_key
from sessionizer.core.effects import Effects
from sessionizer.core.expire import expire
from sessionizer.core.record import Record
from sessionizer.core.rules import Rules
from sessionizer.core.state import Shard
from sessionizer.core.step import step


class BlockLimits(msgspec.Struct, frozen=True, kw_only=True):
    """A block ends with a tick, or with the record that makes it reach one of these."""

    records: int
    value_bytes: int
    """Sum of the records' values, as they are in the log."""


class BlockEnds:
    """Tells where blocks end in one partition; begins at the partition's position, with nothing counted.

    Count every record, the unreadable ones too.
    """

    __slots__ = ("_bytes", "_limits", "_records")

    def __init__(self, limits: BlockLimits) -> None:
        self._limits = limits
        self._records = 0
        self._bytes = 0

    def ends_with(self, value_bytes: int, *, is_tick: bool) -> bool:
        """Count one record, in order of offset; true if the block ends with it."""
        self._records += 1
        self._bytes += value_bytes
        ends = is_tick or self._records >= self._limits.records or self._bytes >= self._limits.value_bytes
        if ends:
            self._records = self._bytes = 0
        return ends


def is_tick(record: Record) -> bool:
    return type(record.envelope) is Tick


def seal(shard: Shard, effects: Effects, last_offset: int, rules: Rules) -> None:
    """End the block at `last_offset`, its last record in the log, readable or not.

    Expires what is due, fills what `effects` says is filled then, moves the shard's position.
    """
    expire(shard, effects, rules)
    effects.partition = shard.partition
    for erasing in effects.erasures:
        if erasing.erasure.session_id is None:
            erasing.stays = _sessions_touched(erasing.erasure, effects)
    effects.changelog = shard.seal(effects.changed, last_offset)


def _sessions_touched(erasure: Erasure, effects: Effects) -> tuple[bytes, ...]:
    """Of the visitor; what the erasure took is not among them, so all of them began after it."""
    key = visitor_key(erasure.connection, erasure.visitor)
    return tuple(session_id for session_id, (owner, _) in effects.touched.items() if owner == key)


def run_block(shard: Shard, records: Iterable[Record], last_offset: int, rules: Rules) -> Effects:
    """A whole block: its readable records, in order of offset."""
    effects = Effects()
    for record in records:
        step(shard, record, effects, rules)
    seal(shard, effects, last_offset, rules)
    return effects
