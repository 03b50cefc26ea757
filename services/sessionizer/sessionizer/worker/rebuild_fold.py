"""What a rebuild makes of one partition's log: its state, from the log's start to where the worker was.

Nothing but state comes of it: what the blocks asked for besides is written already. Pure; the same core as in
the worker runs here, block by block.
"""

from collections.abc import Container, Iterable, Mapping, Sequence

import msgspec

from schemas import envelope
from schemas.envelope import Batch, Tick, UnreadableEnvelope
from sessionizer.core import seqs
from sessionizer.core.admit import BATCH_ID_BYTES, impossible_batch
from sessionizer.core.block import BlockEnds, BlockLimits, run_block
from sessionizer.core.duplicates import REMEMBERED_BATCH_IDS, batch_id_seen
from sessionizer.core.lifecycle import next_due, retained_until
from sessionizer.core.record import Record
from sessionizer.core.rules import Rules
from sessionizer.core.state import Seen, Session, Shard
from sessionizer.worker.kafka_record import KafkaRecord

DEFAULT_GAP_MS = 30 * 60_000
DEFAULT_MAX_SESSION_MS = 24 * 3_600_000
"""Rule 2; for a session of which the log has no batch any more."""


class Remembered(msgspec.Struct, frozen=True):
    """A session that began before the log's start, as the tables have it."""

    key: bytes
    """Of its visitor."""
    session: Session
    seen: Mapping[str, Seen]
    """By window id."""


Settings = tuple[int, int]
"""gap_ms and max_session_ms of a visitor's batches."""


class Fold:
    """Takes a partition's records in order; its shard is the state once `finish` was called.

    Attributes:
        passed_over: batches that belong to a session which began before the log's start.
        settings: of the visitors whose batches were passed over.
    """

    def __init__(
        self,
        shard: Shard,
        limits: BlockLimits,
        rules: Rules,
        cut: Mapping[bytes, Mapping[str, Seen]],
        left_out: Container[tuple[int, int | None]],
    ):
        """
        Args:
            shard: empty.
            cut: what arrived in sessions that began before the log's start, by visitor key and window.
            left_out: offset and timestamp of records that became dead letters.
        """
        self._shard = shard
        self._rules = rules
        self._cut = cut
        self._left_out = left_out
        self._ends = BlockEnds(limits)
        self._block: list[Record] = []
        self._last = -1
        self.passed_over = 0
        self.settings: dict[bytes, Settings] = {}

    def take(self, records: Iterable[KafkaRecord]) -> None:
        for record in records:
            self._last = record.offset
            if (record.offset, record.timestamp) not in self._left_out and (read := self._read(record)):
                self._block.append(read)
            size = len(record.value) if record.value is not None else 0
            if self._ends.ends_with(size, is_tick=record.key is None):
                self._run()

    def finish(self, offset: int) -> None:
        """End at `offset`, the last record that the worker had read."""
        self._last = offset
        self._run()

    def _run(self) -> None:
        run_block(self._shard, self._block, self._last, self._rules)
        self._block = []

    def _read(self, record: KafkaRecord) -> Record | None:
        """None for what cannot be read: it became a dead letter, or would."""
        if record.value is None:
            return None
        try:
            content = envelope.decode(record.value)
        except UnreadableEnvelope:
            return None
        read = Record(offset=record.offset, key=record.key, envelope=content)
        if isinstance(content, Batch) and record.key is not None and self._was_cut(read, record.key, content):
            self.passed_over += 1
            self.settings[record.key] = content.gap_ms, content.max_session_ms
            # It still carries time.
            return Record(record.offset, None, Tick(content.version, content.received_at))
        return read

    def _was_cut(self, record: Record, key: bytes, batch: Batch) -> bool:
        """Whether the batch, or one that it repeats, is in a session that began before the log's start."""
        seen = self._cut.get(key, {}).get(batch.window)
        if seen is None or impossible_batch(record, batch) is not None:
            return False
        return batch_id_seen(seen, batch) if batch.seq is None else seqs.contains(seen.seqs, batch.seq)


def carry_over(shard: Shard, remembered: Sequence[Remembered], offset: int, rules: Rules) -> int:
    """Put into the state those sessions from before the log's start that would still be remembered.

    They go on under their own ids and versions. Gives how many were put in.
    """
    carried = 0
    for each in sorted(remembered, key=lambda each: each.session.last_at):
        session = each.session
        if session.completed_at is not None and retained_until(session, rules) <= shard.watermark:
            continue
        visitor = shard.find(each.key) or shard.add(each.key)
        if session.completed_at is not None:
            visitor.completed.insert(0, session)
            del visitor.completed[: max(0, len(visitor.completed) - rules.retained_sessions)]
        elif visitor.active is None:
            visitor.active = session
            shard.active_sessions += 1
        else:
            continue  # A later session is active, so this one's completion is in a row that is on its way.
        for window, seen in each.seen.items():
            held = visitor.seen.get(window)
            visitor.seen[window] = joined(seen, Seen() if held is None else held)
        visitor.offset = max(visitor.offset, offset)
        visitor.changes += 1
        shard.schedule(each.key, visitor, next_due(visitor, rules))
        carried += 1
    shard.seal((), offset)
    return carried


def joined(earlier: Seen, later: Seen) -> Seen:
    """What was seen of a window before the log's start, and since."""
    batch_ids = (earlier.batch_ids + later.batch_ids)[-REMEMBERED_BATCH_IDS * BATCH_ID_BYTES :]
    return Seen(_union(earlier.seqs, later.seqs), batch_ids, later.event_hashes)


def _union(one: Sequence[int], other: Sequence[int]) -> list[int]:
    """The runs (see `core.seqs`) of what is in either; a run may be longer than anyone could count."""
    union: list[int] = []
    for low, end in sorted([*_pairs(one), *_pairs(other)]):
        if union and low <= union[-1]:
            union[-1] = max(union[-1], end)
        else:
            union += (low, end)
    return union


def _pairs(runs: Sequence[int]) -> Iterable[tuple[int, int]]:
    return zip(runs[::2], runs[1::2], strict=True)
