"""Native blocks as Grafana's driver reads them: block by block, column by column, nothing lost."""

import struct

import pytest

from playhead.clickhouse.errors import QueryError
from playhead.clickhouse.native import framed, parsed
from tests.playhead.clickhouse.running import RunningServer

REVISION = 54460
INFO = b"\x01\x00\x02\xff\xff\xff\xff\x00"

TYPES = {
    "UInt8": "number",
    "Int32": "number",
    "Float64": "number",
    "String": "repeat('x', number * 100)",
    "FixedString(3)": "'abc'",
    "Bool": "number = 1",
    "Date": "'2026-01-01'",
    "DateTime64(3, 'UTC')": "'2026-01-01 00:00:00.123'",
    "UUID": "generateUUIDv4()",
    "IPv4": "'1.2.3.4'",
    "IPv6": "'::1'",
    "Decimal(9, 2)": "number",
    "Decimal(30, 2)": "number",
    "Decimal(60, 2)": "number",
    "UInt256": "number",
    "Enum8('a, b' = 0, 'c\\'d)' = 1, 'e' = 2)": "CAST(number, 'Int8')",
    "Nullable(String)": "if(number = 1, NULL, 'x')",
    "Array(UInt16)": "range(number)",
    "Array(Array(String))": "arrayMap(i -> arrayMap(j -> toString(j), range(i)), range(number))",
    "Array(Nullable(Int8))": "[NULL, number]",
    "Tuple(UInt8, String)": "(number, 'x')",
    "Tuple(a UInt8, `b c` Array(String))": "(number, ['x'])",
    "Map(String, Array(UInt8))": "map('k', [number])",
    "LowCardinality(String)": "toString(number)",
    "LowCardinality(Nullable(String))": "if(number = 1, NULL, 'x')",
    "Array(LowCardinality(String))": "['a', toString(number)]",
    "Map(LowCardinality(String), LowCardinality(String))": "map('k', toString(number))",
    "Nullable(Nothing)": "NULL",
    "IntervalDay": "toIntervalDay(number)",
    "Point": "(number, 1)",
    "Polygon": "[[(number, 1), (2, 3)]]",
}


@pytest.mark.stack
@pytest.mark.parametrize("rows", [1, 3, 70_000])
@pytest.mark.parametrize("name", TYPES)
def test_info_and_flags_are_put_in_and_nothing_else_is_changed(
    server: RunningServer, name: str, rows: int
) -> None:
    column = TYPES[name].replace("number", "(number % 3)")
    columns_sql = f"CAST({column}, {quoted(name)}) AS a, toUInt32(number) AS z"
    statement = f"SELECT {columns_sql} FROM numbers({rows}) FORMAT Native"
    plain = server.ask(statement, wait_end_of_query="1", max_threads="1").content
    if "generateUUID" not in column:
        asked = server.ask(
            statement, client_protocol_version=str(REVISION), wait_end_of_query="1", max_threads="1"
        )
        assert asked.content == framed(plain, REVISION)
    numbers: list[int] = []
    rest = framed(plain, REVISION)
    plain_rest = plain
    while rest:
        assert rest.startswith(INFO)
        rest = rest.removeprefix(INFO)
        columns, taken = varint(rest)
        count, also = varint(rest[taken:])
        assert columns == 2
        # The last column ends the block; its head is found by its bytes and the flag behind them.
        marker = b"\x01z\x06UInt32"
        at = rest.index(marker + b"\x00") + len(marker)
        numbers += struct.unpack_from(f"<{count}I", rest, at + 1)
        size = at + 1 + 4 * count
        without_flags = rest[: taken + also] + strip_flags(rest[taken + also : size], at - taken - also)
        assert plain_rest.startswith(without_flags)
        plain_rest = plain_rest.removeprefix(without_flags)
        rest = rest[size:]
    assert numbers == list(range(rows))
    assert plain_rest == b""


def quoted(name: str) -> str:
    return "'" + name.replace("\\", "\\\\").replace("'", "\\'") + "'"


def varint(data: bytes) -> tuple[int, int]:
    value = 0
    for index, byte in enumerate(data):
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return value, index + 1
    raise AssertionError(data)


def typename(data: bytes, at: int) -> bytes:
    """The first column's type with its length, which stands behind its name `a`."""
    size, taken = varint(data[at + 2 :])
    return data[at + 2 : at + 2 + taken + size]


def strip_flags(columns: bytes, second_flag: int) -> bytes:
    """The columns without the byte behind the first one's type and without the one at `second_flag`."""
    first_flag = 2 + len(typename(columns, 0))
    return columns[:first_flag] + columns[first_flag + 1 : second_flag] + columns[second_flag + 1 :]


def test_revisions_differ_in_what_they_read() -> None:
    block = b"\x01\x01\x01a\x05UInt8\x07"
    assert framed(block, 0) == block
    assert framed(block, 54000) == INFO + block
    assert framed(block, REVISION) == INFO + b"\x01\x01\x01a\x05UInt8\x00\x07"
    assert framed(block * 2, REVISION) == framed(block, REVISION) * 2


def test_a_column_whose_end_cannot_be_told_is_an_error() -> None:
    with pytest.raises(QueryError, match="AggregateFunction"):
        framed(b"\x01\x01\x01a\x1cAggregateFunction(sum, UInt8)\x07", REVISION)


def test_types_are_taken_apart_at_their_own_commas() -> None:
    assert parsed("Map(String, Tuple(a Int8, b Enum8('x, y)' = 1)))").arguments == (
        "String",
        "Tuple(a Int8, b Enum8('x, y)' = 1))",
    )
