"""Where an INSERT's rows begin, and which FORMAT is the answer's."""

import pytest

from playhead.clickhouse.statement import insert_head, is_blank, read


@pytest.mark.parametrize(
    ("text", "head", "data_format", "data"),
    [
        (b"INSERT INTO t FORMAT CSV\n1,2\n", "INSERT INTO t", "CSV", b"1,2\n"),
        (b"insert into t format Native\n\x01\xff\n", "insert into t", "Native", b"\x01\xff\n"),
        (b"INSERT INTO t (a, b) FORMAT RowBinary\r\n\nx", "INSERT INTO t (a, b)", "RowBinary", b"\nx"),
        (b"INSERT INTO t FORMAT CSV 1,2", "INSERT INTO t", "CSV", b"1,2"),
        (b"INSERT INTO t FORMAT CSV;\n1", "INSERT INTO t", "CSV", b"1"),
        (b"INSERT INTO t VALUES (1, 'FORMAT CSV')", "INSERT INTO t", "Values", b"(1, 'FORMAT CSV')"),
        (b"INSERT INTO t FORMAT Values (1)", "INSERT INTO t", "Values", b"(1)"),
        (b"INSERT INTO t", "INSERT INTO t", "Values", b""),
        (b"INSERT INTO `FORMAT x` FORMAT CSV\n1", "INSERT INTO `FORMAT x`", "CSV", b"1"),
        (b"INSERT INTO t /* FORMAT TSV */ -- VALUES\n FORMAT CSV\n1", None, "CSV", b"1"),
        (
            b"INSERT INTO t SETTINGS insert_deduplication_token = 'VALUES' FORMAT CSV\n1",
            "INSERT INTO t SETTINGS insert_deduplication_token = 'VALUES'",
            "CSV",
            b"1",
        ),
        (b"-- why\nINSERT INTO t FORMAT CSV\n1", "-- why\nINSERT INTO t", "CSV", b"1"),
    ],
)
def test_an_inserts_rows_begin_behind_its_head(
    text: bytes, head: str | None, data_format: str, data: bytes
) -> None:
    statement = read(text)
    assert (statement.kind, statement.data_format, statement.data) == ("insert", data_format, data)
    if head is not None:
        assert statement.sql == head


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("SELECT 1", "read"),
        ("  ((select 1))", "read"),
        ("/* x */ WITH 1 AS a SELECT a", "read"),
        ("# x\nSHOW TABLES", "read"),
        ("WITH 1 AS a INSERT INTO t SELECT a", "write"),
        ("INSERT INTO t SELECT 1 FORMAT CSV", "write"),
        ("INSERT INTO t WITH 1 AS a SELECT a", "write"),
        ("SET a = 1", "state"),
        ("USE d", "state"),
        ("CREATE TABLE t (x Int) ENGINE = Memory", "write"),
        ("KILL QUERY WHERE 1", "write"),
    ],
)
def test_kinds(text: str, kind: str) -> None:
    assert read(text.encode()).kind == kind


@pytest.mark.parametrize(
    ("text", "out_format"),
    [
        ("SELECT 1", None),
        ("SELECT 1 FORMAT JSON", "JSON"),
        ("SELECT 1 format JSON;", "JSON"),
        ("SELECT 1 FORMAT JSON SETTINGS max_threads = 1", "JSON"),
        ("SELECT 1 SETTINGS max_threads = 1 FORMAT JSON", "JSON"),
        ("SELECT 1 FORMAT/* x */JSON", None),
        ("SELECT format('{}', 1)", None),
        ("SELECT (SELECT 1 FORMAT CSV)", None),
        ("SELECT 'FORMAT JSON'", None),
        ("SELECT $$FORMAT JSON$$", None),
        ("SELECT 1 -- FORMAT JSON", None),
        ("FORMAT", None),
    ],
)
def test_the_answers_format(text: str, out_format: str | None) -> None:
    assert read(text.encode()).out_format == out_format


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("SELECT 1 INTO OUTFILE 'x'", True),
        ("SELECT 1 into/**/outfile 'x'", True),
        ("SELECT 'INTO OUTFILE'", False),
        ("SELECT outfile FROM t", False),
    ],
)
def test_into_outfile(text: str, found: bool) -> None:
    assert read(text.encode()).into_outfile is found


@pytest.mark.parametrize(
    ("text", "blank"), [("", True), (" \n", True), ("-- x", True), ("/* x */ ", True), (";", False)]
)
def test_blank(text: str, blank: bool) -> None:
    assert is_blank(text.encode()) is blank


@pytest.mark.parametrize(
    ("sql", "target", "settings"),
    [
        ("INSERT INTO t (a, b)", "INSERT INTO t (a, b)", ""),
        ("INSERT INTO t (a) SETTINGS x = 1", "INSERT INTO t (a) ", "SETTINGS x = 1"),
        (
            "INSERT INTO settings SETTINGS x='SETTINGS y = 2'",
            "INSERT INTO settings ",
            "SETTINGS x='SETTINGS y = 2'",
        ),
        ("INSERT INTO settings (settings)", "INSERT INTO settings (settings)", ""),
    ],
)
def test_an_inserts_head_is_cut_before_its_settings(sql: str, target: str, settings: str) -> None:
    assert insert_head(sql) == (target, settings)
