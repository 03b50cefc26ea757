"""Transactions of a former owner that the broker called ended, and did not end in a partition (ADR 107).

Kafka 4.3 passes over a partition that has no leader at the moment when it writes a transaction's markers, and
then takes the transaction for complete: for `KRaftMetadataCache.getPartitionLeaderEndpoint` a partition
without a leader is one that was deleted. What is behind such a transaction no reader of committed records
ever sees: a worker would find an older state, or none. And the producer's next transaction would end it as
its own.

Whoever has opened a partition's writer was told that nothing of a former owner is open. So what is, hangs:
no waiting makes it surer.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import ClusterAuthorizationFailedError

from schemas.topic import DEAD_LETTERS, SESSIONIZER_CHANGELOG, SESSIONS
from sessionizer.core.state import POSITION_KEY, decode_position
from sessionizer.worker.continuity import Committed, UnusableState
from sessionizer.worker.open_transactions import OpenTransaction, OpenTransactions, transactions_in
from sessionizer.worker.topic_reader import fetches, topic_reader
from sessionizer.worker.transaction import Producer

WRITTEN = (SESSIONIZER_CHANGELOG, SESSIONS, DEAD_LETTERS)
"""The topics that a block's transaction may have records in."""

log = structlog.get_logger(__name__)


def left_open(found: Iterable[OpenTransaction], producers: Mapping[int, Producer]) -> list[OpenTransaction]:
    """Those of these producers, by partition, that were begun before they were opened."""
    opened = {each.id: each.epoch for each in producers.values()}
    return [each for each in found if each.producer_epoch < opened.get(each.producer_id, -1)]


def of_others(found: Iterable[OpenTransaction], producers: Mapping[int, Producer]) -> str | None:
    """Why state cannot be read: who is not the owner has a transaction open in the changelog. None if nobody.

    All owners have the same producer id, unless the broker has forgotten it (`transactional.id.expiration`).
    """
    strange = [
        each
        for each in found
        if each.tp.topic == SESSIONIZER_CHANGELOG
        and (owner := producers.get(each.tp.partition)) is not None
        and each.producer_id != owner.id
    ]
    if not strange:
        return None
    tp, producer_id, _, _, first_offset = strange[0]
    return (
        f"{tp.topic} has in partition {tp.partition}, from offset {first_offset} on, an open transaction of "
        f"producer {producer_id}, which does not own it: the state behind it cannot be read. "
        "`kafka-transactions.sh describe-producers` shows it, and `abort` ends it (docs/reliability.md)"
    )


def was_acknowledged(last_position: int | None, committed: Committed | None) -> bool:
    """Whether the worker had heard that its transaction with this position is committed.

    Only then did it commit the offset behind it for the group. Of another it knew nothing yet, and its block
    is begun again.
    """
    return last_position is not None and committed is not None and committed.offset > last_position


async def end_hanging(
    bootstrap: str,
    producers: Mapping[int, Producer],
    committed: Callable[[], Awaitable[Mapping[int, Committed]]],
) -> list[tuple[OpenTransaction, bool]]:
    """End what hangs of former owners; gives what that was, and whether it is committed.

    In the changelog it is committed if the worker had heard so, else aborted: its block is begun again, which
    gives the same rows. In the other topics it is committed: that is of a block whose rows are in ClickHouse.
    Said twice, it says the same; aborted, it would never have been said.

    Args:
        producers: of the partitions taken over, opened.
        committed: asks what the group has committed, by partition.

    Raises:
        UnusableState: another's transaction is open in the changelog, or the broker lets us end none.
        aiokafka.errors.KafkaError: the broker cannot be reached.
    """
    async with transactions_in(bootstrap, WRITTEN) as transactions:
        found = await transactions.find(places(transactions, producers))
        if (refused := of_others(found, producers)) is not None:
            raise UnusableState(refused)
        hanging = left_open(found, producers)
        acknowledged = await committed() if hanging else {}
        ended = []
        for each in hanging:
            commit = each.tp.topic != SESSIONIZER_CHANGELOG or was_acknowledged(
                await _last_position(bootstrap, each), acknowledged.get(each.tp.partition)
            )
            await _end(transactions, each, commit=commit)
            ended.append((each, commit))
    return ended


def places(transactions: OpenTransactions, producers: Iterable[int]) -> list[TopicPartition]:
    """Where the owners of these partitions write."""
    others = [
        tp for topic in WRITTEN if topic != SESSIONIZER_CHANGELOG for tp in transactions.partitions_of(topic)
    ]
    return [*(TopicPartition(SESSIONIZER_CHANGELOG, number) for number in producers), *others]


async def _last_position(bootstrap: str, hanging: OpenTransaction) -> int | None:
    """The last that is written from the transaction's start on; None if there is none."""
    last = None
    async with topic_reader(bootstrap, "read_uncommitted") as reader:
        end = (await reader.end_offsets([hanging.tp]))[hanging.tp]
        async for records in fetches(reader, hanging.tp, hanging.first_offset, end):
            for record in records:
                if record.key == POSITION_KEY:
                    last = None if record.value is None else decode_position(record.value).offset
    return last


async def _end(transactions: OpenTransactions, hanging: OpenTransaction, *, commit: bool) -> None:
    tp, producer_id, epoch, _, first_offset = hanging
    try:
        await transactions.end(hanging, commit=commit)
    except ClusterAuthorizationFailedError as error:
        raise UnusableState(
            f"{tp.topic} has in partition {tp.partition}, from offset {first_offset} on, a transaction that "
            "the broker called ended and did not end, and this worker may not: allow it ClusterAction on "
            "the cluster (docs/reliability.md)"
        ) from error
    log.warning(
        "ended a transaction that hung",
        topic=tp.topic,
        partition=tp.partition,
        first_offset=first_offset,
        producer_id=producer_id,
        producer_epoch=epoch,
        committed=commit,
    )
