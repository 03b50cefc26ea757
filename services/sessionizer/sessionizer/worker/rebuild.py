"""Makes state that was lost anew from `playhead.batches`: what `playhead-sessionizer rebuild` does.

What the worker had read before is folded into state again by the same core: the same log gives the same ids
and versions. Nothing else is written, neither rows nor dead letters nor what other systems are told: the
worker had written those before it committed the offset. From there on the worker goes on by itself.

Killed at any moment it is to be run again, and begins anew: a partition's position goes first and is written
last, and without it no worker starts.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.structs import OffsetAndMetadata

from schemas import dead_letter, envelope
from schemas.dead_letter import Letter, NotADeadLetter
from schemas.envelope import UnreadableEnvelope
from schemas.topic import BATCHES, DEAD_LETTERS, SESSIONIZER_CHANGELOG
from sessionizer.core.block import BlockLimits
from sessionizer.core.rules import Rules
from sessionizer.core.state import POSITION_KEY, ChangelogEntry, Seen, Shard, decode_position
from sessionizer.sink.cut_sessions import CutSession, CutSessions
from sessionizer.worker.continuity import Committed, admin_of, commit_note, count_of, find, members
from sessionizer.worker.hanging import end_hanging
from sessionizer.worker.rebuild_fold import (
    DEFAULT_GAP_MS,
    DEFAULT_MAX_SESSION_MS,
    Fold,
    Remembered,
    carry_over,
    joined,
)
from sessionizer.worker.rebuild_plan import PartitionPlan, RebuildRefused, plan_rebuild, told
from sessionizer.worker.state_size import StateSize, state_size
from sessionizer.worker.topic_reader import bounds, fetches, topic_reader
from sessionizer.worker.transaction import PartitionWriter, transactional_producer

TELL_EVERY_S = 5.0
ENTRIES_AT_ONCE = 20_000
"""Records of the changelog in a transaction: it is open for seconds, not for minutes."""

log = structlog.get_logger(__name__)

Dead = set[tuple[int, int | None]]
"""Offset and timestamp of records that became dead letters."""


class Rebuild:
    """One rebuild of all partitions."""

    def __init__(
        self,
        *,
        bootstrap: str,
        group: str,
        rules: Rules,
        limits: BlockLimits,
        cut_sessions: CutSessions,
        tell: Callable[[str], None],
        agreed: Callable[[], bool],
    ):
        """
        Args:
            tell: is given lines for the person at the terminal.
            agreed: asks that person, once the plan is told.
        """
        self._bootstrap = bootstrap
        self._group = group
        self._rules = rules
        self._limits = limits
        self._cut_sessions = cut_sessions
        self._tell = tell
        self._agreed = agreed

    async def run(self) -> list[StateSize]:
        """Gives the size of each partition's new state.

        Raises:
            RebuildRefused: it would do harm, or the person did not agree.
            UnusableState: a transaction hangs in the changelog that cannot be ended.
            aiokafka.errors.KafkaError: the broker cannot be reached, or a worker was started meanwhile.
            clickhouse_connect.driver.exceptions.Error: the tables cannot be read.
        """
        async with AsyncExitStack() as stack:
            admin = await stack.enter_async_context(admin_of(self._bootstrap))
            await self._refuse_members(admin)
            plans, held = await self._plan(admin)
            for line in told(plans):
                self._tell(line)
            if not self._agreed():
                raise RebuildRefused("not agreed to; nothing was changed")
            # A worker that is started from here on fences these off, and nothing more is written.
            writers = [await self._writer(stack, plan.partition) for plan in plans]
            await self._refuse_members(admin)
            # In the changelog it is aborted, whatever was heard: what is replaced was planned without it.
            await end_hanging(
                self._bootstrap, {writer.partition: writer.producer for writer in writers}, _nothing
            )
            dead = await self._dead_letters(admin)
            sizes = []
            for plan, writer in zip(plans, writers, strict=True):
                shard = await self._fold(plan, len(plans), dead.get(plan.partition, set()))
                await self._write(writer, shard, plan, held[plan.partition])
                sizes.append(state_size(shard))
            await self._commit(plans)
        return sizes

    async def _refuse_members(self, admin: AIOKafkaAdminClient) -> None:
        if found := await members(admin, self._group):
            raise RebuildRefused(
                f"{found} workers are in the group {self._group}: stop them first. One that was killed, "
                "ended itself or has an instance id stays in it for another session timeout after its end"
            )

    async def _plan(self, admin: AIOKafkaAdminClient) -> tuple[list[PartitionPlan], dict[int, set[bytes]]]:
        """And the keys that each partition of the changelog has."""
        found = await find(admin, self._group)
        changelog_partitions = await count_of(admin, SESSIONIZER_CHANGELOG)
        if changelog_partitions != found.partitions or not found.partitions:
            raise RebuildRefused(
                f"{BATCHES} has {found.partitions} partitions and {SESSIONIZER_CHANGELOG} has "
                f"{changelog_partitions}: give both as many first"
            )
        positions: dict[int, tuple[int, int]] = {}
        held: dict[int, set[bytes]] = {}
        async with topic_reader(self._bootstrap) as reader:
            log_bounds = await bounds(reader, BATCHES, found.partitions)
            for number, (start, end) in (
                await bounds(reader, SESSIONIZER_CHANGELOG, found.partitions)
            ).items():
                keys = held[number] = set()
                tp = TopicPartition(SESSIONIZER_CHANGELOG, number)
                async for fetched in fetches(reader, tp, start, end):
                    for record in fetched:
                        if record.key is None:
                            continue
                        if record.key != POSITION_KEY:
                            (keys.discard if record.value is None else keys.add)(record.key)
                        elif record.value is None:
                            positions.pop(number, None)
                        else:
                            position = decode_position(record.value)
                            positions[number] = position.offset, position.partitions
        replaced = {number: len(keys) for number, keys in held.items()}
        return plan_rebuild(log_bounds, found.committed, positions, replaced), held

    async def _writer(self, stack: AsyncExitStack, partition: int) -> PartitionWriter:
        producer = transactional_producer(self._bootstrap, f"{self._group}-rebuild-{partition}", partition)
        writer = PartitionWriter(producer, partition)
        stack.push_async_callback(writer.close)
        await writer.open()
        return writer

    async def _dead_letters(self, admin: AIOKafkaAdminClient) -> Mapping[int, Dead]:
        """Records of `playhead.batches` of which nothing was made, by partition."""
        dead: dict[int, Dead] = {}
        async with topic_reader(self._bootstrap) as reader:
            of_topic = await bounds(reader, DEAD_LETTERS, await count_of(admin, DEAD_LETTERS))
            for number, (start, end) in of_topic.items():
                async for fetched in fetches(reader, TopicPartition(DEAD_LETTERS, number), start, end):
                    for record in fetched:
                        try:
                            letter = dead_letter.read(record.key, record.headers)
                        except NotADeadLetter as error:
                            log.warning("not a dead letter", offset=record.offset, why=str(error))
                            continue
                        if isinstance(letter, Letter) and letter.position.topic == BATCHES:
                            of_partition = dead.setdefault(letter.position.partition, set())
                            of_partition.add((letter.position.offset, letter.recorded_at))
        return dead

    async def _fold(self, plan: PartitionPlan, partitions: int, dead: Dead) -> Shard:
        shard = Shard(plan.partition)
        shard.partitions = partitions
        if plan.read_to == 0:
            return shard
        async with topic_reader(self._bootstrap) as reader:
            tp = TopicPartition(BATCHES, plan.partition)
            cut = await self._cut(reader, plan) if plan.start > 0 else []
            fold = Fold(shard, self._limits, self._rules, seen_of(cut), dead)
            told_at = time.monotonic()
            async for fetched in fetches(reader, tp, plan.start, plan.read_to):
                fold.take(fetched)
                if time.monotonic() - told_at >= TELL_EVERY_S:
                    told_at = time.monotonic()
                    self._tell(
                        f"partition {plan.partition}: at {fetched[-1].offset} of {plan.read_to}, "
                        f"{shard.active_sessions} live sessions"
                    )
        fold.finish(plan.read_to - 1)
        carried = carry_over(shard, self._remembered(cut, fold), plan.read_to - 1, self._rules)
        if cut:
            self._tell(
                f"partition {plan.partition}: {len(cut)} sessions began before the log's start; "
                f"{fold.passed_over} batches of them were passed over, {carried} of them go on"
            )
        return shard

    async def _cut(self, reader: AIOKafkaConsumer, plan: PartitionPlan) -> list[CutSession]:
        """What the tables have of sessions that began before the log's start."""
        tp = TopicPartition(BATCHES, plan.partition)
        _, end = (await bounds(reader, BATCHES, plan.partition + 1))[plan.partition]
        async for fetched in fetches(reader, tp, plan.start, end):
            for record in fetched:
                try:
                    received_at = envelope.decode(record.value or b"").received_at
                except UnreadableEnvelope:
                    continue
                return await self._cut_sessions.find(plan.partition, plan.start, received_at)
        # Nothing is left of the log: all sessions began before it.
        return await self._cut_sessions.find(plan.partition, plan.start, time.time_ns() // 1_000_000)

    def _remembered(self, cut: Iterable[CutSession], fold: Fold) -> list[Remembered]:
        default = DEFAULT_GAP_MS, DEFAULT_MAX_SESSION_MS
        return [
            Remembered(
                each.key,
                each.session(*fold.settings.get(each.key, default), self._rules.grace_ms),
                each.seen,
            )
            for each in cut
        ]

    async def _write(
        self, writer: PartitionWriter, shard: Shard, plan: PartitionPlan, held: set[bytes]
    ) -> None:
        """First a tombstone of the position, which makes void what was there; the position itself last.

        Without it no worker takes what is there for the state.
        """
        entries: list[ChangelogEntry] = [(POSITION_KEY, None)]
        entries += ((key, None) for key in held if key not in shard.visitors)
        if plan.read_to > 0:
            entries += shard.seal(list(shard.visitors), plan.read_to - 1)
        for piece in _in_pieces(entries, ENTRIES_AT_ONCE):
            await writer.begin()
            await writer.send_changelog(piece)
            await writer.acknowledged()
            await writer.commit()
        self._tell(f"partition {plan.partition}: rebuilt from {plan.records} records")

    async def _commit(self, plans: Sequence[PartitionPlan]) -> None:
        """Let the group's commits note the count too; the last step, since with it workers may start."""
        offsets = {
            TopicPartition(BATCHES, plan.partition): OffsetAndMetadata(plan.read_to, commit_note(len(plans)))
            for plan in plans
            if plan.read_to > 0
        }
        if not offsets:
            return
        async with AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap.split(","), group_id=self._group, enable_auto_commit=False
        ) as consumer:
            consumer.assign(list(offsets))
            await consumer.commit(offsets)


def seen_of(cut: Iterable[CutSession]) -> dict[bytes, dict[str, Seen]]:
    """What arrived in these sessions, by visitor key and window."""
    found: dict[bytes, dict[str, Seen]] = {}
    for each in cut:
        of_visitor = found.setdefault(each.key, {})
        for window, seen in each.seen.items():
            held = of_visitor.get(window)
            of_visitor[window] = seen if held is None else joined(held, seen)
    return found


async def _nothing() -> Mapping[int, Committed]:
    return {}


def _in_pieces(entries: Sequence[ChangelogEntry], size: int) -> Iterator[Sequence[ChangelogEntry]]:
    return (entries[at : at + size] for at in range(0, len(entries), size))
