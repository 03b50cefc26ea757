"""The count of partitions is raised under running workers: they refuse, and write nothing that is wrong."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import NewPartitions
from clickhouse_connect.driver.client import Client

from schemas.envelope import Batch, encode, visitor_key
from schemas.topic import BATCHES, SESSIONIZER_CHANGELOG
from sessionizer.core.rules import Rules
from sessionizer.core.state import Shard
from sessionizer.worker.app import APP_ID
from sessionizer.worker.continuity import Continuity, UnusableState, admin_of, find, members
from sessionizer.worker.fence import EXIT_STOPPED_ITSELF, end_process
from sessionizer.worker.recovery import Recovery
from sessionizer.worker.topic_reader import bounds, fetches, topic_reader
from tests.builders.events import a_batch_of, a_full_snapshot, a_meta
from tests.faults import core_truth
from tests.faults.log import all_readable
from tests.faults.stored import doubled, stored_recordings, stored_sessions
from tests.faults.verdict import Log
from tests.servers.broker import KafkaServer
from tests.servers.engine import ClickHouseDatabase
from tests.servers.sessionizer import Sessionizer, Sessionizers, workers_on

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240)]

RULES = Rules(topic=BATCHES, grace_ms=500, retain_ms=20_000)
BEFORE, AFTER = 4, 8
VISITORS = [f"visitor-{number}" for number in range(24)]
LONG_MS = 3_600_000


@pytest_asyncio.fixture
async def workers(
    kafka: KafkaServer, clickhouse: ClickHouseDatabase, tmp_path: Path
) -> AsyncIterator[Sessionizers]:
    async with workers_on(
        kafka, clickhouse, tmp_path, grace_ms=RULES.grace_ms, retain_ms=RULES.retain_ms, tick_ms=500
    ) as started:
        yield started


async def send(kafka: KafkaServer, seq: int, visitors: Iterable[str] = VISITORS) -> None:
    """A batch of each visitor, to the partition that it has now."""
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, acks="all") as producer:
        for visitor in visitors:
            batch = a_visit(visitor, seq)
            await producer.send_and_wait(
                BATCHES, encode(batch), key=visitor_key(batch.connection, batch.visitor)
            )


def a_visit(visitor: str, seq: int) -> Batch:
    at = time.time_ns() // 1_000_000
    return a_batch_of([a_meta(at), a_full_snapshot(at)], visitor=visitor, seq=seq, gap_ms=LONG_MS)


async def raise_partitions(kafka: KafkaServer, topic: str) -> None:
    async with admin_of(kafka.bootstrap) as admin:
        answer = await admin.create_partitions({topic: NewPartitions(AFTER)})
        assert not any(code for _, code, *_ in answer.topic_errors), answer


async def log_so_far(kafka: KafkaServer, partitions: int) -> dict[int, list[core_truth.KafkaRecord]]:
    found: dict[int, list[core_truth.KafkaRecord]] = {}
    async with topic_reader(kafka.bootstrap) as reader:
        for number, (start, end) in (await bounds(reader, BATCHES, partitions)).items():
            found[number] = []
            async for fetched in fetches(reader, TopicPartition(BATCHES, number), start, end):
                found[number] += fetched
    return found


async def read_so_far(kafka: KafkaServer, partitions: int) -> Log:
    """The log up to the positions in the changelog."""
    shards = await Recovery(kafka.bootstrap).shards(range(partitions))
    log = await log_so_far(kafka, partitions)
    return {n: [r for r in records if r.offset <= shards[n].offset] for n, records in log.items()}


async def caught_up(kafka: KafkaServer, partitions: int) -> None:
    async with asyncio.timeout(90):
        while True:
            log, read = await log_so_far(kafka, partitions), await read_so_far(kafka, partitions)
            batches = {n: sum(r.key is not None for r in records) for n, records in log.items()}
            if batches == {n: sum(r.key is not None for r in records) for n, records in read.items()}:
                return
            await asyncio.sleep(0.2)


async def assert_tables_are_right(kafka: KafkaServer, client: Client, partitions: int) -> None:
    await all_readable(kafka.bootstrap, SESSIONIZER_CHANGELOG)
    truth = core_truth.core_truth(await read_so_far(kafka, partitions), RULES)
    assert set(stored_sessions(client)) == set(core_truth.session_rows(truth))
    assert set(stored_recordings(client)) == set(core_truth.recording_rows(truth))
    assert doubled(client) == []


async def assert_tables_hold_whole_blocks(kafka: KafkaServer, client: Client, partitions: int) -> None:
    """As above, for workers that ended themselves: a partition's last block may have rows and no commit."""
    await all_readable(kafka.bootstrap, SESSIONIZER_CHANGELOG)
    committed = await read_so_far(kafka, partitions)
    recordings, sessions = set(stored_recordings(client)), set(stored_sessions(client))
    ends = {n: records[-1].offset for n, records in committed.items()}
    for row in recordings:
        ends[row.partition] = max(ends[row.partition], row.offset)
    log = await log_so_far(kafka, partitions)
    before = core_truth.core_truth(committed, RULES)
    after = core_truth.core_truth(
        {n: [r for r in records if r.offset <= ends[n]] for n, records in log.items()}, RULES
    )
    assert recordings == set(core_truth.recording_rows(after))
    of_before, of_after = set(core_truth.session_rows(before)), set(core_truth.session_rows(after))
    assert sessions <= of_before | of_after
    assert {row.session_id for row in of_before} <= {row.session_id for row in sessions}
    assert doubled(client) == []


async def group_is_empty(kafka: KafkaServer) -> None:
    """A worker that ended itself stays in the group for another session timeout."""
    async with asyncio.timeout(60), admin_of(kafka.bootstrap) as admin:
        while await members(admin, APP_ID):
            await asyncio.sleep(0.2)


async def refuses(worker: Sessionizer, *words: str) -> int:
    code = await asyncio.wait_for(worker.process.wait(), 60)
    told = worker.process.log_end(80)
    assert code != 0, told
    for each in words:
        assert each in told, told
    return code


async def test_a_raise_from_4_to_8_is_refused_until_the_state_is_rebuilt(
    kafka: KafkaServer, clickhouse: ClickHouseDatabase, workers: Sessionizers
) -> None:
    client = clickhouse.client()
    first, second = workers.start(), workers.start()
    await first.owns(2)
    await second.owns(2)
    await send(kafka, seq=0)
    await caught_up(kafka, BEFORE)

    await raise_partitions(kafka, BATCHES)
    await send(kafka, seq=1)
    for worker in (first, second):
        code = await refuses(
            worker, f"has {AFTER} partitions, and had {BEFORE}", "playhead-sessionizer rebuild"
        )
        assert code in (1, EXIT_STOPPED_ITSELF)
    await assert_tables_hold_whole_blocks(kafka, client, BEFORE)

    # A supervisor starts it again, and again; nothing changes by it.
    was = set(stored_sessions(client))
    await refuses(
        workers.start(), f"{BATCHES} has {AFTER} partitions and {SESSIONIZER_CHANGELOG} has {BEFORE}"
    )
    await raise_partitions(kafka, SESSIONIZER_CHANGELOG)
    await refuses(
        workers.start(), f"has {AFTER} partitions, and had {BEFORE}", "playhead-sessionizer rebuild"
    )
    assert set(stored_sessions(client)) == was
    async with admin_of(kafka.bootstrap) as admin:
        found = await find(admin, APP_ID)
    assert set(found.committed) <= set(range(BEFORE)), "a partition was read that no state was written for"
    assert not any(
        record.key is None
        for number, records in (await log_so_far(kafka, AFTER)).items()
        for record in records
        if number >= BEFORE
    ), "a tick was written to a partition that nobody had verified"

    await group_is_empty(kafka)
    rebuild = workers.start("rebuild", "--yes")
    assert await asyncio.wait_for(rebuild.process.wait(), 60) == 0, rebuild.process.log_end(40)
    assert f"there were {BEFORE} partitions, and there are {AFTER}" in rebuild.process.log_end(40)
    again = workers.start()
    await again.owns(AFTER)
    await send(kafka, seq=2)
    await caught_up(kafka, AFTER)
    assert await again.process.stop(timeout_ms=10_000) == 0, again.process.log_end()
    await assert_tables_are_right(kafka, client, AFTER)
    batches = {visitor: [0] for visitor in VISITORS}
    for row in stored_sessions(client):
        batches[row.visitor].append(row.batches)
    assert {sum(each) for each in batches.values()} == {3}
    assert any(sorted(each) == [0, 1, 2] for each in batches.values()), "nobody has moved"


async def test_a_worker_that_has_only_new_partitions_refuses_too(
    kafka: KafkaServer, workers: Sessionizers
) -> None:
    """Its own partitions have no position that would tell: the group's commits do."""
    worker = workers.start()
    await worker.owns(BEFORE)
    await send(kafka, seq=0)
    await caught_up(kafka, BEFORE)
    assert await worker.process.stop(timeout_ms=10_000) == 0, worker.process.log_end()
    for topic in (BATCHES, SESSIONIZER_CHANGELOG):
        await raise_partitions(kafka, topic)
    refused = f"has {AFTER} partitions, and had {BEFORE}"
    with pytest.raises(UnusableState, match=refused):
        await Continuity(kafka.bootstrap, APP_ID, end_process).verify([Shard(AFTER - 1)])
    both = workers.start(), workers.start()
    for each in both:
        await refuses(each, refused)
