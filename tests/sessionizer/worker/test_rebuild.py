"""Lost state is refused, and made anew from the log with the same ids: on a real broker and engine."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import RecordsToDelete

from playhead.kafka import topics
from schemas.envelope import Batch, encode, visitor_key
from schemas.topic import BATCHES, SESSIONIZER_CHANGELOG, SESSIONS, declared
from sessionizer.core.rules import Rules
from sessionizer.core.state import Shard, decode_visitor
from sessionizer.worker.app import APP_ID
from sessionizer.worker.continuity import admin_of, find
from sessionizer.worker.recovery import Recovery
from tests.builders.events import a_batch_of, a_full_snapshot, a_meta
from tests.faults import core_truth
from tests.faults.log import all_readable, ends_of, log_of
from tests.faults.stored import doubled, stored_recordings, stored_sessions
from tests.faults.traffic import Traffic
from tests.faults.verdict import assert_tables_are_the_log
from tests.faults.waiting import caught_up
from tests.servers.broker import KafkaServer
from tests.servers.engine import ClickHouseDatabase
from tests.servers.sessionizer import Sessionizer, Sessionizers, workers_on

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240)]

RULES = Rules(topic=BATCHES, grace_ms=500, retain_ms=20_000)


@pytest_asyncio.fixture
async def workers(
    kafka: KafkaServer, clickhouse: ClickHouseDatabase, tmp_path: Path
) -> AsyncIterator[Sessionizers]:
    client = clickhouse.client()
    for table in ("recordings", "events", "sessions", "erasures"):
        client.command(f"TRUNCATE TABLE {table} SYNC")
    async with workers_on(
        kafka, clickhouse, tmp_path, grace_ms=RULES.grace_ms, retain_ms=RULES.retain_ms, tick_ms=500
    ) as started:
        yield started


async def flow_for(traffic: Traffic, seconds: float) -> None:
    stop = asyncio.Event()
    flow = asyncio.create_task(traffic.flow(until=stop))
    await asyncio.sleep(seconds)
    stop.set()
    await flow


async def all_committed(kafka: KafkaServer) -> None:
    """Until the group has committed every record that is no tick; no longer than a few seconds."""
    log = await log_of(kafka.bootstrap, BATCHES)
    ends = {n: max(r.offset for r in records if r.key) + 1 for n, records in log.items() if records}
    async with asyncio.timeout(30), admin_of(kafka.bootstrap) as admin:
        while True:
            committed = (await find(admin, APP_ID)).committed
            if all(number in committed and committed[number].offset >= end for number, end in ends.items()):
                return
            await asyncio.sleep(0.2)


async def stopped(worker: Sessionizer) -> None:
    assert await worker.process.stop(timeout_ms=10_000) == 0, worker.process.log_end()


async def ended(worker: Sessionizer) -> int:
    return await asyncio.wait_for(worker.process.wait(), 60)


async def lose_the_changelog(kafka: KafkaServer) -> None:
    """The topic is deleted, and `playhead topics` makes it anew."""
    await kafka.delete_topics({SESSIONIZER_CHANGELOG})
    await topics.apply(kafka.bootstrap, declared())


async def state(kafka: KafkaServer) -> dict[int, dict[bytes, object]]:
    """What is remembered, by partition and key; not how often a visitor was looked at."""
    await all_readable(kafka.bootstrap, SESSIONIZER_CHANGELOG)
    shards = await Recovery(kafka.bootstrap).shards(range(4))
    return {number: remembered(shard) for number, shard in shards.items()}


def remembered(shard: Shard) -> dict[bytes, object]:
    found: dict[bytes, object] = {}
    for key, value in shard.visitors.items():
        visitor = decode_visitor(value)
        if visitor.active or visitor.completed or visitor.erased:
            found[key] = visitor.active, visitor.completed, visitor.seen, visitor.erased
    return found


async def test_state_that_was_lost_is_refused_and_comes_again_from_the_log(
    kafka: KafkaServer, clickhouse: ClickHouseDatabase, workers: Sessionizers
) -> None:
    traffic = Traffic(kafka.bootstrap, batches_per_s=30)
    worker = workers.start()
    await worker.ready()
    await flow_for(traffic, 6)
    await caught_up(kafka.bootstrap)
    await all_committed(kafka)
    await stopped(worker)
    was, told = await state(kafka), await ends_of(kafka.bootstrap, SESSIONS)
    assert sum(map(len, was.values())) > 5
    await lose_the_changelog(kafka)

    refusing = workers.start()
    assert await ended(refusing) != 0
    log_end = refusing.process.log_end(60)
    assert "their state is lost" in log_end
    assert "playhead-sessionizer rebuild" in log_end
    assert await log_of(kafka.bootstrap, SESSIONIZER_CHANGELOG) == {number: [] for number in range(4)}

    rebuild = workers.start("rebuild", "--yes")
    assert await ended(rebuild) == 0, rebuild.process.log_end(40)
    assert f"in all: {sum(map(len, was.values()))} visitors, " in rebuild.process.log_end(2)
    assert await state(kafka) == was
    assert await ends_of(kafka.bootstrap, SESSIONS) == told, "others were told again"

    again = workers.start()
    await again.ready()
    await flow_for(traffic, 4)
    await caught_up(kafka.bootstrap)
    await stopped(again)
    await assert_tables_are_the_log(kafka.bootstrap, clickhouse.client(), RULES, sent=traffic.sent)


async def test_a_rebuild_that_was_killed_leaves_nothing_that_a_worker_would_use_and_begins_anew(
    kafka: KafkaServer, workers: Sessionizers
) -> None:
    traffic = Traffic(kafka.bootstrap, batches_per_s=40)
    worker = workers.start()
    await worker.ready()
    await flow_for(traffic, 3)
    await caught_up(kafka.bootstrap)
    await all_committed(kafka)
    await stopped(worker)
    was = await state(kafka)

    killed = workers.start("rebuild", "--yes", module="tests.sessionizer.worker.rebuild_killed")
    assert await ended(killed) == -9, killed.process.log_end(40)
    assert "partition 1: rebuilt" in killed.process.log_end(40)
    assert await state(kafka) != was
    refusing = workers.start()
    assert await ended(refusing) != 0
    assert "playhead-sessionizer rebuild" in refusing.process.log_end(60)

    rebuild = workers.start("rebuild", "--yes")
    assert await ended(rebuild) == 0, rebuild.process.log_end(40)
    assert await state(kafka) == was


async def test_it_refuses_while_a_worker_runs_and_without_being_told_yes(
    kafka: KafkaServer, workers: Sessionizers
) -> None:
    worker = workers.start()
    await worker.ready()
    refused = workers.start("rebuild", "--yes")
    assert await ended(refused) == 1
    assert "1 workers are in the group" in refused.process.log_end()
    await stopped(worker)
    before = await ends_of(kafka.bootstrap, SESSIONIZER_CHANGELOG)
    unasked = workers.start("rebuild")
    assert await ended(unasked) == 1
    assert "not agreed to; nothing was changed" in unasked.process.log_end()
    assert await ends_of(kafka.bootstrap, SESSIONIZER_CHANGELOG) == before


async def test_it_prints_how_large_the_state_is(kafka: KafkaServer, workers: Sessionizers) -> None:
    worker = workers.start()
    await worker.ready()
    await send(kafka, *(visit(f"visitor-{number}", 0, now_ms(), 600_000) for number in range(9)))
    await caught_up(kafka.bootstrap)
    await stopped(worker)
    printed = workers.start("state")
    assert await ended(printed) == 0
    *partitions, told = printed.process.log_end(5).splitlines()
    assert [line.split(":")[0] for line in partitions] == [f"partition {number}" for number in range(4)]
    shards = await Recovery(kafka.bootstrap).shards(range(4))
    live = sum(shard.active_sessions for shard in shards.values())
    assert live > 0
    assert f", {live} live sessions, " in told
    assert "bytes per live session" in told


async def test_a_log_whose_start_is_gone_doubles_no_session(
    kafka: KafkaServer, clickhouse: ClickHouseDatabase, workers: Sessionizers
) -> None:
    """Sessions that began before it have their ids from the tables, and go on."""
    client = clickhouse.client()
    worker = workers.start()
    await worker.ready()
    visitors = [f"visitor-{number}" for number in range(12)]
    at = now_ms()
    gap_ms = 600_000
    await send(kafka, *(visit(name, seq, at, gap_ms) for seq in range(3) for name in visitors))
    await caught_up(kafka.bootstrap)
    cut_at = await ends_of(kafka.bootstrap, BATCHES)
    more = [*(visit(name, seq, at, gap_ms) for seq in (3, 4) for name in visitors)]
    # A repeat of a batch from before the start, and a visitor who begins after it.
    more += [visit(visitors[0], 1, at, gap_ms), visit("begins-after", 0, at, gap_ms)]
    await send(kafka, *more)
    await caught_up(kafka.bootstrap)
    await all_committed(kafka)
    await stopped(worker)
    whole = await log_of(kafka.bootstrap, BATCHES)
    was = await state(kafka)
    async with admin_of(kafka.bootstrap) as admin:
        await admin.delete_records(
            {TopicPartition(BATCHES, number): RecordsToDelete(end) for number, end in cut_at.items()}
        )
    await lose_the_changelog(kafka)

    rebuild = workers.start("rebuild", "--yes")
    assert await ended(rebuild) == 0, rebuild.process.log_end(40)
    assert "sessions began before the log's start" in rebuild.process.log_end(40)
    rebuilt = await state(kafka)
    assert {n: sorted(keys) for n, keys in rebuilt.items()} == {n: sorted(keys) for n, keys in was.items()}
    again = workers.start()
    await again.ready()
    late = [visit(name, 5, at, gap_ms) for name in [*visitors, "begins-after"]]
    # Repeats: of a batch that is gone from the log, and of one that is in it.
    late += [visit(visitors[1], 0, at, gap_ms), visit(visitors[2], 4, at, gap_ms)]
    await send(kafka, *late)
    await caught_up(kafka.bootstrap)
    await stopped(again)

    for number, records in (await log_of(kafka.bootstrap, BATCHES)).items():
        whole[number] = [*whole[number], *(r for r in records if r.offset > whole[number][-1].offset)]
    truth = core_truth.core_truth(whole, RULES)
    assert set(stored_sessions(client)) == set(core_truth.session_rows(truth))
    assert set(stored_recordings(client)) == set(core_truth.recording_rows(truth))
    assert doubled(client) == []
    by_visitor = {row.visitor: row.batches for row in stored_sessions(client)}
    assert by_visitor == {**dict.fromkeys(visitors, 6), "begins-after": 2}


def visit(visitor: str, seq: int, at: int, gap_ms: int) -> Batch:
    when = at + seq
    return a_batch_of([a_meta(when), a_full_snapshot(when)], visitor=visitor, seq=seq, gap_ms=gap_ms)


async def send(kafka: KafkaServer, *batches: Batch) -> None:
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, acks="all") as producer:
        for batch in batches:
            await producer.send_and_wait(
                BATCHES, encode(batch), key=visitor_key(batch.connection, batch.visitor)
            )


def now_ms() -> int:
    return time.time_ns() // 1_000_000
