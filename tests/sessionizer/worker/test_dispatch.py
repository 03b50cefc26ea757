"""Partitions are taken over, fed and given up; a block at work then decides whether the process lives."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NoReturn

import pytest

from sessionizer.core.block import BlockLimits
from sessionizer.core.state import Shard
from sessionizer.worker.continuity import UnusableState
from sessionizer.worker.dispatch import Dispatch
from sessionizer.worker.fence import Fence
from sessionizer.worker.kafka_record import KafkaRecord
from sessionizer.worker.metrics import Metrics
from sessionizer.worker.transaction import Producer
from tests.sessionizer.worker.records import a_tick_record

ENDED = "end what hangs of {0: Producer(id=100, epoch=7)}"


class Recovery:
    def __init__(self, happened: list[str]) -> None:
        self._happened = happened
        self.go = asyncio.Event()
        self.go.set()

    async def shards(self, partitions: Collection[int]) -> dict[int, Shard]:
        self._happened.append("recover")
        await self.go.wait()
        return {partition: Shard(partition) for partition in partitions}

    async def read_from(self, shards: Collection[Shard]) -> dict[int, int]:
        return {shard.partition: shard.offset + 1 for shard in shards}

    async def log_start(self, partition: int) -> int:
        return 0


class Writer:
    position = -1

    def __init__(self, partition: int, happened: list[str], opening: asyncio.Barrier) -> None:
        self.partition = partition
        self._happened = happened
        self._opening = opening

    async def open(self) -> None:
        await self._opening.wait()
        self._happened.append(f"open {self.partition}")

    async def close(self) -> None:
        self._happened.append(f"close {self.partition}")

    @property
    def producer(self) -> Producer:
        return Producer(100 + self.partition, 7)


class Committer:
    def __init__(self) -> None:
        self.begun: list[int] = []
        self.committed: list[int] = []
        self.go = asyncio.Event()
        self.error: Exception | None = None

    async def commit(self, writer: Writer, shard: Shard, records: Sequence[KafkaRecord]) -> Shard:
        assert writer.partition == shard.partition
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
        self.happened: list[str] = []
        self.recovery = Recovery(self.happened)
        self.refused = ""
        self.clock_s = 0.0
        fence = Fence(10_000, lambda: self.clock_s, self._end)
        fence.heard(0)
        self._opening = asyncio.Barrier(1)
        self.dispatch = Dispatch(
            recovery=self.recovery,  # type: ignore[arg-type]
            end_hanging=self._end_hanging,
            verify=self._verify,
            writer_of=self._writer_of,  # type: ignore[arg-type]
            committer=self.committer,  # type: ignore[arg-type]
            fence=fence,
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

    async def _end_hanging(self, producers: Mapping[int, Producer]) -> None:
        self.happened.append(f"end what hangs of {dict(producers)}")

    async def _verify(self, shards: Collection[Shard]) -> None:
        self.happened.append("verify")
        if self.refused:
            raise UnusableState(self.refused)

    def _writer_of(self, partition: int) -> Writer:
        return Writer(partition, self.happened, self._opening)

    async def take_over(self, *partitions: int) -> None:
        """No writer is open before all are being opened: they do not wait for one another."""
        self._opening = asyncio.Barrier(len(partitions))
        async with asyncio.timeout(10):
            await self.dispatch.take_over(set(partitions), 1)

    async def own(self, *partitions: int) -> None:
        await self.take_over(*partitions)
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


async def test_former_owners_are_fenced_off_before_state_is_read(world: World) -> None:
    await world.own(0, 1)
    *opened, hanging, recover, verify = world.happened
    assert sorted(opened) == ["open 0", "open 1"]
    assert hanging.startswith("end what hangs of")
    assert (recover, verify) == ("recover", "verify")
    await world.dispatch.give_up(stopping=False)
    assert sorted(world.happened[5:]) == ["close 0", "close 1"]


async def test_a_writer_is_closed_only_when_its_block_is_finished(world: World) -> None:
    await world.own(0)
    await world.begin_a_block(0)
    giving_up = asyncio.create_task(world.dispatch.give_up(stopping=False))
    await asyncio.sleep(0.01)
    assert "close 0" not in world.happened
    world.committer.go.set()
    await giving_up
    assert world.happened[-1] == "close 0"


async def test_a_take_over_that_is_not_started_lets_go_of_its_partitions(world: World) -> None:
    """Another assignment came; what this one opened is closed before anything is opened again."""
    await world.take_over(0)
    await world.own(0, 1)
    assert world.happened[:5] == ["open 0", ENDED, "recover", "verify", "close 0"]


async def test_state_that_may_not_be_used_is_not_read_on_from(world: World) -> None:
    world.refused = "another count"
    with pytest.raises(UnusableState, match="another count"):
        await world.take_over(0)
    assert world.happened == ["open 0", ENDED, "recover", "verify", "close 0"]
    assert not world.dispatch.owned()


async def test_a_take_over_that_is_cancelled_lets_go_of_its_partitions(world: World) -> None:
    world.recovery.go.clear()
    taking = asyncio.create_task(world.take_over(0))
    while "recover" not in world.happened:
        await asyncio.sleep(0)
    taking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await taking
    assert world.happened == ["open 0", ENDED, "recover", "close 0"]


async def test_a_worker_that_may_be_expelled_takes_nothing_over(world: World) -> None:
    """It would fence off the owner that came after it."""
    world.clock_s = 11
    with pytest.raises(Ended):
        await world.take_over(0)
    assert world.happened == []
