"""A block's commit: output first, then state, then offset (design.md section 6, "Commit order").

Output to ClickHouse is written again, identically, if the process dies before the state is; it never shows
twice. All that the block writes to Kafka is one transaction, with the position in it: it is there or not, and
a worker that lost its partition cannot commit it (ADR 50). The order of the steps is the guarantee: change
nothing here without the fault tests.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping

import structlog
from aiokafka.errors import ProducerFenced

from sessionizer.core.block import run_block
from sessionizer.core.effects import Effects
from sessionizer.core.rules import Rules
from sessionizer.core.state import POSITION_KEY, Position, Shard, encode_position
from sessionizer.core.written import must_be_written
from sessionizer.worker.announce import announcements
from sessionizer.worker.block_reader import ReadBlock
from sessionizer.worker.dead_letters import BadRecord, dead_letter
from sessionizer.worker.fence import Fence
from sessionizer.worker.kafka_record import KafkaRecords
from sessionizer.worker.metrics import Metrics
from sessionizer.worker.output import Erased, Output, RecordsRefused
from sessionizer.worker.steps import Reached, Step
from sessionizer.worker.transaction import TRANSACTION_TIMEOUT_MS, NotCommitted, Outgoing, PartitionWriter

UNREADABLE_S = 0.05
"""Between two looks for a transaction that is committed and cannot be read yet."""

log = structlog.get_logger(__name__)


class Committer:
    """Commits blocks of any partition; holds none of their state."""

    def __init__(
        self,
        *,
        rules: Rules,
        output: Output,
        fence: Fence,
        metrics: Metrics,
        recover: Callable[[int], Awaitable[Shard]],
        kept_ms: Mapping[str, int],
        blocks_at_once: int,
        reached: Reached,
    ):
        self._rules = rules
        self._output = output
        self._fence = fence
        self._metrics = metrics
        self._recover = recover
        self._kept_ms = kept_ms
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
                    effects, bad, erased = await self._put_out(excluded, shard, records)
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

    async def _put_out(
        self, excluded: Mapping[int, BadRecord], shard: Shard, records: KafkaRecords
    ) -> tuple[Effects, dict[int, BadRecord], Erased]:
        """Run the block and put its output out; gives the rest: effects, bad records by offset, what went."""
        read = await asyncio.to_thread(self._output.read, records, excluded)
        effects = run_block(shard, read.records, records[-1].offset, self._rules)
        erased = await self._output.write(effects, read, block_token(records, excluded))
        return effects, _bad_records(excluded, read, effects), erased

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
