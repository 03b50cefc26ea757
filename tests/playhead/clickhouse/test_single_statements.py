"""A text that is one statement is parsed for that once; any other is parsed, and refused, each time."""

from types import SimpleNamespace
from typing import Any

import pytest

from playhead.clickhouse.engine import Connection
from playhead.clickhouse.errors import QueryError
from playhead.clickhouse.single_statements import LONGEST_CHARS, SingleStatements


class Parser:
    """In the place of the engine: a semicolon divides statements."""

    def __init__(self) -> None:
        self.parsed: list[str] = []

    def classify_query(self, sql: bytes) -> dict[str, Any]:
        self.parsed.append(sql.decode())
        return {"query_class": SimpleNamespace(name="READ_ONLY"), "statement_count": sql.count(b";") + 1}


def test_a_text_is_parsed_once_for_all_connections() -> None:
    parser, single = Parser(), SingleStatements()

    for _ in range(3):
        Connection(parser, single).require_one("SELECT 1")

    assert parser.parsed == ["SELECT 1"]


def test_several_statements_are_refused_each_time() -> None:
    parser, single = Parser(), SingleStatements()

    for _ in range(2):
        with pytest.raises(QueryError, match="Multi-statements"):
            Connection(parser, single).require_one("SELECT 1; SELECT 2")

    assert len(parser.parsed) == 2


def test_what_was_not_asked_for_long_is_forgotten() -> None:
    single = SingleStatements(most=2)
    for each in ("a", "b"):
        single.add(each)
    assert "a" in single

    single.add("c")

    assert [each in single for each in ("a", "b", "c")] == [True, False, True]


def test_a_very_long_text_is_not_kept() -> None:
    single = SingleStatements()
    single.add("x" * (LONGEST_CHARS + 1))

    assert "x" * (LONGEST_CHARS + 1) not in single
