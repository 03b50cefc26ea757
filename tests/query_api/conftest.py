"""A query API over the real engine, its connections given by the test, and callers of two tenants."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from clickhouse_connect.driver.client import Client
from fastapi import FastAPI

from query_api.app import create_app
from query_api.settings import Settings
from schemas.connection import Connection, ConnectionBook, encode
from tests.query_api.seeds import connection, tokens_file
from tests.servers.engine import ClickHouseDatabase

CONNECTIONS = (
    connection("shop"),
    connection("admin", created_at=1_795_500_000_001),
    connection("rival-shop", tenant="rival"),
)


@pytest.fixture(scope="module")
def store(clickhouse: ClickHouseDatabase) -> Client:
    """For a test to put in what the query API is to find."""
    return clickhouse.client()


@pytest.fixture
def settings(clickhouse: ClickHouseDatabase, tmp_path: Path) -> Settings:
    tokens = tmp_path / "tokens.json"
    tokens.write_bytes(tokens_file(demo_secret="demo", rival_secret="rival", empty_secret="empty"))
    return Settings(
        clickhouse_url=clickhouse.url,
        clickhouse_password=clickhouse.admin_password,
        clickhouse_database=clickhouse.name,
        tokens_file=tokens,
    )


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[FastAPI]:
    made = create_app(settings)
    know(made, *CONNECTIONS)
    yield made
    await made.state.rooms.clickhouse.close()


def know(app: FastAPI, *connections: Connection) -> None:
    """As if the reader of the topic had caught up with these."""
    book = ConnectionBook()
    for each in connections:
        book.apply(each.id.encode(), encode(each))
    app.state.rooms.connection_reader.show(book)


def calling(app: FastAPI, secret: str | None) -> httpx.AsyncClient:
    headers = {} if secret is None else {"Authorization": f"Bearer {secret}"}
    # What the app raises arrives as the 500 that a caller would see.
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://api", headers=headers)


@pytest.fixture
async def demo(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with calling(app, "demo_secret") as client:
        yield client


@pytest.fixture
async def rival(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with calling(app, "rival_secret") as client:
        yield client


@pytest.fixture
async def nobody(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with calling(app, None) as client:
        yield client
