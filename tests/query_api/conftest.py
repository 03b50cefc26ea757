"""A query API over the real engine, its connections given by the test, and callers of two tenants."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from clickhouse_connect.driver.client import Client
from fastapi import FastAPI

from query_api.app import create_app
from query_api.clickhouse import ClickHouse
from query_api.settings import Settings
from query_api.shares.repository import ShareReader
from schemas.connection import Connection, ConnectionBook, encode
from schemas.share import Share, ShareBook
from schemas.share import encode as encode_share
from tests.query_api.seeds import connection, token, tokens_file
from tests.servers.engine import ClickHouseDatabase

CALLERS = tokens_file(
    token("demo_secret", "demo"),
    token("demo_admin", "demo", "admin"),
    token("rival_secret", "rival"),
    token("rival_admin", "rival", "admin"),
    token("empty_secret", "empty"),
)
SHARE_KEY = "the key that signs share links in tests"

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
def tokens_of_demo(tmp_path: Path) -> Settings:
    """Callers and nothing else: for what is decided before a store is asked."""
    tokens = tmp_path / "tokens.json"
    tokens.write_bytes(CALLERS)
    return Settings(tokens_file=tokens)


@pytest.fixture
def settings(clickhouse: ClickHouseDatabase, tmp_path: Path) -> Settings:
    tokens, share_keys = tmp_path / "tokens.json", tmp_path / "share-keys"
    tokens.write_bytes(CALLERS)
    share_keys.write_text(SHARE_KEY)
    return Settings(
        clickhouse_url=clickhouse.url,
        clickhouse_password=clickhouse.admin_password,
        clickhouse_database=clickhouse.name,
        tokens_file=tokens,
        share_keys_file=share_keys,
        # A machine may stand still for as long as it likes.
        share_stale_after_ms=3_600_000,
    )


@pytest.fixture
async def connected(clickhouse: ClickHouseDatabase) -> AsyncIterator[ClickHouse]:
    """The query API's own way to the store, without the query API."""
    store = ClickHouse(
        url=clickhouse.url,
        user="admin",
        password=clickhouse.admin_password,
        database=clickhouse.name,
        connections=2,
        query_timeout_ms=60_000,
    )
    yield store
    await store.close()


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[FastAPI]:
    made = create_app(settings)
    know(made, *CONNECTIONS)
    know_shares(made)
    yield made
    await made.state.rooms.clickhouse.close()


def know(app: FastAPI, *connections: Connection) -> None:
    """As if the reader of the topic had caught up with these."""
    book = ConnectionBook()
    for each in connections:
        book.apply(each.id.encode(), encode(each))
    app.state.rooms.connection_reader.show(book)


def know_shares(app: FastAPI, *shares: Share) -> None:
    """As if the reader of the topic had caught up with these, and what is written were read at once."""
    rooms = app.state.rooms
    book = ShareBook()
    for each in shares:
        book.apply(each.id.encode(), encode_share(each))
    rooms.share_reader.show(book)
    rooms.shares._repository._writer = InstantLog(rooms.share_reader)


class InstantLog:
    """In the place of Kafka: a record that was written has been read."""

    def __init__(self, reader: ShareReader) -> None:
        self._reader = reader
        self._records = 0

    async def write(self, topic: str, key: str, value: bytes | None) -> tuple[int, int]:
        book = self._reader.book
        assert book is not None
        book.apply(key.encode(), value)
        self._records += 1
        self._reader._positions[0] = self._records
        return 0, self._records - 1


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
async def demo_admin(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with calling(app, "demo_admin") as client:
        yield client


@pytest.fixture
async def rival(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with calling(app, "rival_secret") as client:
        yield client


@pytest.fixture
async def nobody(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with calling(app, None) as client:
        yield client
