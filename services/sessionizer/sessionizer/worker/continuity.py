"""Whether a worker may go on from the state that it found, or has to refuse and say what a person can do.

A visitor's partition follows from its key and the count of partitions. With another count its batches are in
another partition than its state, and it would begin a second session beside the first. State that is lost
looks like a first start, but for the offsets that the group has committed: Kafka drops those with the topic.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import NamedTuple, NoReturn, Protocol, TypeVar

import structlog
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from aiokafka.structs import OffsetAndMetadata, TopicPartition

from schemas.topic import BATCHES, SESSIONIZER_CHANGELOG
from sessionizer.core.state import Shard

LOOK_EVERY_S = 5.0
ANSWER_WAIT_S = 30.0
ANSWER_RETRY_S = 0.2
REBUILD = "stop every worker and run `playhead-sessionizer rebuild` (docs/reliability.md)"

T = TypeVar("T")

log = structlog.get_logger(__name__)


class UnusableState(RuntimeError):  # noqa: N818
    """State and log do not belong together; going on would be a guess."""


class Committed(NamedTuple):
    """What the group has committed for a partition of `playhead.batches`."""

    offset: int
    """The next one to be read: all before it are in the state, and what they ask for is written."""
    partitions: int
    """How many partitions there were, 0 where that was not noted."""


def commit_note(partitions: int) -> str:
    """What is committed beside an offset. It tells the count also of partitions that another worker has."""
    return f"partitions={partitions}"


def noted_partitions(note: str) -> int:
    """The count in a commit's note; 0 where there is none, as in commits of earlier releases."""
    found = re.fullmatch(r"partitions=(\d{1,9})", note)
    return int(found[1]) if found else 0


def other_count(partitions: int, noted: Iterable[int]) -> str | None:
    """Why the count of partitions is not the one that was noted; None where it is."""
    others = sorted({count for count in noted if count not in (0, partitions)})
    if not others:
        return None
    had = " and ".join(map(str, others))
    return (
        f"{BATCHES} has {partitions} partitions, and had {had} when the state was written: visitors are in "
        f"other partitions now than their state is. To go on with {partitions}, {REBUILD}"
    )


def lost_state(shards: Iterable[Shard], committed: Mapping[int, Committed]) -> str | None:
    """Why state must have been lost: a partition was read and has no position. None where it was not."""
    lost = sorted(
        shard.partition
        for shard in shards
        if shard.offset < 0 and (found := committed.get(shard.partition)) is not None and found.offset > 0
    )
    if not lost:
        return None
    return (
        f"{SESSIONIZER_CHANGELOG} has no position for partitions {lost} of {BATCHES}, which were read: their "
        f"state is lost. To have it again, {REBUILD}"
    )


class Found(NamedTuple):
    """What the broker says."""

    partitions: int
    """Of `playhead.batches`."""
    committed: Mapping[int, Committed]


@asynccontextmanager
async def admin_of(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """A client of the broker, connected.

    Raises:
        aiokafka.errors.KafkaConnectionError: no broker answers.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap.split(","))
    try:
        await admin.start()
        yield admin
    finally:
        await admin.close()


async def find(admin: AIOKafkaAdminClient, group: str) -> Found:
    """
    Raises:
        aiokafka.errors.KafkaError: the broker cannot be reached, or knows no coordinator for half a minute.
    """
    offsets: Mapping[TopicPartition, OffsetAndMetadata] = await answered(
        lambda: admin.list_consumer_group_offsets(group)
    )
    committed = {
        tp.partition: Committed(each.offset, noted_partitions(each.metadata))
        for tp, each in offsets.items()
        if tp.topic == BATCHES and each.offset >= 0
    }
    return Found(await count_partitions(admin), committed)


async def group_commits(bootstrap: str, group: str) -> Mapping[int, Committed]:
    """What the group has committed, by partition of `playhead.batches`.

    Raises:
        aiokafka.errors.KafkaError: as for `find`.
    """
    async with admin_of(bootstrap) as admin:
        return (await find(admin, group)).committed


async def members(admin: AIOKafkaAdminClient, group: str) -> int:
    """How many the group has; none where there is no such group.

    Raises:
        aiokafka.errors.KafkaError: as for `find`.
    """
    answers = await answered(lambda: admin.describe_consumer_groups([group]))
    return sum(len(described[5]) for answer in answers for described in answer.groups)


async def answered(ask: Callable[[], Awaitable[T]]) -> T:
    """What a broker answers. One that has just started, or moves what it is asked for, is asked again.

    Raises:
        aiokafka.errors.KafkaError: asking again is no use, or was not for half a minute.
    """
    deadline = asyncio.get_running_loop().time() + ANSWER_WAIT_S
    while True:
        try:
            return await ask()
        except KafkaError as error:
            if not error.retriable or asyncio.get_running_loop().time() > deadline:
                raise
            await asyncio.sleep(ANSWER_RETRY_S)


async def count_partitions(admin: AIOKafkaAdminClient) -> int:
    """Of `playhead.batches`, as of now; 0 where there is no such topic."""
    return await count_of(admin, BATCHES)


async def count_of(admin: AIOKafkaAdminClient, topic: str) -> int:
    """Partitions of a topic; 0 where there is none."""
    (described,) = await admin.describe_topics([topic])
    return 0 if described["error_code"] else len(described["partitions"])


class End(Protocol):
    def __call__(self, reason: str, **facts: object) -> NoReturn: ...


class Continuity:
    """Asks the broker at every take-over, and every few seconds whether the count is still the same."""

    def __init__(self, bootstrap: str, group: str, end: End):
        self._bootstrap = bootstrap
        self._group = group
        self._end = end
        self.partitions = 0
        """Of `playhead.batches`, as verified; 0 before the first take-over."""

    async def verify(self, shards: Collection[Shard]) -> None:
        """Have every shard note the count of partitions from now on.

        Raises:
            UnusableState: the count was another when the state was written, or the state is lost.
            aiokafka.errors.KafkaError: the broker cannot be reached.
        """
        async with admin_of(self._bootstrap) as admin:
            found = await find(admin, self._group)
        noted = [each.partitions for each in found.committed.values()]
        noted += [shard.partitions for shard in shards]
        refused = other_count(found.partitions, noted) or lost_state(shards, found.committed)
        if refused is not None:
            raise UnusableState(refused)
        for shard in shards:
            shard.partitions = found.partitions
        self.partitions = found.partitions

    async def watch(self) -> None:
        """Until cancelled: end the process once the topic has another count than was verified.

        The consumer would notice too, but only with its next metadata, which is minutes.
        """
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                async with admin_of(self._bootstrap) as admin:
                    now = await count_partitions(admin)
            except KafkaError as error:
                log.warning("count of partitions not known", error=repr(error))
                continue
            if now and self.partitions and (refused := other_count(now, [self.partitions])) is not None:
                self._end("the count of partitions has changed", why=refused)
