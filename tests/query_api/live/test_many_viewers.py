"""A real query API process and its sockets: many viewers, slow ones, ones that take nothing, and the stop."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from clickhouse_connect.driver.client import Client

from tests.query_api.live.sse import Message, Reader
from tests.query_api.seeds import (
    START,
    SessionVersion,
    batch,
    connection,
    event,
    insert_batches,
    insert_sessions,
    session_id,
    tokens_file,
)
from tests.servers.broker import KafkaServer
from tests.servers.collector import write_connections
from tests.servers.engine import ClickHouseDatabase
from tests.servers.query_api import QueryApi
from tests.servers.waiting import run

pytestmark = [pytest.mark.stack, pytest.mark.timeout(75)]

KIB = 1024
MIB = KIB * KIB
VIEWERS, ROUNDS, BATCH_BYTES = 200, 8, 100 * KIB
ROOM_BYTES = 96 * MIB
"""200 sockets with their small buffers; what they are told would be 160 MB."""
_seeds = itertools.count(97_001)


class Session:
    """An active session. What arrives is written as the sessionizer does: the batch, then the version."""

    def __init__(self, store: Client) -> None:
        self._store = store
        self.id = session_id(START, next(_seeds))
        self._version = SessionVersion("shop", self.id, status="active")
        self.batches = 0
        insert_sessions(store, self._version)

    def arrive(self, size: int = 10) -> None:
        at, self.batches = self.batches, self.batches + 1
        one = batch(event(START + at, "x" * size), seq=at, offset=at)
        insert_batches(self._store, "shop", self.id, one)
        self._next_version()

    def complete(self) -> None:
        self._next_version(status="completed")

    def _next_version(self, **changes: str) -> None:
        self._version = replace(self._version, version=self._version.version + 1, **changes)  # type: ignore[arg-type]
        insert_sessions(self._store, self._version)


class Viewer:
    """A socket, read when the test says so."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, last_id: str) -> None:
        self._reader, self.writer = reader, writer
        self._sse = Reader(last_id)
        self.messages: list[Message] = []
        self.ended = False

    async def begin(self) -> None:
        assert await self._reader.readline() == b"HTTP/1.1 200 OK\r\n"
        while await self._reader.readline() != b"\r\n":
            pass

    async def take(self) -> None:
        """One chunk of the answer (RFC 9112, 7.1)."""
        size = int(await self._reader.readline(), 16)
        piece = await self._reader.readexactly(size + 2)
        self.ended = size == 0
        self.messages += self._sse.feed(piece[:-2])

    async def until(self, offset: int) -> None:
        while not self.offsets or self.offsets[-1] < offset:
            await self.take()

    async def to_the_end(self) -> None:
        while not self.ended:
            await self.take()

    @property
    def offsets(self) -> list[int]:
        return [each.offset for each in self.messages if each.event == "batch"]


@asynccontextmanager
async def viewing(api: QueryApi, session: Session, last_id: str | None = None) -> AsyncIterator[Viewer]:
    host, _, port = api.url.removeprefix("http://").partition(":")
    resumed = "" if last_id is None else f"Last-Event-ID: {last_id}\r\n"
    # It takes no more than a little of what is sent before it is read.
    reader, writer = await asyncio.open_connection(host, int(port), limit=64 * KIB)
    writer.write(
        f"GET /v1/sessions/{session.id}/live HTTP/1.1\r\nHost: x\r\n{resumed}"
        "Authorization: Bearer secret\r\n\r\n".encode()
    )
    viewer = Viewer(reader, writer, last_id or "")
    try:
        await viewer.begin()
        yield viewer
    finally:
        writer.close()


async def measured(api: QueryApi, name: str) -> float:
    async with api.client("secret") as client:
        text = (await client.get("/metrics")).text
    return sum(float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(name + " "))


QUERIES = 'playhead_query_api_clickhouse_seconds_count{outcome="ok",query="%s"}'
OPEN = "playhead_query_api_live_viewers"


async def wait_for(api: QueryApi, name: str, least: float, most: float = float("inf")) -> None:
    while not least <= await measured(api, name) <= most:
        await asyncio.sleep(0.02)


@pytest.fixture(scope="module")
def settings(
    kafka: KafkaServer, clickhouse: ClickHouseDatabase, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, object]:
    tokens: Path = tmp_path_factory.mktemp("tokens") / "tokens.json"
    tokens.write_bytes(tokens_file(secret="demo"))
    run(kafka.fresh_topics())
    run(write_connections(kafka.bootstrap, [connection("shop")]))
    return {
        "kafka_bootstrap": kafka.bootstrap,
        "clickhouse_url": clickhouse.url,
        "clickhouse_password": clickhouse.admin_password,
        "clickhouse_database": clickhouse.name,
        "tokens_file": tokens,
        "live_poll_ms": 20,
        # A machine may stand still for as long as it likes.
        "query_timeout_ms": 300_000,
        "live_longest_ms": 86_400_000,
        "stall_timeout_ms": 600_000,
        # A stop that waited for streams would outlast the test.
        "stop_within_ms": 300_000,
    }


@pytest.fixture(scope="module")
def api(settings: dict[str, object], tmp_path_factory: pytest.TempPathFactory) -> Iterator[QueryApi]:
    api = QueryApi(tmp_path_factory.mktemp("query-api"), **settings)
    try:
        run(api.ready())
        yield api
    finally:
        run(api.process.stop(timeout_ms=20_000))


async def test_two_hundred_viewers_cost_the_store_what_one_does_and_little_memory(
    api: QueryApi, store: Client
) -> None:
    session = Session(store)
    process = psutil.Process(api.process.pid)
    async with AsyncExitStack() as stack:
        at_first = process.memory_info().rss
        viewers = [await stack.enter_async_context(viewing(api, session)) for _ in range(VIEWERS)]
        await asyncio.to_thread(session.arrive)
        await asyncio.gather(*(viewer.until(0) for viewer in viewers))
        queries = await measured(api, QUERIES % "live_next")
        most = 0
        for number in range(1, ROUNDS + 1):
            await asyncio.to_thread(session.arrive, BATCH_BYTES)
            await asyncio.gather(*(viewer.until(number) for viewer in viewers))
            most = max(most, process.memory_info().rss)
        assert await measured(api, QUERIES % "live_next") - queries <= ROUNDS
        assert await measured(api, OPEN) == VIEWERS
        await asyncio.to_thread(session.complete)
        await asyncio.gather(*(viewer.to_the_end() for viewer in viewers))

    assert all(viewer.offsets == list(range(ROUNDS + 1)) for viewer in viewers)
    assert all(viewer.messages[-1].event == "completed" for viewer in viewers)
    assert most - at_first < ROOM_BYTES
    await wait_for(api, OPEN, 0, 0)


async def test_a_viewer_that_takes_too_little_holds_nothing_up_and_gets_all_of_it(
    api: QueryApi, store: Client
) -> None:
    session = Session(store)
    fell_behind = await measured(api, "playhead_query_api_live_fell_behind_total")
    process = psutil.Process(api.process.pid)
    async with viewing(api, session) as slow, viewing(api, session) as quick:
        await asyncio.to_thread(session.arrive)
        await slow.until(0)
        at_first = process.memory_info().rss
        while await measured(api, "playhead_query_api_live_fell_behind_total") == fell_behind:
            await asyncio.to_thread(session.arrive, 900 * KIB)
            await quick.until(session.batches - 1)
        for _ in range(20):
            await asyncio.to_thread(session.arrive, 900 * KIB)
        await quick.until(session.batches - 1)
        grown = process.memory_info().rss - at_first
        await slow.until(session.batches - 1)
        await asyncio.to_thread(session.arrive)
        for viewer in (slow, quick):
            await viewer.until(session.batches - 1)

    assert slow.offsets == quick.offsets == list(range(session.batches))
    assert grown < 48 * MIB


async def test_who_lost_its_connection_goes_on_behind_the_last_id(api: QueryApi, store: Client) -> None:
    session = Session(store)
    async with viewing(api, session) as first:
        await asyncio.to_thread(session.arrive)
        await first.until(0)
    for _ in range(3):
        await asyncio.to_thread(session.arrive)
    await wait_for(api, OPEN, 0, 0)

    async with viewing(api, session, first.messages[-1].id) as again:
        await again.until(3)
        await asyncio.to_thread(session.arrive)
        await again.until(4)
    assert again.offsets == [1, 2, 3, 4]


async def test_who_takes_nothing_is_cut_off_and_a_stop_ends_the_others_in_order(
    settings: dict[str, object], tmp_path: Path, store: Client
) -> None:
    session = Session(store)
    api = QueryApi(tmp_path, **{**settings, "stall_timeout_ms": 500})
    try:
        await api.ready()
        async with viewing(api, session) as stalled, viewing(api, session) as quick:
            await asyncio.to_thread(session.arrive)
            await stalled.until(0)
            # By us, or by the kernel, which has waited for it since before we had to (TCP_USER_TIMEOUT).
            while await measured(api, OPEN) > 1:
                await asyncio.to_thread(session.arrive, 900 * KIB)
                await quick.until(session.batches - 1)
            await wait_for(api, OPEN, 1, 1)

            assert await api.process.stop(timeout_ms=120_000) == 0
            await quick.to_the_end()
        assert quick.offsets == list(range(session.batches))
        assert quick.messages[-1].event == "batch", "the session was not completed"
    finally:
        await api.process.stop(timeout_ms=20_000)
