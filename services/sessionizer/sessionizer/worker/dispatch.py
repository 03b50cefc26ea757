"""The partitions that this worker owns: taken over at an assignment, fed with what is fetched, given up.

The overrides call it; it starts one `OwnedPartition` for each. Any error of one ends the process.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from functools import partial
from typing import NoReturn, Protocol

import structlog

from schemas.topic import BATCHES
from sessionizer.core.block import BlockLimits
from sessionizer.core.state import Shard
from sessionizer.worker.commit import Committer
from sessionizer.worker.fence import Fence, end_process
from sessionizer.worker.kafka_record import KafkaRecords
from sessionizer.worker.metrics import Metrics
from sessionizer.worker.partition import OwnedPartition
from sessionizer.worker.recovery import Recovery
from sessionizer.worker.transaction import PartitionWriter, Producer

log = structlog.get_logger(__name__)


class Fetching(Protocol):
    """Pauses and resumes fetching from a partition of a topic."""

    def pause(self, topic: str, partition: int) -> None: ...

    def resume(self, topic: str, partition: int) -> None: ...


class PartitionFlow:
    """Fetching of one partition of `playhead.batches`."""

    def __init__(self, fetching: Fetching, partition: int, metrics: Metrics):
        self._fetching = fetching
        self._partition = partition
        self._paused = metrics.paused.labels(partition)

    def pause(self) -> None:
        self._paused.set(1)
        self._fetching.pause(BATCHES, self._partition)

    def resume(self) -> None:
        self._paused.set(0)
        self._fetching.resume(BATCHES, self._partition)


class Dispatch:
    """Implements `overrides.Partitions`."""

    def __init__(
        self,
        *,
        recovery: Recovery,
        end_hanging: Callable[[Mapping[int, Producer]], Awaitable[None]],
        verify: Callable[[Collection[Shard]], Awaitable[None]],
        writer_of: Callable[[int], PartitionWriter],
        committer: Committer,
        fence: Fence,
        fetching: Fetching,
        limits: BlockLimits,
        queue_bytes: int,
        stop_within_ms: int,
        metrics: Metrics,
        end: Callable[..., NoReturn] = end_process,
    ):
        self._recovery = recovery
        self._end_hanging = end_hanging
        self._verify = verify
        self._writer_of = writer_of
        self._committer = committer
        self._fence = fence
        self._fetching = fetching
        self._limits = limits
        self._queue_bytes = queue_bytes
        self._stop_within_s = stop_within_ms / 1000
        self._metrics = metrics
        self._end = end
        self._recovered: dict[int, Shard] = {}
        self._opened: dict[int, PartitionWriter] = {}
        """Of partitions that are taken over, until they are started."""
        self._writers: dict[int, PartitionWriter] = {}
        self._owned: dict[int, OwnedPartition] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self.ready = False
        """Its partitions (there may be none) are recovered and are being read."""

    def owned(self) -> Mapping[int, OwnedPartition]:
        """By number, as of now."""
        return dict(self._owned)

    def producers(self) -> Mapping[int, Producer]:
        """Who writes for the owned partitions, as of now."""
        return {number: writer.producer for number, writer in self._writers.items()}

    async def take_over(self, partitions: set[int], generation: int) -> Mapping[int, int]:
        """Fence off former owners, then recover; gives the offset that each is to be read from.

        Raises:
            UnusableState: state, log and the group's commits do not belong together, or a transaction hangs
                that cannot be ended.
            aiokafka.errors.KafkaError: the broker cannot be reached.
        """
        began_at = time.perf_counter()
        # What is left of a take-over that was not started, because another assignment came.
        await _close(self._opened.values())
        self._fence.check("take partitions over")
        opened = {number: self._writer_of(number) for number in partitions}
        try:
            await asyncio.gather(*(writer.open() for writer in opened.values()))
            await self._end_hanging({number: writer.producer for number, writer in opened.items()})
            recovered = await self._recovery.shards(partitions)
            await self._verify(recovered.values())
            offsets = await self._recovery.read_from(list(recovered.values()))
        except BaseException:
            await _close(opened.values())
            raise
        self._opened, self._recovered = opened, recovered
        took_s = time.perf_counter() - began_at
        visitors = sum(len(shard.visitors) for shard in self._recovered.values())
        self._metrics.rebalances.inc()
        self._metrics.recovery_seconds.set(took_s)
        self._metrics.recovered_visitors.set(visitors)
        log.info(
            "partitions recovered",
            generation=generation,
            read_from=offsets,
            visitors=visitors,
            seconds=round(took_s, 3),
        )
        return offsets

    async def start(self, partitions: set[int], generation: int) -> None:
        for number in partitions:
            shard, writer = self._recovered.pop(number), self._opened.pop(number)
            writer.position = shard.offset
            self._writers[number] = writer
            owned = OwnedPartition(
                shard,
                self._limits,
                self._queue_bytes,
                PartitionFlow(self._fetching, number, self._metrics),
                partial(self._recovery.log_start, number),
                partial(self._committer.commit, writer),
            )
            self._owned[number] = owned
            self._tasks[number] = asyncio.create_task(owned.run(), name=f"partition-{number}")
            self._tasks[number].add_done_callback(self._ended)
        self.ready = True

    def receive(self, partition: int, records: KafkaRecords) -> None:
        if (owned := self._owned.get(partition)) is not None:
            owned.receive(records)

    async def give_up(self, *, stopping: bool) -> None:
        """Finish the blocks at work and let go of all partitions.

        A block that does not finish in time: at a rebalance the process ends, because another worker is about
        to begin that block; at a stop the block is left, and begun again after the next start.
        """
        self.ready = False
        for owned in self._owned.values():
            owned.close()
        at_work = [asyncio.ensure_future(owned.at_rest.wait()) for owned in self._owned.values()]
        if at_work:
            _, unfinished = await asyncio.wait(at_work, timeout=self._stop_within_s)
            if unfinished and not stopping:
                self._end("a block did not finish before its partition was revoked", blocks=len(unfinished))
            if unfinished:
                log.warning("blocks left at the stop, to be begun again", blocks=len(unfinished))
            for each in unfinished:
                each.cancel()
        tasks = list(self._tasks.values())
        for number, task in self._tasks.items():
            task.remove_done_callback(self._ended)
            task.cancel()
            self._metrics.forget_partition(number)
        self._owned.clear()
        self._tasks.clear()
        await asyncio.gather(*tasks, return_exceptions=True)
        writers = list(self._writers.values())
        self._writers.clear()
        await _close(writers)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("processing error", task=task.get_name(), exc_info=error)
            self._end("processing error", task=task.get_name(), error=repr(error))


async def _close(writers: Iterable[PartitionWriter]) -> None:
    await asyncio.gather(*(writer.close() for writer in writers))
