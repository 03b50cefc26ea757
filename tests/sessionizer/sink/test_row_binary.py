"""What the writer writes, the engine reads back as the same values."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from sessionizer.sink.row_binary import Unwritable, row_writer
from tests.servers.engine import ClickHouseDatabase

UUID_7 = UUID("01a20c52-3123-7dbe-a90a-918f29f7e0fb")
T = datetime(2025, 11, 24, 16, 0, 0, 123_000, tzinfo=UTC)
T_MS = int(T.timestamp() * 1000)

VALUES: list[tuple[str, Any, Any]] = [
    ("String", "ä€𝄞", "ä€𝄞"),
    ("String", b"x" * 300, "x" * 300),
    ("String", "", ""),
    ("LowCardinality(String)", "Chrome", "Chrome"),
    ("UUID", UUID_7.bytes, UUID_7),
    ("Int64", -(2**63), -(2**63)),
    ("UInt16", 2**16 - 1, 2**16 - 1),
    ("UInt32", 2**32 - 1, 2**32 - 1),
    ("UInt64", 2**64 - 1, 2**64 - 1),
    ("Bool", True, True),
    ("Date", 21_000, date(2027, 7, 1)),
    ("DateTime64(3, 'UTC')", T_MS, T),
    ("Nullable(DateTime64(3, 'UTC'))", None, None),
    ("Nullable(DateTime64(3, 'UTC'))", T_MS, T),
    ("Array(DateTime64(3, 'UTC'))", [T_MS, T_MS], [T, T]),
    ("Array(Nullable(DateTime64(3, 'UTC')))", [None, T_MS], [None, T]),
    ("Array(Array(Int64))", [[], [1, -1]], [[], [1, -1]]),
    ("Array(String)", ["a"] * 200, ["a"] * 200),
    ("Enum8('active' = 1, 'completed' = 2)", "completed", "completed"),
    ("FixedString(16)", b"0123456789abcdef", b"0123456789abcdef"),
]


@pytest.mark.stack
@pytest.mark.parametrize(("type_", "written", "read"), VALUES)
def test_the_engine_reads_what_was_written(
    clickhouse: ClickHouseDatabase, type_: str, written: Any, read: Any
) -> None:
    with clickhouse.client() as client:
        client.command(
            f"CREATE OR REPLACE TABLE one (a {type_}, after String) ENGINE = MergeTree ORDER BY ()"
        )
        row = b"".join(row_writer([type_, "String"])((written, "end")))
        client.raw_insert("one", ["a", "after"], row, fmt="RowBinary")
        answer = client.query("SELECT a, after FROM one", tz_mode="schema")
        assert answer.result_rows == [(read, "end")]


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("UInt16", -1),
        ("UInt16", 2**16),
        ("Date", 2**16),
        ("DateTime64(3, 'UTC')", 2**63),
        ("Int64", "1"),
        ("FixedString(16)", b"short"),
        ("String", "\ud800"),
        ("String", None),
        ("UUID", b"0123456789abcde"),
        ("Enum8('active' = 1)", "gone"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(type_: str, value: Any) -> None:
    with pytest.raises(Unwritable):
        row_writer([type_])((value,))


def test_a_row_of_another_width_is_refused() -> None:
    with pytest.raises(Unwritable):
        row_writer(["String"])(("a", "b"))


def test_a_type_that_no_table_has_is_refused() -> None:
    with pytest.raises(Unwritable):
        row_writer(["Map(String, String)"])
