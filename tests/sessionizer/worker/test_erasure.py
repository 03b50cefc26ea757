"""Rule 11 on the whole worker: rows and state go, others are told, and a receipt says what remains."""

import time
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaProducer

from schemas import session as contract
from schemas.envelope import Batch, Erasure, encode, visitor_key
from schemas.session import ErasureReceipt, SessionState
from schemas.topic import BATCHES, DEAD_LETTERS, SESSIONIZER_CHANGELOG, SESSIONS
from sessionizer.core.state import decode_visitor
from tests.builders.batches import DAY, an_erasure
from tests.builders.events import a_batch_of, a_click
from tests.faults.verdict import log_of
from tests.faults.waiting import caught_up
from tests.servers.broker import KafkaServer
from tests.servers.engine import ClickHouseDatabase
from tests.servers.sessionizer import Sessionizers, workers_on

pytestmark = [pytest.mark.stack, pytest.mark.timeout(120)]


@pytest_asyncio.fixture
async def workers(
    kafka: KafkaServer, clickhouse: ClickHouseDatabase, tmp_path: Path
) -> AsyncIterator[Sessionizers]:
    async with workers_on(kafka, clickhouse, tmp_path, grace_ms=200, tick_ms=200) as started:
        yield started


async def send(kafka: KafkaServer, *envelopes: Batch | Erasure) -> None:
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, acks="all") as producer:
        for each in envelopes:
            key = visitor_key(each.connection, each.visitor)
            await producer.send_and_wait(BATCHES, encode(each), key=key)
    await caught_up(kafka.bootstrap)


def a_visit(visitor: str, seq: int = 0) -> Batch:
    return a_batch_of([a_click(time.time_ns() // 1_000_000 - 1)], visitor=visitor, seq=seq)


async def last_values(kafka: KafkaServer, topic: str) -> dict[bytes | None, bytes | None]:
    """What compaction would leave."""
    records = [
        record for partition in (await log_of(kafka.bootstrap, topic)).values() for record in partition
    ]
    return {record.key: record.value for record in records}


async def test_an_erased_visitor_is_gone_everywhere_and_may_come_back(
    kafka: KafkaServer, clickhouse: ClickHouseDatabase, workers: Sessionizers
) -> None:
    client = clickhouse.client()
    worker = workers.start()
    await worker.ready()
    await send(kafka, a_visit("ann"), a_visit("ben"))
    of_ann = "SELECT session_id FROM sessions FINAL WHERE visitor = 'ann'"
    ((before,),) = client.query(of_ann).result_rows
    erasure = an_erasure(time.time_ns() // 1_000_000, visitor="ann")
    await send(kafka, erasure)
    assert [
        client.query(f"SELECT count() FROM {table} WHERE session_id = '{before}'").result_rows[0][0]
        for table in ("sessions", "recordings", "events")
    ] == [0, 0, 0]

    await send(kafka, a_visit("ann", 1))
    ((after,),) = client.query(of_ann).result_rows
    assert after != before
    assert await worker.process.stop(timeout_ms=10_000) == 0, worker.process.log_end()

    told = await last_values(kafka, SESSIONS)
    assert told[contract.session_key(before)] is None
    state = contract.decode(told[contract.session_key(after)] or b"")
    assert isinstance(state, SessionState)
    assert (state.visitor, state.status, state.session_id) == ("ann", "active", after)
    receipt = contract.decode(told[contract.receipt_key(UUID(bytes=erasure.erasure_id))] or b"")
    assert isinstance(receipt, ErasureReceipt)
    assert (receipt.session_ids, receipt.batches, receipt.events) == ((before,), 1, 1)
    assert {each.topic: each.until - erasure.received_at for each in receipt.remains} == {
        BATCHES: 8 * DAY,
        DEAD_LETTERS: 31 * DAY,
    }
    value = (await last_values(kafka, SESSIONIZER_CHANGELOG))[b"shop/ann"]
    assert value is not None
    visitor = decode_visitor(value)
    assert [session.id for session in visitor.sessions()] == [after.bytes]


async def test_the_same_erasure_again_harms_nothing(
    kafka: KafkaServer, clickhouse: ClickHouseDatabase, workers: Sessionizers
) -> None:
    worker = workers.start()
    await worker.ready()
    await send(kafka, a_visit("eve"))
    erasure = an_erasure(time.time_ns() // 1_000_000, visitor="eve")
    await send(kafka, erasure, erasure)
    assert await worker.process.stop(timeout_ms=10_000) == 0, worker.process.log_end()
    told = await last_values(kafka, SESSIONS)
    receipt = contract.decode(told[contract.receipt_key(UUID(bytes=erasure.erasure_id))] or b"")
    assert isinstance(receipt, ErasureReceipt)
    assert (len(receipt.session_ids), receipt.batches) == (1, 1)
