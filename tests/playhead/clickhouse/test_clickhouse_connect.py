"""The unmodified client library that the services use, sync and async."""

import asyncio
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from ipaddress import IPv4Address
from typing import Any

import clickhouse_connect
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError, StreamFailureError

from tests.playhead.clickhouse.running import ADMIN_PASSWORD, ANALYST_PASSWORD, RunningServer

pytestmark = pytest.mark.stack

COLUMNS = ("n", "s", "f", "at", "arr", "low", "u", "ip", "d", "m", "t")
ROW: list[Any] = [
    7,
    "é ☃ \t\n\\'",
    None,
    datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC),
    ["a", "b"],
    "lc",
    uuid.UUID(int=5),
    IPv4Address("10.0.0.1"),
    Decimal("1.25"),
    {"k": 3},
    ("x", 1.5),
]


@pytest.fixture(params=["lz4", "zstd", "gzip", False], ids=str)
def client(server: RunningServer, request: pytest.FixtureRequest) -> Iterator[Client]:
    client = server.client(compress=request.param, database="default")
    client.command(
        "CREATE OR REPLACE TABLE typed (n UInt64, s String, f Nullable(Float64), at DateTime64(3, 'UTC'),"
        " arr Array(String), low LowCardinality(String), u UUID, ip IPv4, d Decimal(10, 2),"
        " m Map(String, Int32), t Tuple(String, Float64)) ENGINE = MergeTree ORDER BY n"
    )
    yield client
    client.close()


def test_rows_come_back_as_they_went_in(client: Client) -> None:
    summary = client.insert("typed", [ROW] * 3, column_names=COLUMNS)
    assert summary.written_rows == 3
    result = client.query("SELECT * FROM typed", tz_mode="aware")
    assert result.column_names == COLUMNS
    assert [list(row) for row in result.result_rows] == [ROW] * 3


def test_many_blocks_in_and_out(client: Client) -> None:
    rows = [[n, "x" * (n % 50)] for n in range(300_000)]
    client.insert("typed", rows, column_names=("n", "s"))
    with client.query_row_block_stream("SELECT n, s FROM typed ORDER BY n") as stream:
        blocks = list(stream)
    assert len(blocks) > 1
    assert [list(row) for block in blocks for row in block] == rows


def test_raw_inserts_and_raw_streams(client: Client) -> None:
    client.raw_insert("typed", ("n", "s"), b'{"n":1,"s":"a"}\n{"n":2,"s":"b"}\n', fmt="JSONEachRow")
    client.raw_insert("typed", ("n", "s"), b"3,c\n", fmt="CSV")
    with client.raw_stream("SELECT n, s FROM typed ORDER BY n", fmt="TabSeparated") as stream:
        assert b"".join(iter(lambda: stream.read(100), b"")) == b"1\ta\n2\tb\n3\tc\n"


def test_parameters_are_bound_on_the_server(client: Client) -> None:
    statement = "SELECT {n:UInt64}, {s:String}, {a:Array(String)}, {d:DateTime}, {u:UUID}"
    values = {
        "n": 5,
        "s": "it's\t\\ \n",
        "a": ["x'y", "z"],
        "d": datetime(2026, 1, 2, 3, 4, 5),  # noqa: DTZ001 - as it comes back
        "u": uuid.UUID(int=1),
    }
    assert client.query(statement, parameters=values).result_rows == [tuple(values.values())]


def test_settings_and_commands(client: Client) -> None:
    query = "SELECT getSetting('max_threads')"
    assert client.query(query, settings={"max_threads": 3}).result_rows == [(3,)]
    assert client.command("SELECT count() FROM typed") == 0
    assert client.command("ALTER TABLE typed DELETE WHERE 1").written_rows == 0  # type: ignore[union-attr]


def test_errors_carry_the_engines_code_and_text(client: Client) -> None:
    with pytest.raises(DatabaseError, match=r"code: 60.*UNKNOWN_TABLE"):
        client.query("SELECT * FROM nothing")
    with pytest.raises(DatabaseError, match="NO_SUCH_COLUMN_IN_TABLE"):
        client.raw_insert("typed", ("nothing",), b"1\n", fmt="CSV")


def test_an_error_in_the_middle_of_a_stream_is_raised(client: Client) -> None:
    with (
        pytest.raises((StreamFailureError, DatabaseError), match="too far"),
        client.query_row_block_stream(
            "SELECT throwIf(number = 900000, 'too far') FROM numbers(1000000) SETTINGS max_threads = 1"
        ) as stream,
    ):
        for _ in stream:
            pass


def test_arrow(client: Client) -> None:
    table = client.query_arrow("SELECT number AS n, toString(number) AS s FROM numbers(3)", use_strings=True)
    assert table.to_pylist() == [{"n": n, "s": str(n)} for n in range(3)]
    client.insert_arrow("typed", table)
    assert client.command("SELECT sum(n) FROM typed") == 3


def test_a_client_with_a_session_keeps_its_settings(server: RunningServer) -> None:
    client = server.client(autogenerate_session_id=True)
    client.command("SET max_threads = 3")
    assert client.command("SELECT getSetting('max_threads')") == 3
    client.close()


def test_the_analyst_reads_and_no_more(server: RunningServer) -> None:
    server.ask("CREATE OR REPLACE TABLE default.seen (n UInt64) ENGINE = MergeTree ORDER BY n")
    server.ask("INSERT INTO default.seen VALUES (1)")
    client = server.client(user="analyst")
    assert client.query("SELECT * FROM seen WHERE n = {n:UInt64}", parameters={"n": 1}).result_rows == [(1,)]
    with pytest.raises(DatabaseError, match="READONLY"):
        client.insert("seen", [[2]], column_names=["n"])
    with pytest.raises(DatabaseError, match="READONLY"):
        client.command("DROP TABLE seen")
    client.close()


def test_a_wrong_password_is_told(server: RunningServer) -> None:
    with pytest.raises(DatabaseError, match="516"):
        clickhouse_connect.get_client(host="127.0.0.1", port=server.port, username="admin", password="no")


async def test_async_queries_inserts_and_streams_beside_each_other(server: RunningServer) -> None:
    client = await clickhouse_connect.get_async_client(
        host="127.0.0.1",
        port=server.port,
        username="admin",
        password=ADMIN_PASSWORD,
        autogenerate_session_id=False,
    )
    await client.command(
        "CREATE OR REPLACE TABLE default.async_t (n UInt64, s String) ENGINE = MergeTree ORDER BY n"
    )
    await asyncio.gather(
        *(
            client.insert("async_t", [[n, str(n)]] * 10, column_names=("n", "s"), settings=token(n))
            for n in range(12)
        )
    )
    results = await asyncio.gather(
        *(
            client.query("SELECT count() FROM async_t WHERE n = {n:UInt64}", parameters={"n": n})
            for n in range(12)
        )
    )
    assert [result.result_rows for result in results] == [[(10,)]] * 12
    async with await client.query_row_block_stream("SELECT number FROM numbers(300000)") as stream:
        assert sum([len(block) async for block in stream]) == 300_000
    with pytest.raises(DatabaseError, match="UNKNOWN_TABLE"):
        await client.query("SELECT * FROM nothing")
    await client.close()


def token(n: int) -> dict[str, Any]:
    return {"insert_deduplication_token": f"t{n}"}


async def test_async_analyst(server: RunningServer) -> None:
    client = await clickhouse_connect.get_async_client(
        host="127.0.0.1", port=server.port, username="analyst", password=ANALYST_PASSWORD
    )
    assert (await client.query("SELECT 1")).result_rows == [(1,)]
    with pytest.raises(DatabaseError, match="ACCESS_DENIED"):
        await client.query("SELECT file('/etc/passwd')")
    await client.close()
