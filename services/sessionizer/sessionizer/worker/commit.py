"""A block's commit: output first, then state, then offset (design.md section 6, "Commit order").

Output to ClickHouse is written again, identically, if the process dies before the state is; it never shows
twice. All that the block writes to Kafka is one transaction, with the position in it: it is there or not, and
a worker that lost its partition cannot commit it (ADR 50). The order of the steps is the guarantee: change
nothing here without the fault tests.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from itertools import chain

import structlog
from aiokafka.errors import ProducerFenced

from sessionizer.core.block import run_block
from sessionizer.core.effects import Effects, Erasing
from sessionizer.core.rules import Rules
from sessionizer.core.state import POSITION_KEY, Position, Shard, encode_position
from sessionizer.core.written import must_be_written
from sessionizer.sink import recordings, sessions
from sessionizer.sink.erase import ErasedRows
from sessionizer.sink.errors import RowsRefused
from sessionizer.sink.insert import Inserter
from sessionizer.sink.payload import UndecodablePayload
from sessionizer.sink.row_binary import Pieces, Unwritable
from sessionizer.worker.announce import announcements
from sessionizer.worker.block_reader import ReadBlock, read_block
from sessionizer.worker.dead_letters import BadRecord, dead_letter
from sessionizer.worker.fence import Fence
from sessionizer.worker.kafka_record import KafkaRecords
from sessionizer.worker.metrics import Metrics
from sessionizer.worker.steps import Reached, Step
from sessionizer.worker.transaction import TRANSACTION_TIMEOUT_MS, NotCommitted, Outgoing, PartitionWriter

UNREADABLE_S = 0.05
"""Between two looks for a transaction that is committed and cannot be read yet."""

log = structlog.get_logger(__name__)


class RecordsRefused(Exception):  # noqa: N818
    """Records found bad only after the core has counted them: the block starts again without."""

    def __init__(self, refused: Mapping[int, BadRecord]):
        super().__init__(f"records refused at offsets {sorted(refused)}")
        self.refused = refused


class Committer:
    """Commits blocks of any partition; holds none of their state."""

    def __init__(
        self,
        *,
        rules: Rules,
        inserter: Inserter,
        fence: Fence,
        metrics: Metrics,
        recover: Callable[[int], Awaitable[Shard]],
        erase: Callable[[Erasing, int], Awaitable[ErasedRows]],
        kept_ms: Mapping[str, int],
        max_payload_bytes: int,
        blocks_at_once: int,
        reached: Reached,
    ):
        self._rules = rules
        self._inserter = inserter
        self._fence = fence
        self._metrics = metrics
        self._recover = recover
        self._erase = erase
        self._kept_ms = kept_ms
        self._max_payload_bytes = max_payload_bytes
        self._room = asyncio.Semaphore(blocks_at_once)
        self._reached = reached

    async def commit(self, writer: PartitionWriter, shard: Shard, records: KafkaRecords) -> Shard:
        """Commit one block; gives the shard that holds it.

        Args:
            writer: the partition's, open.
            shard: the state before the block. It is changed, and not to be used again.

        Raises:
            Exception: the block is not committed, and the process must end (stop rather than guess).
        """
        began_at = time.perf_counter()
        before = Position(shard.offset, shard.watermark, shard.partitions)
        excluded: dict[int, BadRecord] = {}
        async with self._room:
            while True:
                try:
                    effects, bad, erased = await self._insert_rows(excluded, shard, records)
                    break
                except RecordsRefused as refusal:
                    excluded |= refusal.refused  # The shard has counted them.
                    shard = await self._recovered(writer, before)
        # Outside the room: while the broker answers, another partition's block is decompressed and inserted.
        told = announcements(effects.announced, erased, self._kept_ms)
        await self._write(writer, records, effects, bad, told)
        self._metrics.commit_seconds.observe(time.perf_counter() - began_at)
        self._metrics.block_records.observe(len(records))
        self._metrics.block_bytes.observe(sum(len(record.value or b"") for record in records))
        self._metrics.count(effects.counts)
        return shard

    async def _recovered(self, writer: PartitionWriter, before: Position) -> Shard:
        """State before the block: what the changelog holds, and how far blocks not written had come.

        The broker answers a commit before its records can be read. Until they can, the state is an older one.
        """
        while (shard := await self._recover(writer.partition)).offset < writer.position:
            self._fence.check("begin a block again")
            await asyncio.sleep(UNREADABLE_S)
        shard.apply(POSITION_KEY, encode_position(before))
        shard.partitions = before.partitions
        return shard

    async def _insert_rows(
        self, excluded: Mapping[int, BadRecord], shard: Shard, records: KafkaRecords
    ) -> tuple[Effects, dict[int, BadRecord], list[tuple[Erasing, ErasedRows]]]:
        """Run the block, erase and insert rows; gives the rest: effects, bad records by offset, what went."""
        read = await asyncio.to_thread(read_block, records, self._max_payload_bytes, excluded)
        effects = run_block(shard, read.records, records[-1].offset, self._rules)
        token = block_token(records, excluded)

        rows = self._recording_rows(effects, shard.partition, read)
        erased = await self._erase_rows(effects, shard.partition)
        self._reached(Step.BEFORE_INSERT)
        await self._insert_recordings(rows, token)
        self._reached(Step.AFTER_RECORDINGS_INSERT)
        await self._insert_sessions(effects, token)
        self._reached(Step.AFTER_SESSIONS_INSERT)
        return effects, _bad_records(excluded, read, effects), erased

    async def _erase_rows(self, effects: Effects, partition: int) -> list[tuple[Erasing, ErasedRows]]:
        """Before the block's rows: what goes is of earlier blocks, since its own such rows are withheld."""
        erased: list[tuple[Erasing, ErasedRows]] = []
        for erasing in effects.erasures:
            self._fence.check("erase rows")
            erased.append((erasing, await self._erase(erasing, partition)))
            self._reached(Step.AFTER_ERASURE)
        return erased

    def _recording_rows(self, effects: Effects, partition: int, read: ReadBlock) -> dict[int, Pieces]:
        rows: dict[int, Pieces] = {}
        refused: dict[int, BadRecord] = {}
        for assigned in effects.assigned:
            try:
                rows[assigned.offset] = recordings.recording_row(
                    assigned, partition, read.texts[assigned.offset]
                )
            except UndecodablePayload as error:
                refused[assigned.offset] = BadRecord(error.reason, error.detail)
            except Unwritable as error:
                refused[assigned.offset] = BadRecord("impossible_value", str(error))
        if refused:
            raise RecordsRefused(refused)
        return rows

    async def _insert_recordings(self, rows: Mapping[int, Pieces], token: str) -> None:
        try:
            await self._insert(recordings.TABLE, list(recordings.COLUMNS), list(rows.values()), token)
        except RowsRefused:
            raise RecordsRefused(await self._refused_alone(rows, token)) from None

    async def _refused_alone(self, rows: Mapping[int, Pieces], token: str) -> dict[int, BadRecord]:
        """Which rows ClickHouse refuses. Those it takes are there already when the block comes again."""
        refused: dict[int, BadRecord] = {}
        for offset, row in rows.items():
            try:
                await self._insert(
                    recordings.TABLE, list(recordings.COLUMNS), [row], f"{token}-alone-{offset}"
                )
            except RowsRefused as error:
                refused[offset] = BadRecord("refused_by_clickhouse", str(error))
        if not refused:
            raise RowsRefused(f"block {token} is refused, and each of its rows is taken")
        return refused

    async def _insert_sessions(self, effects: Effects, token: str) -> None:
        rows = [sessions.session_row(session) for session in effects.sessions]
        await self._insert(sessions.TABLE, list(sessions.COLUMNS), rows, token)

    async def _insert(self, table: str, columns: Sequence[str], rows: Sequence[Pieces], token: str) -> None:
        if not rows:
            return
        self._fence.check(f"insert into {table}")
        with self._metrics.insert_seconds.labels(table).time():
            await self._inserter.insert(table, columns, b"".join(chain.from_iterable(rows)), token)

    async def _write(
        self,
        writer: PartitionWriter,
        records: KafkaRecords,
        effects: Effects,
        bad: Mapping[int, BadRecord],
        told: Iterable[Outgoing],
    ) -> None:
        """Write to Kafka what the block asks for, if it has to be written: all of it, or nothing."""
        position = records[-1].offset
        changed = bool(bad) or len(effects.changelog) > 1
        if not must_be_written(changed=changed, position=position, written=writer.position):
            return
        self._fence.check("begin a transaction")
        try:
            async with asyncio.timeout(TRANSACTION_TIMEOUT_MS / 1000):
                await self._write_transaction(writer, records, effects, bad, told)
        except ProducerFenced as error:
            self._fence.taken_over(writer.partition, error)
        except TimeoutError as error:
            raise NotCommitted(f"no answer within {TRANSACTION_TIMEOUT_MS} ms") from error
        writer.position = position
        self._tell_of(bad, records)

    async def _write_transaction(
        self,
        writer: PartitionWriter,
        records: KafkaRecords,
        effects: Effects,
        bad: Mapping[int, BadRecord],
        told: Iterable[Outgoing],
    ) -> None:
        await writer.begin()
        for record in records:
            if (reason := bad.get(record.offset)) is not None:
                await writer.send(dead_letter(record, reason))
        for record_of_session in told:
            await writer.send(record_of_session)
        await writer.send_changelog(effects.changelog)
        self._reached(Step.IN_TRANSACTION)
        await writer.acknowledged()
        self._reached(Step.BEFORE_COMMIT)
        self._fence.check("commit")
        await writer.commit()
        self._reached(Step.AFTER_COMMIT)

    def _tell_of(self, bad: Mapping[int, BadRecord], records: KafkaRecords) -> None:
        for offset, reason in sorted(bad.items()):
            self._metrics.dead_letters.labels(reason.reason).inc()
            log.warning(
                "dead letter",
                partition=records[-1].partition,
                offset=offset,
                reason=reason.reason,
                detail=reason.detail,
            )


def token_start(topic: str, partition: int) -> str:
    """What the tokens of all blocks of a partition begin with."""
    return f"{topic}-{partition}-"


def block_token(records: KafkaRecords, excluded: Mapping[int, BadRecord]) -> str:
    """`insert_deduplication_token` of a block: topic-partition-first-last; its content follows from the log.

    The times of its ends, as the log has them, tell it from a block of a log that was made anew and counts
    from 0 again (ADR 31). Without records that ClickHouse refused it is another block and has another token.
    """
    first, last = records[0], records[-1]
    offsets_and_times = f"{first.offset}-{last.offset}@{first.timestamp}-{last.timestamp}"
    token = token_start(first.topic, first.partition) + offsets_and_times
    return "-without-".join([token, *map(str, sorted(excluded))])


def _bad_records(
    excluded: Mapping[int, BadRecord], read: ReadBlock, effects: Effects
) -> dict[int, BadRecord]:
    rejected = {each.offset: BadRecord(each.reason, each.detail) for each in effects.rejected}
    return {**read.bad, **rejected, **excluded}
