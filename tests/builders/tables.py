"""The tables `recordings` and `sessions`, with what ClickHouse promises of them and no more.

An insert whose token was seen is dropped. Rows with the same sorting key replace each other: the later insert
in `recordings`, the higher version in `sessions`.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sessionizer.core.block import run_block
from sessionizer.core.effects import Assigned, Effects, Erasing, SessionVersion
from sessionizer.core.record import Record
from sessionizer.core.rules import Rules
from sessionizer.core.state import Shard
from tests.builders.logs import in_blocks

Key = tuple[Any, ...]


class Tables:
    def __init__(self) -> None:
        self.recordings: dict[Key, Assigned] = {}
        self.sessions: dict[Key, SessionVersion] = {}
        self.tokens: set[str] = set()

    def insert(self, token: str, effects: Effects) -> None:
        """A block's rows; a token that was seen drops them, but what is to go goes each time."""
        for erasing in effects.erasures:
            self.erase(erasing)
        if token in self.tokens:
            return
        self.tokens.add(token)
        for row in effects.assigned:
            self.recordings[recording_key(row)] = row
        for version in effects.sessions:
            key = session_key(version)
            held = self.sessions.get(key)
            if held is None or version.version >= held.version:
                self.sessions[key] = version

    def erase(self, erasing: Erasing) -> None:
        erasure = erasing.erasure
        if erasure.session_id is None:
            of_visitor = {
                v.session_id
                for v in self.sessions.values()
                if (v.connection_id, v.visitor) == (erasure.connection, erasure.visitor)
            }
            gone = of_visitor - set(erasing.stays)
        else:
            gone = {erasure.session_id}
        self.recordings = {k: row for k, row in self.recordings.items() if row.session_id not in gone}
        self.sessions = {k: row for k, row in self.sessions.items() if row.session_id not in gone}

    def of_session(self, session_id: bytes) -> SessionVersion:
        return next(v for v in self.sessions.values() if v.session_id == session_id)

    def in_order(self) -> list[SessionVersion]:
        """The sessions by the time they started."""
        return sorted(self.sessions.values(), key=lambda v: (v.started_at, v.session_id))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Tables):
            return NotImplemented
        return self.recordings == other.recordings and self.sessions == other.sessions

    __hash__ = None  # type: ignore[assignment]


def recording_key(row: Assigned) -> Key:
    b = row.batch
    return b.connection, row.session_id, b.window, b.first_at, -1 if b.seq is None else b.seq, b.batch_id


def session_key(row: SessionVersion) -> Key:
    return row.connection_id, row.started_at, row.session_id


def token_of(block: Sequence[Record]) -> str:
    return f"{block[0].offset}-{block[-1].offset}"


def fill(shard: Shard, blocks: Iterable[Sequence[Record]], rules: Rules) -> Tables:
    """The tables after these blocks."""
    tables = Tables()
    for block in blocks:
        tables.insert(token_of(block), run_block(shard, block, block[-1].offset, rules))
    return tables


def tables_of(log: Sequence[Record], rules: Rules, sizes: Sequence[int] = (1,)) -> Tables:
    """The tables after a log from its beginning, in blocks of these sizes."""
    return fill(Shard(0), in_blocks(log, sizes), rules)
