"""The worker is looked at: its gauges are shown, and /healthz names what is stuck, since when and why."""

import asyncio
import contextlib
from collections.abc import Sequence

import httpx
import pytest

from playhead.stack.ports import free_ports
from schemas.envelope import visitor_key
from sessionizer.core.block import BlockLimits
from sessionizer.core.state import Shard
from sessionizer.sink.insert import Waiting
from sessionizer.worker.fence import Fence
from sessionizer.worker.health import HealthServer
from sessionizer.worker.kafka_record import KafkaRecord
from sessionizer.worker.liveness import Limits
from sessionizer.worker.metrics import Metrics
from sessionizer.worker.partition import OwnedPartition
from sessionizer.worker.watch import SLICE_VISITORS, Watch, state_bytes
from tests.sessionizer.worker.records import FetchedRecord, a_tick_record

NOW_S = 1_790_000_000
GRACE_MS = 120_000


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


class Flow:
    def pause(self) -> None: ...

    def resume(self) -> None: ...


class World:
    """A worker with one partition, whose blocks are committed when the test lets them."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.metrics = Metrics()
        self.fence = Fence(10_000, self.clock)
        self.inserts: dict[str, Waiting] = {}
        self.ready = True
        self.commits = asyncio.Event()
        shard = Shard(3)
        shard.watermark = (NOW_S - 180) * 1_000
        self.partition = OwnedPartition(
            shard,
            BlockLimits(records=4, value_bytes=1_000),
            500,
            Flow(),
            self._log_start,
            self._commit,
            self.clock,
        )
        self.owned = {3: self.partition}
        self.watch = Watch(
            owned=lambda: dict(self.owned),
            ready=lambda: self.ready,
            prepared=lambda: 0,
            generation=lambda: 7,
            inserts=lambda: self.inserts,
            fence=self.fence,
            metrics=self.metrics,
            limits=Limits(stuck_after_s=60, unready_after_s=180, session_timeout_s=10),
            grace_ms=GRACE_MS,
            clock=self.clock,
            wall_clock=lambda: NOW_S,
        )

    async def _log_start(self) -> int:
        return 0

    async def _commit(self, shard: Shard, records: Sequence[KafkaRecord]) -> Shard:
        await self.commits.wait()
        shard.offset = records[-1].offset
        return shard

    def gauge(self, name: str, **labels: str) -> float | None:
        return self.metrics.registry.get_sample_value(f"playhead_sessionizer_{name}", labels)

    def pass_time(self, seconds: float) -> None:
        """Looked at every second, as in a running worker, and heard of by the broker."""
        for _ in range(round(seconds)):
            self.clock.now_s += 1
            self.fence.heard(self.clock.now_s)
            self.watch.look()


@pytest.fixture
def world() -> World:
    return World()


@contextlib.asynccontextmanager
async def a_block_at_work(world: World):  # type: ignore[no-untyped-def]
    task = asyncio.create_task(world.partition.run())
    world.partition.receive([a_tick_record(0)])
    await asyncio.wait_for(_until(lambda: not world.partition.at_rest.is_set()), 5)
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def _until(so) -> None:  # type: ignore[no-untyped-def]
    while not so():
        await asyncio.sleep(0)


async def test_idle_it_is_well(world: World) -> None:
    world.pass_time(1_000)
    assert world.watch.health() == (True, {"status": "ok"})


async def test_a_stuck_partition_is_named_with_what_is_known_of_it(world: World) -> None:
    async with a_block_at_work(world):
        began_at_s = world.clock.now_s
        world.watch.look()
        token = "playhead.batches-3-0-0@1-1"
        world.inserts[token] = Waiting("recordings", began_at_s + 1, failed=4, error="TOO_MANY_PARTS")
        world.inserts["playhead.batches-31-0-0@1-1"] = Waiting("sessions", began_at_s)
        world.partition.receive([FetchedRecord(1, b"shop/ann", b"x" * 600)])
        world.watch.heard_ends({3: 90})
        world.pass_time(59)
        assert world.watch.health()[0]
        world.pass_time(4)
        healthy, answer = world.watch.health()
        assert not healthy
        assert answer == {
            "status": "stuck",
            "reasons": ["partitions that do not move: 3"],
            "partitions": [
                {
                    "partition": 3,
                    "position": -1,
                    "lag_records": 90,
                    "since": "2026-09-21T14:12:17+00:00",
                    "stuck_seconds": 63.0,
                    "why": [
                        "a block has been at work for 63 s",
                        "ClickHouse has not acknowledged an insert into recordings for 62 s; "
                        "4 tries failed, the last with TOO_MANY_PARTS",
                        "paused: 600 bytes wait for their block",
                    ],
                }
            ],
        }
        world.commits.set()
        await asyncio.wait_for(_until(lambda: world.partition.position == 0), 5)
        world.pass_time(1)
        assert world.watch.health() == (True, {"status": "ok"})
        assert world.gauge("block_seconds_at_work", partition="3") == 0, "the next block is not full yet"


async def test_what_was_fetched_counts_as_lag_where_the_end_is_not_known(world: World) -> None:
    async with a_block_at_work(world):
        world.pass_time(61)
        assert not world.watch.health()[0]


async def test_a_heartbeat_that_nobody_answers_is_told(world: World) -> None:
    world.pass_time(1)
    world.clock.now_s += 11
    assert world.watch.health() == (
        False,
        {"status": "stuck", "reasons": ["no heartbeat answered for 11 s"], "partitions": []},
    )


async def test_it_is_given_time_before_it_has_partitions(world: World) -> None:
    world.ready, world.owned = False, {}
    world.pass_time(181)
    assert world.watch.health()[0]
    world.pass_time(1)
    healthy, answer = world.watch.health()
    assert not healthy
    assert answer["reasons"] == ["without partitions for 181 s, and no nearer to having them"]


async def test_gauges_show_the_partition(world: World) -> None:
    shard, key = world.partition.shard, visitor_key("shop", "ann")
    shard.visitors[key] = b"x" * 90
    shard.active_sessions = 2
    async with a_block_at_work(world):
        world.partition.receive([FetchedRecord(1, b"shop/ann", b"x" * 600)])
        world.watch.heard_ends({3: 90})
        world.inserts["playhead.batches-3-0-0@1-1"] = Waiting("recordings", world.clock.now_s)
        world.pass_time(2)
        await world.watch.size()
    shown = {
        "lag_records": 90,
        # Stream time is the watermark and the grace: 180 s behind the clock, less 120.
        "lag_seconds": 60,
        "watermark_seconds": NOW_S - 180,
        "live_sessions": 2,
        "visitors": 1,
        "state_bytes": 90 + len(key),
        "state_bytes_per_live_session": (90 + len(key)) / 2,
        "waiting_bytes": 600,
        "block_seconds_at_work": 2,
    }
    assert {name: world.gauge(name, partition="3") for name in shown} == shown
    assert world.gauge("heartbeat_age_seconds") == 0
    assert world.gauge("generation") == 7
    assert world.gauge("insert_waiting_seconds") == 2

    shard.active_sessions = 0
    world.clock.now_s += 60
    await world.watch.size()
    assert world.gauge("state_bytes_per_live_session", partition="3") is None
    world.metrics.forget_partition(3)
    assert all(world.gauge(name, partition="3") is None for name in shown)


async def test_adding_up_a_large_state_is_not_done_all_the_time(world: World) -> None:
    """Each pass here takes a second of the clock."""

    class Slow(dict[bytes, bytes]):
        passes = 0

        def values(self):  # type: ignore[no-untyped-def]
            self.passes += 1
            world.clock.now_s += 1
            return super().values()

    world.partition.shard.visitors = slow = Slow()
    await world.watch.size()
    world.clock.now_s += 199
    await world.watch.size()
    assert slow.passes == 1
    world.clock.now_s += 2
    await world.watch.size()
    assert slow.passes == 2


async def test_a_partition_that_is_given_up_amid_its_adding_up_is_not_shown(world: World) -> None:
    world.partition.shard.visitors = {b"shop/ann": b"123"}
    sizing = asyncio.create_task(world.watch.size())
    await asyncio.sleep(0)
    world.owned.clear()
    await sizing
    assert world.gauge("state_bytes", partition="3") is None


async def test_the_size_of_a_state_is_that_of_its_keys_and_values() -> None:
    shard = Shard(0)
    shard.visitors = {b"shop/ann": b"123", b"shop/bob": b"4567"}
    assert await state_bytes(shard) == 8 + 3 + 8 + 4
    many = SLICE_VISITORS * 2 + 1
    shard.visitors = {b"%08d" % number: b"123" for number in range(many)}
    assert await state_bytes(shard) == many * 11


@pytest.mark.parametrize("healthy", [True, False])
async def test_the_answer_has_the_status_that_a_probe_looks_at(healthy: bool) -> None:
    (port,) = free_ports(1)
    answer: dict[str, object] = {"status": "ok" if healthy else "stuck"}
    server = HealthServer(Metrics().registry, lambda: (healthy, answer), lambda: True)
    await server.start("127.0.0.1", port)
    try:
        async with httpx.AsyncClient(trust_env=False) as http:
            given = await http.get(f"http://127.0.0.1:{port}/healthz")
    finally:
        await server.close()
    assert given.status_code == (200 if healthy else 503)
    assert given.json() == answer
