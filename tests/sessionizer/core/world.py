"""A small world for the rules' tests: one partition, fed envelope by envelope, with its tables beside it."""

from collections.abc import Sequence

from schemas.envelope import Envelope
from sessionizer.core.block import run_block
from sessionizer.core.effects import Assigned, Effects, SessionVersion
from sessionizer.core.record import Record
from sessionizer.core.rules import Rules
from sessionizer.core.state import Shard
from tests.builders.batches import a_tick
from tests.builders.logs import a_log
from tests.builders.tables import Tables

RULES = Rules(topic="playhead.batches")


class World:
    """Every `feed` is a block of its own."""

    def __init__(self, rules: Rules = RULES) -> None:
        self.rules = rules
        self.shard = Shard(0)
        self.tables = Tables()
        self.next_offset = 0
        self.last = Effects()

    def feed(self, *envelopes: Envelope) -> Effects:
        return self._run(a_log(envelopes, self.next_offset))

    def feed_under(self, key: bytes, envelope: Envelope) -> Effects:
        """A record whose key need not be its envelope's."""
        return self._run([Record(offset=self.next_offset, key=key, envelope=envelope)])

    def _run(self, block: Sequence[Record]) -> Effects:
        self.next_offset += len(block)
        self.last = run_block(self.shard, block, block[-1].offset, self.rules)
        self.tables.insert(str(self.next_offset), self.last)
        return self.last

    def tick(self, at: int) -> Effects:
        return self.feed(a_tick(at))

    def row(self, offset: int) -> Assigned:
        """The row of the batch at this offset."""
        return next(row for row in self.tables.recordings.values() if row.offset == offset)

    def session_of(self, offset: int) -> SessionVersion:
        """The session, as it is now, of the batch at this offset."""
        return self.tables.of_session(self.row(offset).session_id)

    @property
    def sessions(self) -> list[SessionVersion]:
        return self.tables.in_order()

    @property
    def only(self) -> SessionVersion:
        (session,) = self.sessions
        return session
