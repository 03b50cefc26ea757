"""The query API as an operator runs it: started before everything else, through outages, stopped."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import psutil
import pytest

from tests.faults.restartable import DATABASE, RestartableBroker, RestartableEngine
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
from tests.servers.collector import write_connections
from tests.servers.query_api import QueryApi

pytestmark = [pytest.mark.stack, pytest.mark.faults]

MIB = 1024 * 1024
WITHIN_S = 60


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not await true():
            await asyncio.sleep(0.05)


async def test_it_starts_before_kafka_and_clickhouse_and_lives_through_their_outages(tmp_path: Path) -> None:
    broker, engine = RestartableBroker(tmp_path / "kafka"), RestartableEngine(tmp_path / "clickhouse")
    tokens = tmp_path / "tokens.json"
    api = QueryApi(
        tmp_path,
        kafka_bootstrap=broker.bootstrap,
        clickhouse_url=engine.url,
        clickhouse_password=engine.password,
        clickhouse_database=DATABASE,
        tokens_file=tokens,
    )
    try:
        # Given nothing but itself.
        await api.alive()
        async with api.client("secret") as client:
            readiness = await client.get("/readyz")
            assert readiness.status_code == 503
            assert readiness.json() == {
                "ready": False,
                "connections": False,
                "clickhouse": False,
                "tokens": False,
            }

            tokens.write_bytes(tokens_file(secret="demo"))
            assert (await client.get("/v1/me")).status_code == 200
            await refused(client, "/v1/connections", "not_ready")

            await broker.start()
            await write_connections(broker.bootstrap, [connection("shop")])
            await until(lambda: holds(client, "/v1/connections", "shop"))
            await refused(client, "/v1/connections/shop/sessions", "clickhouse_unavailable")

            await engine.start()
            one = session_id(START, 1)
            with engine.client() as store:
                insert_sessions(store, SessionVersion("shop", one))
                insert_batches(store, "shop", one, batch(event(START), seq=0))
            await api.ready()
            session, events = f"/v1/sessions/{one}", f"/v1/sessions/{one}/events"
            assert await answers(client, session)
            assert await answers(client, events)

            # ClickHouse goes and comes.
            await engine.kill()
            for path in (
                session,
                events,
                "/v1/connections/shop/sessions",
                "/v1/connections/shop/sessions/stats",
            ):
                await refused(client, path, "clickhouse_unavailable")
            assert (await client.get("/readyz")).status_code == 503
            assert (await client.get("/healthz")).status_code == 200
            await engine.start()
            await until(lambda: answers(client, events))

            # Kafka goes: what is known stays known. It comes: changes follow.
            await broker.kill()
            assert await answers(client, session)
            await broker.start()
            await write_connections(broker.bootstrap, [connection("second")])
            await until(lambda: holds(client, "/v1/connections", "second"))

        assert psutil.Process(api.process.pid).memory_info().rss < 250 * MIB
        assert await api.process.stop(timeout_ms=20_000) == 0
    finally:
        for gone in (api.process, engine, broker):
            await gone.kill()


async def refused(client: httpx.AsyncClient, path: str, reason: str) -> None:
    response = await client.get(path)
    assert (response.status_code, response.json()["reason"]) == (503, reason)
    assert int(response.headers["retry-after"]) > 0


async def answers(client: httpx.AsyncClient, path: str) -> bool:
    return (await client.get(path)).status_code == 200


async def holds(client: httpx.AsyncClient, path: str, text: str) -> bool:
    return text in (await client.get(path)).text


async def test_settings_that_make_no_sense_end_it_with_their_name(tmp_path: Path) -> None:
    api = QueryApi(tmp_path, page_bytes=0)

    assert await api.process.wait() == 1
    assert "page_bytes" in api.process.log_end()


async def test_a_port_that_is_taken_ends_it_with_its_number(tmp_path: Path) -> None:
    first = QueryApi(tmp_path)
    try:
        await first.alive()
        port = first.url.rpartition(":")[2]
        second = QueryApi(tmp_path, port=port)

        assert await second.process.wait() == 1
        assert f"127.0.0.1:{port}" in second.process.log_end()
    finally:
        await first.process.kill()
