"""Partitions are taken over, fed and given up; a block at work then decides whether the process lives."""

import asyncio
from collections.abc import Collection, Sequence
from typing import Any, NoReturn

import pytest

from sessionizer.core.block import BlockLimits
from sessionizer.core.state import Shard
from sessionizer.worker.dispatch import Dispatch
from sessionizer.worker.kafka_record import KafkaRecord
from sessionizer.worker.metrics import Metrics
from tests.sessionizer.worker.records import a_tick_record


class Recovery:
    async def shards(self, partitions: Collection[int]) -> dict[int, Shard]:
        return {partition: Shard(partition) for partition in partitions}

    async def read_from(self, shards: Collection[Shard]) -> dict[int, int]:
        return {shard.partition: shard.offset + 1 for shard in shards}

    async def log_start(self, partition: int) -> int:
        return 0


class Committer:
    def __init__(self) -> None:
        self.begun: list[int] = []
        self.committed: list[int] = []
        self.go = asyncio.Event()
        self.error: Exception | None = None

    async def commit(self, shard: Shard, records: Sequence[KafkaRecord]) -> Shard:
        self.begun.append(shard.partition)
        await self.go.wait()
        if self.error is not None:
            raise self.error
        self.committed.append(shard.partition)
        return shard


class Fetching:
    def pause(self, topic: str, partition: int) -> None: ...

    def resume(self, topic: str, partition: int) -> None: ...


class Ended(Exception):  # noqa: N818
    pass


class World:
    def __init__(self) -> None:
        self.committer = Committer()
        self.reasons: list[str] = []
        self.dispatch = Dispatch(
            recovery=Recovery(),  # type: ignore[arg-type]
            committer=self.committer,  # type: ignore[arg-type]
            fetching=Fetching(),
            limits=BlockLimits(records=10, value_bytes=1_000),
            queue_bytes=1_000,
            stop_within_ms=100,
            metrics=Metrics(),
            end=self._end,
        )

    def _end(self, reason: str, **facts: Any) -> NoReturn:
        self.reasons.append(reason)
        raise Ended

    async def own(self, *partitions: int) -> None:
        await self.dispatch.take_over(set(partitions), 1)
        await self.dispatch.start(set(partitions), 1)

    async def begin_a_block(self, partition: int) -> None:
        self.dispatch.receive(partition, [a_tick_record(0)])
        while partition not in self.committer.begun:
            await asyncio.sleep(0)


@pytest.fixture
def world() -> World:
    return World()


async def test_it_is_ready_between_take_over_and_give_up(world: World) -> None:
    assert not world.dispatch.ready
    await world.own(0, 1)
    assert world.dispatch.ready
    assert set(world.dispatch.owned()) == {0, 1}
    await world.dispatch.give_up(stopping=False)
    assert not world.dispatch.ready
    assert not world.dispatch.owned()


async def test_records_of_a_partition_that_is_not_owned_are_dropped(world: World) -> None:
    await world.own(0)
    world.dispatch.receive(3, [a_tick_record(0)])
    await asyncio.sleep(0.01)
    assert world.committer.begun == []
    await world.dispatch.give_up(stopping=True)


@pytest.mark.parametrize("stopping", [True, False])
async def test_a_block_at_work_is_finished_first(world: World, stopping: bool) -> None:
    await world.own(0)
    await world.begin_a_block(0)
    giving_up = asyncio.create_task(world.dispatch.give_up(stopping=stopping))
    await asyncio.sleep(0.01)
    assert not giving_up.done()
    world.committer.go.set()
    await giving_up
    assert world.committer.committed == [0]
    assert world.reasons == []


async def test_a_block_that_does_not_finish_at_a_rebalance_ends_the_process(world: World) -> None:
    await world.own(0)
    await world.begin_a_block(0)
    with pytest.raises(Ended):
        await world.dispatch.give_up(stopping=False)
    assert world.reasons == ["a block did not finish before its partition was revoked"]
    await world.dispatch.give_up(stopping=True)


async def test_a_block_that_does_not_finish_at_a_stop_is_left(world: World) -> None:
    await world.own(0, 1)
    await world.begin_a_block(1)
    await world.dispatch.give_up(stopping=True)
    world.committer.go.set()
    await asyncio.sleep(0.01)
    assert world.committer.committed == []
    assert world.reasons == []


async def test_a_processing_error_ends_the_process(world: World) -> None:
    await world.own(0)
    world.committer.error = RuntimeError("no")
    world.committer.go.set()
    # The process would be gone here; in the test what `end` raises goes to the loop's handler.
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
    await world.begin_a_block(0)
    await asyncio.sleep(0.01)
    assert world.reasons == ["processing error"]
    await world.dispatch.give_up(stopping=True)
