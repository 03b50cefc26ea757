"""What every statement runs under, on the real engine."""

import pytest

from query_api.clickhouse import ClickHouse

pytestmark = pytest.mark.stack

FORMATTING = "SELECT getSetting('output_format_parallel_formatting')"


async def test_no_threads_are_started_to_format_an_answer(connected: ClickHouse) -> None:
    assert await connected.read("formatting", FORMATTING, {}, "TSV") == b"false\n"
    async with connected.stream("formatting", FORMATTING, {}, "TSV") as pieces:
        assert b"".join([piece async for piece in pieces]) == b"false\n"
