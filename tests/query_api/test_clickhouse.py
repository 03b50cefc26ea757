"""What every statement runs under, on the real engine."""

from collections.abc import AsyncIterator

import pytest

from query_api.clickhouse import ClickHouse
from tests.servers.engine import ClickHouseDatabase

pytestmark = pytest.mark.stack

FORMATTING = "SELECT getSetting('output_format_parallel_formatting')"


@pytest.fixture
async def connected(clickhouse: ClickHouseDatabase) -> AsyncIterator[ClickHouse]:
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


async def test_no_threads_are_started_to_format_an_answer(connected: ClickHouse) -> None:
    assert await connected.read("formatting", FORMATTING, {}, "TSV") == b"false\n"
    async with connected.stream("formatting", FORMATTING, {}, "TSV") as pieces:
        assert b"".join([piece async for piece in pieces]) == b"false\n"
