"""Shares in the real topic: what was made opens on every process, what was revoked on none, also later."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from query_api import book_reader
from query_api.problems import Reason, Refusal
from query_api.record_writer import RecordWriter
from query_api.shares.repository import ShareReader, ShareRepository
from schemas.share import Share
from schemas.topic import SHARES
from tests.faults.restartable import DATABASE, RestartableBroker, RestartableEngine
from tests.query_api.conftest import SHARE_KEY
from tests.query_api.seeds import (
    START,
    SessionVersion,
    connection,
    insert_sessions,
    session_id,
    share,
    token,
    tokens_file,
)
from tests.servers.broker import KafkaServer
from tests.servers.collector import write_connections
from tests.servers.query_api import QueryApi

pytestmark = pytest.mark.stack

LONG_MS, HOUR_MS = 60_000, 3_600_000
OURS = session_id(START, 9_001)


@asynccontextmanager
async def process(bootstrap: str) -> AsyncIterator[ShareRepository]:
    """What one query API process has of shares."""
    reader = ShareReader(bootstrap)
    reading = asyncio.create_task(reader.run())
    writer = RecordWriter(bootstrap, LONG_MS)
    try:
        async with asyncio.timeout(LONG_MS / 1000):
            while not reader.caught_up:
                await asyncio.sleep(0.02)
        yield ShareRepository(reader, writer, within_ms=LONG_MS, stale_after_ms=3_600_000)
    finally:
        reading.cancel()
        await asyncio.wait([reading])


async def held(repository: ShareRepository, share_id: str, there: bool) -> Share | None:
    async with asyncio.timeout(LONG_MS / 1000):
        while (repository.by_id(share_id) is not None) is not there:
            await asyncio.sleep(0.02)
    return repository.by_id(share_id)


async def test_who_writes_has_read_it_when_it_is_told_so_and_all_others_follow(kafka: KafkaServer) -> None:
    await kafka.fresh_topics()
    one = share("one", OURS)
    async with process(kafka.bootstrap) as first, process(kafka.bootstrap) as second:
        await first.add(one)
        assert first.by_id("one") == one
        assert await held(second, "one", there=True) == one

        await second.remove("one")
        assert second.by_id("one") is None
        assert await held(first, "one", there=False) is None

    async with process(kafka.bootstrap) as restarted:
        assert restarted.by_id("one") is None


async def test_what_cannot_be_written_is_not_said_to_be() -> None:
    writer = RecordWriter("127.0.0.1:1", 300)

    with pytest.raises(Refusal) as refused:
        await writer.write(SHARES, "one", None)

    assert refused.value.reason is Reason.KAFKA_UNAVAILABLE


async def test_what_was_written_and_not_read_is_not_said_to_be_done(kafka: KafkaServer) -> None:
    await kafka.fresh_topics()
    reader = ShareReader(kafka.bootstrap)
    repository = ShareRepository(
        reader, RecordWriter(kafka.bootstrap, LONG_MS), within_ms=100, stale_after_ms=3_600_000
    )

    with pytest.raises(Refusal) as refused:
        await repository.add(share("one", OURS))

    assert refused.value.reason is Reason.KAFKA_UNAVAILABLE


def test_before_anything_was_read_no_link_is_said_to_be_bad() -> None:
    reader = ShareReader("127.0.0.1:1")
    repository = ShareRepository(reader, RecordWriter("127.0.0.1:1", 1), within_ms=1, stale_after_ms=30_000)

    with pytest.raises(Refusal) as refused:
        repository.by_id("one")

    assert refused.value.reason is Reason.NOT_READY


@pytest.mark.faults
async def test_what_is_held_is_as_old_as_the_last_time_that_the_whole_log_was_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker = RestartableBroker(tmp_path / "kafka")
    looks: list[object] = []
    look = book_reader._ends

    async def noted(*partitions: Any) -> Any:
        looks.append(await look(*partitions))
        return looks[-1]

    monkeypatch.setattr(book_reader, "_ends", noted)
    passed_ms = 0
    await broker.start()
    reader = ShareReader(broker.bootstrap)
    reader._clock = lambda: book_reader.monotonic_ms() + passed_ms
    reading = asyncio.create_task(reader.run())

    def is_old() -> bool:
        return reader.age_ms is None or reader.age_ms >= HOUR_MS

    try:
        await until(reader, lambda: not is_old())
        passed_ms += HOUR_MS
        await until(reader, lambda: not is_old())

        await broker.kill()
        passed_ms += HOUR_MS
        await until(reader, lambda: None in looks)
        assert is_old()

        await broker.start()
        await until(reader, lambda: not is_old())
    finally:
        reading.cancel()
        await asyncio.wait([reading])
        await broker.kill()


async def until(reader: ShareReader, true: Callable[[], bool]) -> None:
    async with asyncio.timeout(LONG_MS / 1000):
        while not (reader.caught_up and true()):
            await asyncio.sleep(0.02)


@pytest.mark.faults
async def test_a_link_through_restarts_of_everything(tmp_path: Path) -> None:
    """Two processes: made on one, opened on both; revoked on one, after a kill -9 of all opened by none."""
    broker, engine = RestartableBroker(tmp_path / "kafka"), RestartableEngine(tmp_path / "clickhouse")
    tokens, keys = tmp_path / "tokens.json", tmp_path / "share-keys"
    tokens.write_bytes(tokens_file(token("admin_secret", "demo", "admin")))
    keys.write_text(SHARE_KEY)

    def an_api() -> QueryApi:
        return QueryApi(
            tmp_path,
            kafka_bootstrap=broker.bootstrap,
            clickhouse_url=engine.url,
            clickhouse_password=engine.password,
            clickhouse_database=DATABASE,
            tokens_file=tokens,
            share_keys_file=keys,
            share_stale_after_ms=3_600_000,
            kafka_write_timeout_ms=60_000,
        )

    first, second, third = an_api(), an_api(), an_api()
    try:
        await broker.start()
        await engine.start()
        await write_connections(broker.bootstrap, [connection("shop")])
        with engine.client() as store:
            insert_sessions(store, SessionVersion("shop", OURS))
        for api in (first, second):
            await api.alive()
            await api.ready()

        kept, revoked = [await made(first) for _ in range(2)]
        for api in (first, second):
            await opens(api, kept, 200)
            await opens(api, revoked, 200)

        async with second.client("admin_secret") as admin:
            gone = await admin.delete(f"/v1/sessions/{OURS}/shares/{revoked['share_id']}")
            assert gone.status_code == 204
        await opens(second, revoked, 401, at_once=True)
        await opens(first, revoked, 401)

        for each in (first.process, second.process, broker):
            await each.kill()
        await broker.start()
        await third.alive()
        await third.ready()
        await opens(third, kept, 200)
        await opens(third, revoked, 401, at_once=True)
        for log in tmp_path.glob("query-api-*.log"):
            assert kept["token"] not in log.read_text()
    finally:
        for gone in (first.process, second.process, third.process, engine, broker):
            await gone.kill()


async def made(api: QueryApi) -> dict[str, str]:
    async with api.client("admin_secret") as admin:
        response = await admin.post(f"/v1/sessions/{OURS}/shares", json={})
        assert response.status_code == 201, response.text
        answer: dict[str, str] = response.json()
        return answer


async def opens(api: QueryApi, link: dict[str, str], status: int, at_once: bool = False) -> None:
    """Within a time, or at the first try."""
    async with api.client(link["token"]) as guest, asyncio.timeout(LONG_MS / 1000):
        while (found := (await guest.get(f"/v1/sessions/{OURS}")).status_code) != status:
            assert not at_once or found == 503, found
            await asyncio.sleep(0.05)
