"""A block is committed in one order: rows, dead letters, state, position."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import pytest

from schemas.topic import DEAD_LETTERS, SESSIONIZER_CHANGELOG
from sessionizer.core.rules import Rules
from sessionizer.core.state import POSITION_KEY, Shard, decode_position
from sessionizer.sink.errors import RowsRefused
from sessionizer.worker.commit import Committer
from sessionizer.worker.fence import Fence
from sessionizer.worker.metrics import Metrics
from sessionizer.worker.steps import Step
from tests.builders.batches import T0, a_batch
from tests.builders.events import a_batch_of, a_click, a_custom_event
from tests.sessionizer.worker.records import FetchedRecord, a_tick_record, records_of

REFUSED = b"refuse me"


class Written(list[tuple[Any, ...]]):
    """Everything that was written, in order, by whatever wrote it."""

    def named(self, name: str) -> list[tuple[Any, ...]]:
        return [each for each in self if each[0] == name]


class FakeInserter:
    def __init__(self, written: Written) -> None:
        self._written = written

    async def insert(self, table: str, columns: Sequence[str], body: bytes, token: str) -> None:
        if REFUSED in body:
            raise RowsRefused("constraint")
        self._written.append((table, token, body))


class Batch(list[tuple[bytes, bytes | None]]):
    def append(self, *, key: bytes, value: bytes | None, timestamp: int | None) -> bool:  # type: ignore[override]
        super().append((key, value))
        return True

    def record_count(self) -> int:
        return len(self)


class FakeProducer:
    def __init__(self, written: Written) -> None:
        self._written = written

    def create_batch(self) -> Batch:
        return Batch()

    async def send_batch(self, batch: Batch, topic: str, *, partition: int) -> Any:
        self._written.append((topic, partition, list(batch)))
        done = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done

    async def send_and_wait(self, topic: str, value: bytes, *, key: bytes, headers: Any) -> None:
        self._written.append((topic, key, value, dict(headers)))


class Ended(BaseException):
    pass


def end(reason: str, **facts: object) -> NoReturn:
    raise Ended(facts["about_to"])


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class World:
    """A committer and what it wrote to."""

    def __init__(self, reached: Callable[[Step], None] | None = None) -> None:
        self.written = Written()
        self.clock = Clock()
        self.recovered: list[int] = []
        fence = Fence(10_000, self.clock, end)
        fence.heard(0)
        self.metrics = Metrics()
        self.committer = Committer(
            rules=Rules(topic="playhead.batches"),
            inserter=FakeInserter(self.written),  # type: ignore[arg-type]
            producer=FakeProducer(self.written),
            fence=fence,
            metrics=self.metrics,
            recover=self._recover,
            max_payload_bytes=1 << 20,
            blocks_at_once=1,
            reached=reached or (lambda step: self.written.append(("step", step))),
        )

    async def _recover(self, partition: int) -> Shard:
        self.recovered.append(partition)
        return Shard(partition)


def two_visitors() -> list[FetchedRecord]:
    return records_of([a_batch_of([a_click(T0)], visitor=name) for name in ("ann", "ben")])


async def test_output_comes_before_state_and_state_before_the_position() -> None:
    world = World()
    await world.committer.commit(Shard(0), [*two_visitors(), a_tick_record(2)])
    names = [each[1] if each[0] == "step" else each[0] for each in world.written]
    assert names == [
        Step.BEFORE_INSERT,
        "recordings",
        Step.AFTER_RECORDINGS_INSERT,
        "sessions",
        Step.AFTER_SESSIONS_INSERT,
        Step.AFTER_DEAD_LETTERS,
        SESSIONIZER_CHANGELOG,
        Step.AFTER_SOME_CHANGELOG,
        SESSIONIZER_CHANGELOG,
        Step.AFTER_CHANGELOG,
        SESSIONIZER_CHANGELOG,
        Step.AFTER_POSITION,
    ]
    *state, position = world.written.named(SESSIONIZER_CHANGELOG)
    assert sorted(key for write in state for key, _ in write[2]) == [b"shop/ann", b"shop/ben"]
    [(key, value)] = position[2]
    assert key == POSITION_KEY
    assert decode_position(value).offset == 2


async def test_the_token_names_the_block() -> None:
    world = World()
    await world.committer.commit(Shard(0), [*two_visitors(), a_tick_record(2)])
    tokens = {each[1] for table in ("recordings", "sessions") for each in world.written.named(table)}
    assert tokens == {f"playhead.batches-0-0-2@{T0}-{T0}"}


async def test_a_block_of_ticks_writes_its_position_and_nothing_else() -> None:
    world = World()
    shard = await world.committer.commit(Shard(0), [a_tick_record(0)])
    assert shard.offset == 0
    assert not world.written.named("recordings") + world.written.named("sessions")
    [(_, _, [(key, _)])] = world.written.named(SESSIONIZER_CHANGELOG)
    assert key == POSITION_KEY


async def test_bad_records_become_dead_letters_with_their_bytes_and_the_block_goes_on() -> None:
    world = World()
    wrong_key = FetchedRecord(3, b"shop/else", two_visitors()[0].value)
    records = [*two_visitors(), FetchedRecord(2, b"shop/ann", b"\xc1"), wrong_key, a_tick_record(4)]
    shard = await world.committer.commit(Shard(0), records)
    letters = world.written.named(DEAD_LETTERS)
    assert [(key, value, headers["reason"]) for _, key, value, headers in letters] == [
        (b"playhead.batches-0-2", b"\xc1", b"not_msgpack"),
        (b"playhead.batches-0-3", wrong_key.value, b"wrong_key"),
    ]
    assert letters[1][3]["record_key"] == b"shop/else"
    assert shard.offset == 4
    assert sorted(shard.visitors) == [b"shop/ann", b"shop/ben"]


async def test_a_row_that_clickhouse_refuses_becomes_a_dead_letter_and_is_not_counted() -> None:
    world = World()
    refused = a_batch_of([a_custom_event(T0, tag=REFUSED.decode())], visitor="ann", seq=1)
    records = [*two_visitors(), *records_of([refused], 2), a_tick_record(3)]
    shard = await world.committer.commit(Shard(0), records)
    [(_, key, value, headers)] = world.written.named(DEAD_LETTERS)
    assert (key, value, headers["reason"]) == (
        b"playhead.batches-0-2",
        records[2].value,
        b"refused_by_clickhouse",
    )
    assert world.recovered == [0]
    [(_, token, _)] = world.written.named("sessions")
    assert token == f"playhead.batches-0-0-3@{T0}-{T0}-without-2"
    whole_block = world.written.named("recordings")[-1]
    assert whole_block[1] == token
    ann = shard.find(b"shop/ann")
    assert ann is not None
    assert ann.active is not None
    assert ann.active.batches == 1


async def test_a_payload_that_shows_itself_bad_when_events_are_taken_out_is_a_dead_letter() -> None:
    """Rule 6 looks into a text only where events come again; by then the core has counted the batch."""
    world = World()
    first = a_batch(hashes=[1, 2], seq=None, payload=b'[{"a":1},{"b":2}]')
    broken = a_batch(hashes=[2, 3], seq=None, payload=b'[{"b":2},{"c":]')
    shard = await world.committer.commit(Shard(0), [*records_of([first, broken]), a_tick_record(2)])
    [(_, key, _, headers)] = world.written.named(DEAD_LETTERS)
    assert (key, headers["reason"]) == (b"playhead.batches-0-1", b"payload_not_an_array")
    ann = shard.find(b"shop/ann")
    assert ann is not None
    assert ann.active is not None
    assert (ann.active.batches, ann.active.events) == (1, 2)


@pytest.mark.parametrize(
    ("step", "forbidden", "written"),
    [
        (Step.BEFORE_INSERT, "insert into recordings", set()),
        (Step.AFTER_RECORDINGS_INSERT, "insert into sessions", {"recordings"}),
        (Step.AFTER_DEAD_LETTERS, "write state", {"recordings", "sessions"}),
        (Step.AFTER_CHANGELOG, "write position", {"recordings", "sessions", SESSIONIZER_CHANGELOG}),
    ],
)
async def test_a_worker_that_was_paused_at_a_step_writes_nothing_after_it(
    step: Step, forbidden: str, written: set[str]
) -> None:
    def pause(reached: Step) -> None:
        if reached is step:
            world.clock.now += 11

    world = World(pause)
    with pytest.raises(Ended, match=forbidden):
        await world.committer.commit(Shard(0), [*two_visitors(), a_tick_record(2)])
    assert {each[0] for each in world.written} == written
    positions = [key for each in world.written.named(SESSIONIZER_CHANGELOG) for key, _ in each[2]]
    assert POSITION_KEY not in positions
