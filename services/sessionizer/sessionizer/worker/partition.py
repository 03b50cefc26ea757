"""One owned partition: its records wait here, are cut into blocks, and a block at a time is committed.

Back-pressure begins here: while a block is being committed what is fetched waits, and over a limit the
partition is paused. Knows order and offsets; what a record means is decided elsewhere.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog

from sessionizer.core.block import BlockEnds, BlockLimits
from sessionizer.core.state import Shard
from sessionizer.worker.kafka_record import KafkaRecord, KafkaRecords

log = structlog.get_logger(__name__)


class OffsetGap(RuntimeError):  # noqa: N818
    """The record that came is not the one that follows, and the log still has those between."""


class Flow(Protocol):
    """Pauses and resumes fetching of one partition."""

    def pause(self) -> None: ...

    def resume(self) -> None: ...


class OwnedPartition:
    """Runs from the take-over to the give-up of one partition."""

    def __init__(
        self,
        shard: Shard,
        limits: BlockLimits,
        queue_bytes: int,
        flow: Flow,
        log_start: Callable[[], Awaitable[int]],
        commit: Callable[[Shard, KafkaRecords], Awaitable[Shard]],
        clock: Callable[[], float] = time.monotonic,
    ):
        self.shard = shard
        self.position = shard.offset
        """The last record of the last committed block."""
        self._ends = BlockEnds(limits)
        self._queue_bytes = queue_bytes
        self._queue_records = limits.records
        self._flow = flow
        self._log_start = log_start
        self._commit = commit
        self._clock = clock
        self.fetched = shard.offset
        """The last record that was fetched."""
        self.at_work_since_s: float | None = None
        """When the block at work began, on the monotonic clock."""
        self._expected = shard.offset + 1
        self._waiting: deque[KafkaRecord] = deque()
        self._waiting_bytes = 0
        self._arrived = asyncio.Event()
        self._paused = False
        self._closing = False
        self.at_rest = asyncio.Event()
        """Set while no block is at work."""
        self.at_rest.set()

    @property
    def paused(self) -> bool:
        return self._paused

    @property
    def waiting_bytes(self) -> int:
        """Of records that were fetched and are in no block yet."""
        return self._waiting_bytes

    def receive(self, records: KafkaRecords) -> None:
        """Take what was fetched, in order."""
        if not records:
            return
        self._waiting.extend(records)
        self.fetched = records[-1].offset
        self._waiting_bytes += sum(map(_size, records))
        self._arrived.set()
        if not self._paused and self._waits_more_than(self._queue_bytes, self._queue_records):
            self._paused = True
            self._flow.pause()

    def _waits_more_than(self, waiting_bytes: int, records: int) -> bool:
        return self._waiting_bytes >= waiting_bytes or len(self._waiting) >= records

    def close(self) -> None:
        """Begin no further block. One that is at work goes on."""
        self._closing = True
        self._arrived.set()

    async def run(self) -> None:
        """Cut and commit blocks until closed.

        Raises:
            OffsetGap: a record is missing.
            Exception: whatever the commit could not do.
        """
        while (block := await self._next_block()) is not None:
            self.at_rest.clear()
            self.at_work_since_s = self._clock()
            self.shard = await self._commit(self.shard, block)
            self.position = block[-1].offset
            self.at_work_since_s = None
            self.at_rest.set()

    async def _next_block(self) -> list[KafkaRecord] | None:
        """The records of the next block, once its last one is here; None when closed."""
        block: list[KafkaRecord] = []
        waiting, ends_with = self._waiting, self._ends.ends_with
        while not self._closing:
            while waiting:
                record = waiting.popleft()
                offset, size = record.offset, _size(record)
                self._waiting_bytes -= size
                if self._paused and not self._waits_more_than(
                    self._queue_bytes // 2, self._queue_records // 2
                ):
                    self._paused = False
                    self._flow.resume()
                if offset != self._expected:
                    await self._verify_log_start(offset)
                self._expected = offset + 1
                block.append(record)
                # A tick is the record without a key: the block's end must not depend on what can be read.
                if ends_with(size, is_tick=record.key is None):
                    return block
            self._arrived.clear()
            await self._arrived.wait()
        return None

    async def _verify_log_start(self, offset: int) -> None:
        start = await self._log_start()
        if offset < self._expected or offset > start:
            raise OffsetGap(f"offset {offset} instead of {self._expected}, and the log starts at {start}")
        log.error("records were deleted before they were read", first=self._expected, last=offset - 1)


def _size(record: KafkaRecord) -> int:
    return len(record.value) if record.value is not None else 0
