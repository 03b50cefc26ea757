"""One partition's records are cut into blocks, in order and without a gap, and never pile up."""

import asyncio
import contextlib
from collections.abc import Sequence

import pytest

from sessionizer.core.block import BlockLimits
from sessionizer.core.state import Shard
from sessionizer.worker.kafka_record import KafkaRecord
from sessionizer.worker.partition import OffsetGap, OwnedPartition
from tests.sessionizer.worker.records import FetchedRecord, a_tick_record

KEY = b"shop/ann"


class Flow:
    def __init__(self) -> None:
        self.paused = False

    def pause(self) -> None:
        self.paused = True

    def resume(self) -> None:
        self.paused = False


class Sink:
    """Takes blocks; holds each until it is let go."""

    def __init__(self) -> None:
        self.blocks: list[list[int]] = []
        self.go = asyncio.Event()
        self.go.set()

    async def commit(self, shard: Shard, records: Sequence[KafkaRecord]) -> Shard:
        await self.go.wait()
        self.blocks.append([record.offset for record in records])
        shard.offset = records[-1].offset
        return shard


def a_record(offset: int, size: int = 10) -> FetchedRecord:
    return FetchedRecord(offset, KEY, b"x" * size)


def a_partition(
    sink: Sink, flow: Flow | None = None, *, position: int = -1, log_start: int = 0, queue_bytes: int = 1_000
) -> OwnedPartition:
    shard = Shard(0)
    shard.offset = position

    async def start() -> int:
        return log_start

    return OwnedPartition(
        shard, BlockLimits(records=4, value_bytes=100), queue_bytes, flow or Flow(), start, sink.commit
    )


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


@contextlib.asynccontextmanager
async def running(partition: OwnedPartition):  # type: ignore[no-untyped-def]
    task = asyncio.create_task(partition.run())
    yield task
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("fetched_at_once", [1, 2, 7])
async def test_a_block_ends_with_a_tick_or_at_a_limit_however_it_was_fetched(fetched_at_once: int) -> None:
    sink = Sink()
    partition = a_partition(sink)
    records = [a_record(0), a_tick_record(1), a_record(2, 60), a_record(3, 60), *map(a_record, range(4, 9))]
    async with running(partition):
        for at in range(0, len(records), fetched_at_once):
            partition.receive(records[at : at + fetched_at_once])
            await settle()
    assert sink.blocks == [[0, 1], [2, 3], [4, 5, 6, 7]]
    assert partition.position == 7


async def test_a_bad_record_without_a_key_ends_a_block_as_a_tick_does() -> None:
    sink = Sink()
    partition = a_partition(sink)
    async with running(partition):
        partition.receive([a_record(0), FetchedRecord(1, None, b"not an envelope")])
        await settle()
    assert sink.blocks == [[0, 1]]


async def test_it_reads_on_from_the_position() -> None:
    sink = Sink()
    partition = a_partition(sink, position=41)
    async with running(partition):
        partition.receive([a_record(42), a_tick_record(43)])
        await settle()
    assert sink.blocks == [[42, 43]]


async def test_a_log_that_begins_later_is_read_from_its_start() -> None:
    sink = Sink()
    partition = a_partition(sink, position=41, log_start=50)
    async with running(partition):
        partition.receive([a_tick_record(50)])
        await settle()
    assert sink.blocks == [[50]]


@pytest.mark.parametrize(
    ("records", "log_start"),
    [
        ([a_record(43)], 0),
        ([a_record(42), a_record(44)], 0),
        ([a_record(55)], 50),
        ([a_record(41)], 0),
        ([a_record(42), a_record(42)], 60),
    ],
)
async def test_a_gap_that_is_not_the_logs_start_ends_it(records: list[FetchedRecord], log_start: int) -> None:
    sink = Sink()
    partition = a_partition(sink, position=41, log_start=log_start)
    partition.receive(records)
    with pytest.raises(OffsetGap):
        await asyncio.wait_for(partition.run(), 5)
    assert sink.blocks == []


async def test_it_pauses_while_a_block_is_at_work_and_resumes_by_itself() -> None:
    sink, flow = Sink(), Flow()
    partition = a_partition(sink, flow, queue_bytes=100)
    sink.go.clear()
    async with running(partition):
        partition.receive([a_tick_record(0)])
        await settle()
        assert not partition.at_rest.is_set()
        partition.receive([a_record(1, 60)])
        assert not flow.paused
        partition.receive([a_record(2, 60)])
        assert flow.paused
        sink.go.set()
        await settle()
        assert not flow.paused
        assert partition.at_rest.is_set()
    assert sink.blocks == [[0], [1, 2]]


async def test_it_pauses_when_a_block_of_small_records_waits_and_resumes_when_half_of_it_is_gone() -> None:
    """Many small records weigh more in memory than their bytes: those of one more block wait, and no more."""
    sink, flow = Sink(), Flow()
    partition = a_partition(sink, flow, queue_bytes=1_000_000)
    sink.go.clear()
    async with running(partition):
        partition.receive([a_tick_record(0)])
        await settle()
        partition.receive([a_record(offset, 1) for offset in (1, 2, 3)])
        assert not flow.paused
        partition.receive([a_record(4, 1)])
        assert flow.paused
        sink.go.set()
        await settle()
        assert not flow.paused
    assert sink.blocks == [[0], [1, 2, 3, 4]]


async def test_closed_it_begins_no_further_block() -> None:
    sink = Sink()
    partition = a_partition(sink)
    sink.go.clear()
    task = asyncio.create_task(partition.run())
    partition.receive([a_tick_record(0), a_tick_record(1)])
    await settle()
    partition.close()
    sink.go.set()
    await asyncio.wait_for(task, 5)
    assert sink.blocks == [[0]]


async def test_what_the_commit_raises_comes_out() -> None:
    class Broken(Sink):
        async def commit(self, shard: Shard, records: Sequence[KafkaRecord]) -> Shard:
            raise RuntimeError("no")

    partition = a_partition(Broken())
    partition.receive([a_tick_record(0)])
    with pytest.raises(RuntimeError):
        await asyncio.wait_for(partition.run(), 5)
    assert not partition.at_rest.is_set(), "a block that failed is not at rest"
