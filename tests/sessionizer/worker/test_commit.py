"""A block is committed in one order: rows, then one transaction of all that it writes to Kafka."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, NoReturn
from uuid import UUID

import pytest
from aiokafka.errors import KafkaError, OutOfOrderSequenceNumber, ProducerFenced

from schemas import session as session_contract
from schemas.envelope import encode
from schemas.session import ErasureReceipt, Remains, SessionState
from schemas.topic import DEAD_LETTERS, SESSIONIZER_CHANGELOG, SESSIONS
from sessionizer.core.effects import Assigned, Erasing
from sessionizer.core.rules import Rules
from sessionizer.core.state import POSITION_KEY, Shard, decode_position
from sessionizer.core.written import UNWRITTEN_RECORDS
from sessionizer.sink import recordings
from sessionizer.sink.erase import ErasedRows
from sessionizer.sink.errors import RowsRefused
from sessionizer.sink.row_binary import Unwritable
from sessionizer.worker.commit import Committer
from sessionizer.worker.fence import Fence
from sessionizer.worker.metrics import Metrics
from sessionizer.worker.output import ClickHouseOutput
from sessionizer.worker.steps import Step
from sessionizer.worker.transaction import NotCommitted, PartitionWriter
from tests.builders.batches import T0, a_batch, an_erasure
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
    """One writer's; fails, or never answers, where a test says so."""

    def __init__(self, written: Written) -> None:
        self._written = written
        self.failing: dict[str, Exception] = {}
        self.silent = False

    def create_batch(self) -> Batch:
        return Batch()

    async def begin_transaction(self) -> None:
        self._do("begin")

    async def commit_transaction(self) -> None:
        if self.silent:
            await asyncio.Event().wait()
        self._do("commit")

    async def send_batch(self, batch: Batch, topic: str, *, partition: int) -> Any:
        return self._do(topic, partition, list(batch))

    async def send(self, topic: str, value: bytes, *, key: bytes, headers: Any) -> Any:
        return self._do(topic, key, value, dict(headers))

    def _do(self, name: str, *facts: object) -> Any:
        self._written.append((name, *facts))
        done = asyncio.get_running_loop().create_future()
        if (error := self.failing.get(name)) is None:
            done.set_result(None)
        elif name in ("begin", "commit"):
            raise error
        else:
            done.set_exception(error)
        return done


class Ended(BaseException):
    pass


def end(reason: str, **facts: object) -> NoReturn:
    raise Ended(facts.get("about_to", reason))


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
        self.unreadable_reads = 0
        """So many times the last transaction is not to be read yet."""
        fence = Fence(10_000, self.clock, end)
        fence.heard(0)
        self.metrics = Metrics()
        reached = reached or (lambda step: self.written.append(("step", step)))
        self.producer = FakeProducer(self.written)
        self.writer = PartitionWriter(self.producer, 0)
        self.committer = Committer(
            rules=Rules(topic="playhead.batches"),
            output=ClickHouseOutput(
                inserter=FakeInserter(self.written),  # type: ignore[arg-type]
                erase=self._erase,
                fence=fence,
                metrics=self.metrics,
                max_payload_bytes=1 << 20,
                reached=reached,
            ),
            fence=fence,
            metrics=self.metrics,
            recover=self._recover,
            kept_ms={"playhead.batches": 1_000},
            blocks_at_once=1,
            reached=reached,
        )

    async def commit(self, shard: Shard, records: Sequence[FetchedRecord]) -> Shard:
        return await self.committer.commit(self.writer, shard, records)

    def changelog(self) -> list[tuple[bytes, bytes | None]]:
        """What was committed to it."""
        return [entry for _, _, entries in self.written.named(SESSIONIZER_CHANGELOG) for entry in entries]

    async def _erase(self, erasing: Erasing, partition: int) -> ErasedRows:
        self.written.append(("erase", partition, erasing.erasure.visitor))
        return ErasedRows(session_ids=(UUID(int=7),), batches=2, events=5)

    async def _recover(self, partition: int) -> Shard:
        self.recovered.append(partition)
        shard = Shard(partition)
        transactions = self.written.named(SESSIONIZER_CHANGELOG)
        if self.unreadable_reads:
            self.unreadable_reads -= 1
            transactions.pop()
        for key, value in (entry for _, _, entries in transactions for entry in entries):
            shard.apply(key, value)
        shard.rebuild_deadlines()
        return shard


def two_visitors() -> list[FetchedRecord]:
    return records_of([a_batch_of([a_click(T0)], visitor=name) for name in ("ann", "ben")])


async def test_rows_come_first_then_one_transaction_with_the_position_last() -> None:
    world = World()
    await world.commit(Shard(0), [*two_visitors(), a_tick_record(2)])
    names = [each[1] if each[0] == "step" else each[0] for each in world.written]
    assert names == [
        Step.BEFORE_INSERT,
        "recordings",
        Step.AFTER_RECORDINGS_INSERT,
        "sessions",
        Step.AFTER_SESSIONS_INSERT,
        "begin",
        SESSIONS,
        SESSIONS,
        SESSIONIZER_CHANGELOG,
        Step.IN_TRANSACTION,
        Step.BEFORE_COMMIT,
        "commit",
        Step.AFTER_COMMIT,
    ]
    *state, (key, value) = world.changelog()
    assert sorted(key for key, _ in state) == [b"shop/ann", b"shop/ben"]
    assert key == POSITION_KEY
    assert value is not None
    assert decode_position(value).offset == 2


async def test_what_is_erased_goes_before_the_blocks_own_rows_come() -> None:
    world = World()
    batches = [a_batch_of([a_click(T0)], visitor=name) for name in ("ann", "ben")]
    erasure = an_erasure(T0 + 1, visitor="ann")
    records = [
        *records_of(batches),
        FetchedRecord(2, b"shop/ann", encode(erasure)),
        *records_of([a_batch_of([a_click(T0 + 2)], visitor="ann", seq=1)], 3),
    ]
    await world.commit(Shard(0), records)
    names = [each[1] if each[0] == "step" else each[0] for each in world.written]
    assert names[:4] == ["erase", Step.AFTER_ERASURE, Step.BEFORE_INSERT, "recordings"]
    ((_, _, body),) = world.written.named("recordings")
    assert body.count(b"\x04shop") == 2
    told = {key: value for _, key, value, _ in world.written.named(SESSIONS)}
    receipt = session_contract.decode(told.pop(session_contract.receipt_key(UUID(bytes=erasure.erasure_id))))
    assert isinstance(receipt, ErasureReceipt)
    assert (receipt.batches, receipt.events, receipt.scope) == (2, 5, "visitor")
    assert receipt.remains == (Remains(topic="playhead.batches", until=T0 + 1_001),)
    assert told.pop(str(UUID(int=7)).encode()) is None
    states = [session_contract.decode(value) for value in told.values()]
    assert sorted(state.visitor for state in states if isinstance(state, SessionState)) == ["ann", "ben"]


async def test_other_systems_are_told_of_a_session_that_began_or_is_over_and_not_of_each_batch() -> None:
    world = World()
    shard = await world.commit(Shard(0), [*two_visitors(), a_tick_record(2)])
    more = records_of([a_batch_of([a_click(T0 + 1)], visitor="ann", seq=1)], 3)
    shard = await world.commit(shard, [*more, a_tick_record(4)])
    assert len(world.written.named(SESSIONS)) == 2
    await world.commit(shard, [a_tick_record(5, T0 + 86_400_000)])
    told = [session_contract.decode(value) for _, _, value, _ in world.written.named(SESSIONS)]
    states = [(each.visitor, each.status, each.batches) for each in told if isinstance(each, SessionState)]
    active = [("ann", "active", 1), ("ben", "active", 1)]
    assert states == [*active, ("ann", "completed", 2), ("ben", "completed", 1)]


async def test_the_token_names_the_block() -> None:
    world = World()
    await world.commit(Shard(0), [*two_visitors(), a_tick_record(2)])
    tokens = {each[1] for table in ("recordings", "sessions") for each in world.written.named(table)}
    assert tokens == {f"playhead.batches-0-0-2@{T0}-{T0}"}


async def test_blocks_of_ticks_are_not_written_one_by_one() -> None:
    world = World()
    shard = Shard(0)
    for offset in range(UNWRITTEN_RECORDS - 1):
        shard = await world.commit(shard, [a_tick_record(offset)])
    assert shard.offset == UNWRITTEN_RECORDS - 2
    assert [decode_position(value or b"").offset for _, value in world.changelog()] == [0]
    for offset in range(UNWRITTEN_RECORDS - 1, 2 * UNWRITTEN_RECORDS + 1):
        shard = await world.commit(shard, [a_tick_record(offset)])
    positions = [decode_position(value or b"").offset for _, value in world.changelog()]
    assert positions == [0, UNWRITTEN_RECORDS, 2 * UNWRITTEN_RECORDS]


async def test_after_a_restart_the_ticks_that_were_not_written_are_read_again_to_the_same_end() -> None:
    through, restarted = World(), World()
    blocks: list[list[FetchedRecord]] = [
        [*two_visitors(), a_tick_record(2)],
        *([a_tick_record(offset, T0 + offset)] for offset in range(3, 9)),
        [*records_of([a_batch_of([a_click(T0 + 9)], visitor="ann", seq=1)], 9), a_tick_record(10, T0 + 10)],
        [a_tick_record(11, T0 + 40 * 60_000)],
    ]
    shard = Shard(0)
    for block in blocks:
        shard = await through.commit(shard, block)

    before = Shard(0)
    for block in blocks[:5]:
        before = await restarted.commit(before, block)
    again = await restarted._recover(0)
    restarted.writer.position = again.offset
    assert again.offset == 2
    for block in blocks[1:]:
        again = await restarted.commit(again, block)
        if block is blocks[4]:
            assert (again.offset, again.watermark) == (before.offset, before.watermark)
    assert (again.offset, again.watermark, again.visitors) == (shard.offset, shard.watermark, shard.visitors)
    assert restarted.changelog() == through.changelog()
    for table in ("recordings", "sessions"):
        assert restarted.written.named(table) == through.written.named(table)


async def test_a_block_that_begins_again_knows_the_ticks_that_were_not_written() -> None:
    """State comes from the changelog then, and the changelog does not have them."""
    world = World()
    shard = await world.commit(Shard(0), [a_tick_record(0), *records_of([a_batch()], 1), a_tick_record(2)])
    shard = await world.commit(shard, [a_tick_record(3, T0 + 3_600_000)])
    written = decode_position(world.changelog()[-1][1] or b"")
    shard = await world.commit(shard, [a_tick_record(4, T0 + 3_600_001)])
    watermark = shard.watermark
    assert watermark > written.watermark
    refused = a_batch_of([a_custom_event(T0, tag=REFUSED.decode())], visitor="ann", seq=1)
    shard = await world.commit(shard, records_of([refused], 5))
    assert world.recovered == [0]
    assert (shard.offset, shard.watermark) == (5, watermark)


async def test_a_block_that_begins_again_notes_the_count_of_partitions_too() -> None:
    world = World()
    before = Shard(0)
    before.partitions = 4
    refused = a_batch_of([a_custom_event(T0, tag=REFUSED.decode())])
    shard = await world.commit(before, records_of([refused]))
    assert world.recovered == [0]
    assert shard.partitions == 4
    assert decode_position(world.changelog()[-1][1] or b"").partitions == 4


async def test_a_block_does_not_begin_again_from_an_older_state(monkeypatch: pytest.MonkeyPatch) -> None:
    """A commit is answered before its records can be read."""
    monkeypatch.setattr("sessionizer.worker.commit.UNREADABLE_S", 0)
    world = World()
    shard = await world.commit(Shard(0), [*two_visitors(), a_tick_record(2)])
    world.unreadable_reads = 2
    refused = a_batch_of([a_custom_event(T0, tag=REFUSED.decode())], visitor="ann", seq=1)
    shard = await world.commit(shard, [*records_of([refused], 3), a_tick_record(4)])
    assert world.recovered == [0, 0, 0]
    assert sorted(shard.visitors) == [b"shop/ann", b"shop/ben"]


async def test_another_partitions_rows_do_not_wait_for_the_broker() -> None:
    world = World()
    world.producer.silent = True
    first = asyncio.create_task(world.commit(Shard(0), [*two_visitors(), a_tick_record(2)]))
    while ("step", Step.BEFORE_COMMIT) not in world.written:
        await asyncio.sleep(0)
    other = PartitionWriter(FakeProducer(world.written), 1)
    async with asyncio.timeout(10):
        await world.committer.commit(other, Shard(1), [a_tick_record(0)])
    assert not first.done()
    first.cancel()


async def test_bad_records_become_dead_letters_with_their_bytes_and_the_block_goes_on() -> None:
    world = World()
    wrong_key = FetchedRecord(3, b"shop/else", two_visitors()[0].value)
    records = [*two_visitors(), FetchedRecord(2, b"shop/ann", b"\xc1"), wrong_key, a_tick_record(4)]
    shard = await world.commit(Shard(0), records)
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
    shard = await world.commit(Shard(0), records)
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


async def test_a_value_that_its_column_cannot_hold_makes_a_dead_letter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is admitted always fits, so a row is made to be unwritable here."""

    def recording_row(assigned: Assigned, partition: int, text: bytes) -> list[bytes]:
        if assigned.offset == 1:
            raise Unwritable("too large")
        return made(assigned, partition, text)

    made = recordings.recording_row
    monkeypatch.setattr(recordings, "recording_row", recording_row)
    world = World()
    records = [*two_visitors(), a_tick_record(2)]
    shard = await world.commit(Shard(0), records)
    [(_, key, value, headers)] = world.written.named(DEAD_LETTERS)
    assert (key, value) == (b"playhead.batches-0-1", records[1].value)
    assert (headers["reason"], headers["detail"]) == (b"impossible_value", b"too large")
    assert list(shard.visitors) == [b"shop/ann"]


async def test_a_payload_that_shows_itself_bad_when_events_are_taken_out_is_a_dead_letter() -> None:
    """Rule 6 looks into a text only where events come again; by then the core has counted the batch."""
    world = World()
    first = a_batch(hashes=[1, 2], seq=None, payload=b'[{"a":1},{"b":2}]')
    broken = a_batch(hashes=[2, 3], seq=None, payload=b'[{"b":2},{"c":]')
    shard = await world.commit(Shard(0), [*records_of([first, broken]), a_tick_record(2)])
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
        (Step.AFTER_SESSIONS_INSERT, "begin a transaction", {"recordings", "sessions"}),
        (Step.BEFORE_COMMIT, "commit", {"recordings", "sessions", "begin", SESSIONS, SESSIONIZER_CHANGELOG}),
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
        await world.commit(Shard(0), [*two_visitors(), a_tick_record(2)])
    assert {each[0] for each in world.written} == written


@pytest.mark.parametrize("at", ["begin", SESSIONIZER_CHANGELOG, DEAD_LETTERS, "commit"])
async def test_a_worker_whose_partition_was_taken_over_ends_itself(at: str) -> None:
    world = World()
    world.producer.failing = {at: ProducerFenced()}
    with pytest.raises(Ended, match="another worker has taken its partition over"):
        await world.commit(Shard(0), [*two_visitors(), FetchedRecord(2, b"shop/ann", b"\xc1")])
    assert world.written[-1] != ("step", Step.AFTER_COMMIT)


@pytest.mark.parametrize("at", [SESSIONIZER_CHANGELOG, DEAD_LETTERS])
async def test_what_was_not_acknowledged_is_not_committed(at: str) -> None:
    world = World()
    world.producer.failing = {at: OutOfOrderSequenceNumber()}
    with pytest.raises(KafkaError):
        await world.commit(Shard(0), [*two_visitors(), FetchedRecord(2, b"shop/ann", b"\xc1")])
    assert not world.written.named("commit")
    assert world.writer.position == -1


async def test_a_commit_without_an_answer_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sessionizer.worker.commit.TRANSACTION_TIMEOUT_MS", 1)
    world = World()
    world.producer.silent = True
    with pytest.raises(NotCommitted):
        await world.commit(Shard(0), [*two_visitors(), a_tick_record(2)])
    assert world.writer.position == -1
