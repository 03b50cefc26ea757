"""An insert is repeated until it is acknowledged, or refused for good; the table of errors decides which."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError, ProgrammingError

from playhead.stack.ports import free_ports
from sessionizer.sink.errors import OUTCOMES, Outcome, RowsRefused, error_name, outcome
from sessionizer.sink.insert import Inserter
from tests.servers.engine import ClickHouseDatabase, ClickHouseServer


@pytest.mark.parametrize(("code", "name", "expected"), [(code, *facts) for code, facts in OUTCOMES.items()])
def test_each_code_has_its_outcome(code: int, name: str, expected: Outcome) -> None:
    assert outcome(DatabaseError(f"Code: {code}. ({name})", code=code, name=name)) is expected


def test_an_unknown_code_stops_the_worker() -> None:
    assert outcome(DatabaseError("Code: 987654", code=987_654)) is Outcome.STOP


def test_the_way_to_the_server_is_tried_again() -> None:
    assert outcome(OperationalError("Connection refused")) is Outcome.RETRY
    assert outcome(ConnectionResetError()) is Outcome.RETRY
    assert outcome(TimeoutError()) is Outcome.RETRY


def test_a_mistake_of_our_own_stops_the_worker() -> None:
    assert outcome(ProgrammingError("insert block is empty")) is Outcome.STOP
    assert outcome(TypeError("no bytes")) is Outcome.STOP


@pytest.mark.stack
def test_the_codes_are_the_engines_own(clickhouse_server: ClickHouseServer) -> None:
    with clickhouse_server.client() as client:
        for code, (name, _) in OUTCOMES.items():
            assert client.query(f"SELECT errorCodeToName({code})").result_rows == [(name,)]


@asynccontextmanager
async def a_server_that_answers(code: int, port: int) -> AsyncIterator[None]:
    """Stands for a server that refuses whatever it is asked, with this exception code."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = f"Code: {code}. DB::Exception: no".encode()
        head = [
            "HTTP/1.1 500 Internal Server Error",
            f"X-ClickHouse-Exception-Code: {code}",
            f"Content-Length: {len(body)}",
            "Connection: close",
        ]
        writer.write("\r\n".join([*head, "", ""]).encode() + body)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", port):
        yield


@pytest.mark.parametrize(("code", "error"), [(516, DatabaseError), (469, RowsRefused)])
async def test_it_waits_for_a_server_that_is_not_there_and_then_hears_what_it_says(
    code: int, error: type[Exception]
) -> None:
    (port,) = free_ports(1)
    inserter = Inserter(f"http://127.0.0.1:{port}", "admin", "x", "default")
    insert = asyncio.create_task(inserter.insert("recordings", ["a"], b"x", "token"))
    await asyncio.sleep(1)
    assert not insert.done()
    async with a_server_that_answers(code, port):
        with pytest.raises(error):
            await asyncio.wait_for(insert, 30)
    await inserter.close()


async def test_a_try_that_failed_is_told_and_shown_until_the_insert_is_over() -> None:
    (port,) = free_ports(1)
    told: list[tuple[str, str]] = []
    inserter = Inserter(
        f"http://127.0.0.1:{port}", "admin", "x", "default", retried=lambda *each: told.append(each)
    )
    began_at_s = time.monotonic()
    insert = asyncio.create_task(inserter.insert("recordings", ["a"], b"x", "token"))
    async with asyncio.timeout(30):
        while not told:
            await asyncio.sleep(0.01)
    waiting = inserter.waiting["token"]
    assert told[-1] == (waiting.table, waiting.error) == ("recordings", "unreachable")
    assert waiting.failed == len(told)
    assert began_at_s <= waiting.since_s <= time.monotonic()

    async with a_server_that_answers(252, port), asyncio.timeout(30):
        while told[-1][1] != "TOO_MANY_PARTS":
            await asyncio.sleep(0.01)
    async with a_server_that_answers(469, port):
        with pytest.raises(RowsRefused):
            await asyncio.wait_for(insert, 30)
    assert inserter.waiting == {}
    assert {error for _, error in told} == {"unreachable", "TOO_MANY_PARTS"}, "a refusal is not tried again"
    await inserter.close()


def test_an_errors_name_is_out_of_a_closed_set() -> None:
    """It is a label: whatever a server or a proxy says must not become one."""
    assert error_name(DatabaseError("Code: 252", code=252, name="TOO_MANY_PARTS")) == "TOO_MANY_PARTS"
    assert error_name(DatabaseError("Code: 987654", code=987_654, name="WHATEVER")) == "unknown"
    assert error_name(OperationalError("Connection refused by 10.0.0.7:40312")) == "unreachable"
    assert error_name(ConnectionResetError()) == "unreachable"
    assert error_name(TypeError("no bytes")) == "unknown"


@pytest.mark.stack
async def test_a_table_that_is_missing_stops_the_worker(clickhouse: ClickHouseDatabase) -> None:
    inserter = Inserter(clickhouse.url, "admin", clickhouse.admin_password, clickhouse.name)
    with pytest.raises(DatabaseError) as caught:
        await inserter.insert("no_such_table", ["a"], b"\x01a", secrets.token_hex())
    await inserter.close()
    assert outcome(caught.value) is Outcome.STOP


@pytest.mark.stack
async def test_a_row_that_the_engine_refuses_is_told_apart(clickhouse: ClickHouseDatabase) -> None:
    with clickhouse.client() as client:
        client.command(
            "CREATE TABLE picky"
            " (a String, CONSTRAINT short CHECK length(a) < 3) ENGINE = MergeTree ORDER BY ()"
        )
    inserter = Inserter(clickhouse.url, "admin", clickhouse.admin_password, clickhouse.name)
    try:
        await inserter.insert("picky", ["a"], b"\x02ab", secrets.token_hex())
        with pytest.raises(RowsRefused):
            await inserter.insert("picky", ["a"], b"\x03abc", secrets.token_hex())
    finally:
        await inserter.close()
