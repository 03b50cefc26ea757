"""A session of 2 million events and 500 MB, out of a real query API process whose memory is watched."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import psutil
import pytest
from backports.zstd import ZstdDecompressor
from clickhouse_connect.driver.client import Client

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

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

MIB = 1024 * 1024
BATCHES, EVENTS_A_BATCH = 20_000, 100
EVENTS = BATCHES * EVENTS_A_BATCH
LEAST_BYTES = 500_000_000
ROOM_BYTES = 64 * MIB
"""What a process may grow by that sends one such session: some pages of a few MiB, not the session."""
WITHIN_S = 120
LARGE, SMALL = session_id(START, 80_001), session_id(START, 80_002)

# The view would parse it all, and replay does not read what it makes.
WITHOUT_EVENTS = "DROP VIEW recordings_to_events"
GROW = """
INSERT INTO recordings
    (connection_id, session_id, window_id, first_at, last_at, seq, events, raw_bytes, payload, in_order,
    expires_on)
SELECT
    'shop',
    {session:UUID},
    'w',
    fromUnixTimestamp64Milli({start:Int64} + number * 100),
    fromUnixTimestamp64Milli({start:Int64} + number * 100 + 99),
    number,
    {events:UInt32},
    length(payload),
    arrayStringConcat(
        arrayMap(
            n -> concat(
                '{"type":3,"data":{"source":1,"text":"', repeat('mouse move ', 18), '"},"timestamp":',
                toString({start:Int64} + number * 100 + n), '}'
            ),
            range({events:UInt32})
        ),
        ','
    ) AS payload,
    true,
    today() + 30
FROM numbers({batches:UInt64})
SETTINGS max_block_size = 200, min_insert_block_size_rows = 2000, min_insert_block_size_bytes = 0
"""
OPEN_QUERIES = """
SELECT count()
FROM system.processes
WHERE query LIKE '%PREWHERE connection_id%' AND query NOT LIKE '%system.processes%'
"""


@pytest.fixture(scope="module")
def large(clickhouse: ClickHouseDatabase) -> Iterator[Client]:
    with clickhouse.client() as store:
        store.command(WITHOUT_EVENTS)
        store.command(GROW, {"session": LARGE, "start": START, "events": EVENTS_A_BATCH, "batches": BATCHES})
        insert_sessions(store, SessionVersion("shop", LARGE), SessionVersion("shop", SMALL))
        insert_batches(store, "shop", SMALL, batch(event(START), seq=0))
        yield store


@pytest.fixture(scope="module")
def api(
    kafka: KafkaServer,
    clickhouse: ClickHouseDatabase,
    tmp_path_factory: pytest.TempPathFactory,
    large: Client,
) -> Iterator[QueryApi]:
    folder: Path = tmp_path_factory.mktemp("query-api")
    tokens = folder / "tokens.json"
    tokens.write_bytes(tokens_file(secret="demo"))
    run(kafka.fresh_topics())
    run(write_connections(kafka.bootstrap, [connection("shop")]))
    api = QueryApi(
        folder,
        kafka_bootstrap=kafka.bootstrap,
        clickhouse_url=clickhouse.url,
        clickhouse_password=clickhouse.admin_password,
        clickhouse_database=clickhouse.name,
        tokens_file=tokens,
        stall_timeout_ms=1_000,
    )
    try:
        run(api.ready())
        yield api
    finally:
        run(api.process.stop(timeout_ms=20_000))


@asynccontextmanager
async def watched(api: QueryApi) -> AsyncIterator[list[int]]:
    """Gives the bytes by which the process has grown, the most so far as its only value."""
    process = psutil.Process(api.process.pid)
    async with api.client("secret") as client:
        # All code has been run once, so that what grows is what is being sent.
        for accept in ("application/json", "application/x-ndjson"):
            for call in ("events", "export"):
                headers = {"Accept": accept, "Accept-Encoding": "zstd"}
                (await client.get(f"/v1/sessions/{SMALL}/{call}", headers=headers)).raise_for_status()
    at_first, most = process.memory_info().rss, [0]

    async def watch() -> None:
        while True:
            most[0] = max(most[0], process.memory_info().rss - at_first)
            await asyncio.sleep(0.02)

    watching = asyncio.create_task(watch())
    try:
        yield most
    finally:
        watching.cancel()


async def test_all_of_it_is_sent_in_flat_memory(api: QueryApi) -> None:
    """As lines and compressed: what is done most to the stored bytes on their way."""
    events, size, unpacking = 0, 0, ZstdDecompressor()
    headers = {"Accept": "application/x-ndjson", "Accept-Encoding": "zstd"}
    url = f"/v1/sessions/{LARGE}/export"

    async with (
        watched(api) as grown,
        api.client("secret") as client,
        client.stream("GET", url, headers=headers) as response,
    ):
        assert response.headers["content-encoding"] == "zstd"
        async for chunk in response.aiter_raw():
            text = unpacking.decompress(chunk)
            events += text.count(b"\n")
            size += len(text)

    assert events == EVENTS
    assert size >= LEAST_BYTES
    assert grown[0] < ROOM_BYTES


async def test_a_client_that_stalls_costs_no_memory_and_is_cut_off(api: QueryApi, large: Client) -> None:
    host, _, port = api.url.removeprefix("http://").partition(":")
    async with watched(api) as grown, api.client("secret") as client:
        before = await stalled(client)
        # It takes no more than the head of the answer, and a little of its text.
        reader, writer = await asyncio.open_connection(host, int(port), limit=1024)
        writer.write(
            f"GET /v1/sessions/{LARGE}/export HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer secret\r\n"
            f"Accept: application/x-ndjson\r\n\r\n".encode()
        )
        try:
            assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
            async with asyncio.timeout(WITHIN_S):
                while await stalled(client) == before:
                    await asyncio.sleep(0.05)
                while await open_queries(large):
                    await asyncio.sleep(0.05)
        finally:
            writer.close()

    assert grown[0] < ROOM_BYTES


async def stalled(client: httpx.AsyncClient) -> float:
    text = (await client.get("/metrics")).text
    name = 'playhead_query_api_event_pages_broken_total{cause="client_stalled"} '
    return sum(float(line.removeprefix(name)) for line in text.splitlines() if line.startswith(name))


async def open_queries(store: Client) -> int:
    """Queries of batches that the engine still has at work."""
    (row,) = (await asyncio.to_thread(store.query, OPEN_QUERIES)).result_rows
    return int(row[0])
