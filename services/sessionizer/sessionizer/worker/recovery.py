"""From an assignment to shards: reads the changelog to its end, and says where the log is to be read on.

The state's own position decides, whatever was committed. Reads in whole fetches with a consumer of its own,
so nothing of the group's flow control can come between, and only committed records: a block that its owner
did not finish is not there. Knows Kafka; what a changelog record means is in `core.state`.
"""

from collections.abc import Collection

import structlog
from aiokafka import TopicPartition

from schemas.topic import BATCHES, SESSIONIZER_CHANGELOG
from sessionizer.core.state import Shard
from sessionizer.worker.continuity import UnusableState
from sessionizer.worker.topic_reader import POLL_MS, topic_reader

log = structlog.get_logger(__name__)


class Recovery:
    def __init__(self, bootstrap: str):
        self._bootstrap = bootstrap
        self.records_read = 0
        """Of the changelog, by this worker so far: it shows that a long recovery goes on."""

    async def shards(self, partitions: Collection[int]) -> dict[int, Shard]:
        """The state of these partitions as the changelog's end, at the time of the call, has it.

        The end is that of the last committed transaction: open the partition's writer first, so that no
        transaction of a former owner can still be committed after it was passed over here.

        Raises:
            msgspec.DecodeError: a changelog record is not ours.
            aiokafka.errors.KafkaError: the broker cannot be reached.
        """
        shards = {partition: Shard(partition) for partition in partitions}
        if not shards:
            return shards
        async with topic_reader(self._bootstrap) as reader:
            assigned = [TopicPartition(SESSIONIZER_CHANGELOG, partition) for partition in partitions]
            reader.assign(assigned)
            ends = await reader.end_offsets(assigned)
            await reader.seek_to_beginning(*assigned)
            behind = set(assigned)
            while behind:
                for tp in list(behind):
                    if await reader.position(tp) >= ends[tp]:
                        behind.discard(tp)
                        reader.pause(tp)
                if behind:
                    fetched = await reader.getmany(*behind, timeout_ms=POLL_MS)
                    for tp, records in fetched.items():
                        apply = shards[tp.partition].apply
                        for record in records:
                            apply(record.key, record.value)
                        self.records_read += len(records)
        for shard in shards.values():
            shard.rebuild_deadlines()
        return shards

    async def read_from(self, shards: Collection[Shard]) -> dict[int, int]:
        """The offset of `playhead.batches` that each partition is to be read from, by partition.

        Raises:
            UnusableState: the log ends before the state's position, so it is another log.
        """
        if not shards:
            return {}
        async with topic_reader(self._bootstrap, "read_uncommitted") as reader:
            partitions = [TopicPartition(BATCHES, shard.partition) for shard in shards]
            starts = await reader.beginning_offsets(partitions)
            ends = await reader.end_offsets(partitions)
        found: dict[int, int] = {}
        for shard in shards:
            tp = TopicPartition(BATCHES, shard.partition)
            next_offset = shard.offset + 1
            if next_offset > ends[tp]:
                raise UnusableState(f"{tp} ends at {ends[tp]}, its state has read up to {next_offset}")
            found[shard.partition] = max(next_offset, starts[tp])
        return found

    async def log_start(self, partition: int) -> int:
        """The first offset that the partition of `playhead.batches` still has."""
        async with topic_reader(self._bootstrap, "read_uncommitted") as reader:
            tp = TopicPartition(BATCHES, partition)
            start: int = (await reader.beginning_offsets([tp]))[tp]
        return start
