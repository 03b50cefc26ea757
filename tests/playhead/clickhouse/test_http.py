"""The HTTP interface as curl sees it."""

import gzip
import json
import socket
import struct
import threading
import time
import zlib
from concurrent.futures import ThreadPoolExecutor

import httpx
import lz4.frame
import pytest
from backports import zstd

from tests.playhead.clickhouse.running import ADMIN_PASSWORD, RunningServer

pytestmark = pytest.mark.stack

ADMIN = ("admin", ADMIN_PASSWORD)
COMPRESS = {"gzip": gzip.compress, "deflate": zlib.compress, "zstd": zstd.compress, "lz4": lz4.frame.compress}
DECOMPRESS = {
    "gzip": gzip.decompress,
    "deflate": zlib.decompress,
    "zstd": zstd.decompress,
    "lz4": lz4.frame.decompress,
}


@pytest.fixture
def table(server: RunningServer) -> str:
    server.ask("CREATE DATABASE IF NOT EXISTS http")
    created = server.ask(
        "CREATE OR REPLACE TABLE http.t (a UInt32, b String DEFAULT 'none') ENGINE = MergeTree ORDER BY a"
    )
    assert created.status_code == 200, created.text
    return "http.t"


def rows(server: RunningServer, table: str) -> str:
    return server.ask(f"SELECT * FROM {table} ORDER BY a, b").text


def raw_bytes(answer: httpx.Response) -> bytes:
    return b"".join(answer.iter_raw())


def test_ping_needs_no_user(server: RunningServer) -> None:
    for path in ("/ping", "/replicas_status", "/"):
        answer = httpx.get(server.url + path)
        assert (answer.status_code, answer.text) == (200, "Ok.\n")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_query_in_the_url(server: RunningServer, method: str) -> None:
    assert server.ask("", method=method, query="SELECT 1 + 1").text == "2\n"


def test_a_query_in_the_body_and_one_in_two_parts(server: RunningServer) -> None:
    assert server.ask("SELECT 1 + 1").text == "2\n"
    assert server.ask("1 + 1", query="SELECT").text == "2\n"


def test_a_form_as_clickhouse_connect_can_send_it(server: RunningServer) -> None:
    fields = {"query": (None, "SELECT {x:String}"), "param_x": (None, "a\\tb")}
    answer = httpx.post(server.url, files=fields, auth=ADMIN)
    assert answer.text == "a\\tb\n"


def test_a_get_does_not_write(server: RunningServer, table: str) -> None:
    answer = server.ask("", method="GET", query=f"INSERT INTO {table} VALUES (1, 'x')")
    assert answer.headers["x-clickhouse-exception-code"] == "164"
    assert rows(server, table) == ""


def test_head_answers_without_a_body(server: RunningServer) -> None:
    answer = server.ask("", method="HEAD", query="SELECT 1")
    assert (answer.status_code, answer.headers["content-length"], answer.content) == (200, "2", b"")


def test_parameters_are_bound_by_the_server(server: RunningServer) -> None:
    statement = "SELECT {n:UInt8} + 1, {s:String}, {a:Array(String)}, {t:Identifier} FROM (SELECT 5 AS x)"
    values = {"param_n": "41", "param_s": r"it's; -- \\ \n", "param_a": r"['a','b\'c']", "param_t": "x"}
    answer = server.ask(statement, **values, default_format="JSONCompactEachRow")
    assert json.loads(answer.text) == [42, "it's; -- \\ \n", ["a", "b'c"], 5]


def test_a_missing_parameter_is_an_error(server: RunningServer) -> None:
    answer = server.ask("SELECT {x:String}")
    assert (answer.status_code, answer.headers["x-clickhouse-exception-code"]) == (400, "456")


def test_settings_hold_for_their_request_alone(server: RunningServer) -> None:
    show = "SELECT getSetting('max_threads') = 3 ? 'three' : 'other'"
    assert server.ask(show, max_threads="3").text == "three\n"
    assert server.ask(show).text == "other\n"
    assert server.ask("SELECT 1", no_such_setting="1").headers["x-clickhouse-exception-code"] == "115"
    assert server.ask("SELECT 1", **{"a = 1, readonly": "0"}).headers["x-clickhouse-exception-code"] == "115"


def test_a_session_remembers_settings_and_database(server: RunningServer, table: str) -> None:
    session = {"session_id": "remembers"}
    server.ask("SET max_threads = 3", **session)
    server.ask("USE http", **session)
    assert server.ask("SELECT getSetting('max_threads'), currentDatabase()", **session).text == "3\thttp\n"
    assert server.ask("SELECT 1", session_id="other", session_check="1").status_code == 404


def test_a_session_is_locked_while_it_is_busy(server: RunningServer) -> None:
    with ThreadPoolExecutor() as threads:
        slow = threads.submit(server.ask, "SELECT sleep(3) -- busy", session_id="busy")
        deadline = time.monotonic() + 30
        while server.ask("SELECT count() FROM system.processes WHERE query LIKE '%-- busy'").text != "1\n":
            assert time.monotonic() < deadline
        answer = server.ask("SELECT 1", session_id="busy")
        assert slow.result().text == "0\n"
    assert answer.headers["x-clickhouse-exception-code"] == "373"
    assert server.ask("SELECT 1", session_id="busy").text == "1\n"


@pytest.mark.parametrize(
    ("name", "expected", "content_type"),
    [
        ("TabSeparated", "1\tx\n", "text/tab-separated-values; charset=UTF-8"),
        ("CSV", '1,"x"\n', "text/csv; charset=UTF-8; header=absent"),
        ("CSVWithNames", '"a","b"\n1,"x"\n', "text/csv; charset=UTF-8; header=present"),
        ("JSONEachRow", '{"a":1,"b":"x"}\n', "application/x-ndjson; charset=UTF-8"),
        ("JSONCompactEachRow", '[1, "x"]\n', "application/x-ndjson; charset=UTF-8"),
        ("Values", "(1,'x')", "text/plain; charset=UTF-8"),
        ("RowBinary", "\x01\x01x", "application/octet-stream"),
        ("Native", "\x02\x01\x01a\x05UInt8\x01\x01b\x06String\x01x", "application/octet-stream"),
    ],
)
def test_formats(server: RunningServer, name: str, expected: str, content_type: str) -> None:
    statement = "SELECT 1 AS a, 'x' AS b"
    for answer in (server.ask(f"{statement} FORMAT {name}"), server.ask(statement, default_format=name)):
        assert answer.text == expected
        assert answer.headers["content-type"] == content_type
        assert answer.headers["x-clickhouse-format"] == name


@pytest.mark.parametrize(
    "name", ["JSON", "XML", "Pretty", "Vertical", "Arrow", "Parquet", "ORC", "Avro", "SQLInsert"]
)
def test_formats_with_a_header_or_footer_are_whole(server: RunningServer, name: str) -> None:
    answer = server.ask(f"SELECT number FROM numbers(100000) FORMAT {name}", max_block_size="1000")
    assert answer.status_code == 200, answer.text
    heads = {"Arrow": b"ARROW1", "Parquet": b"PAR1", "ORC": b"ORC", "Avro": b"Obj\x01", "XML": b"<?xml"}
    assert answer.content.startswith(heads.get(name, b""))
    if name == "JSON":
        assert answer.json()["rows"] == 100000


def test_the_answer_tells_query_id_time_zone_and_what_was_read(server: RunningServer) -> None:
    answer = server.ask("SELECT number FROM numbers(10)", query_id="mine", wait_end_of_query="1")
    assert answer.headers["x-clickhouse-query-id"] == "mine"
    assert answer.headers["x-clickhouse-timezone"] == server.ask("SELECT timezone()").text.strip()
    assert json.loads(answer.headers["x-clickhouse-summary"])["read_rows"] == "10"


def test_an_insert_tells_what_was_written(server: RunningServer, table: str) -> None:
    answer = server.ask('{"a":1}\n{"a":2}\n', query=f"INSERT INTO {table} FORMAT JSONEachRow")
    assert json.loads(answer.headers["x-clickhouse-summary"])["written_rows"] == "2"


NATIVE = b"\x02\x02\x01a\x06UInt32" + struct.pack("<II", 1, 2) + b"\x01b\x06String\x01x\x01y"
BINARY = struct.pack("<I", 1) + b"\x01x" + struct.pack("<I", 2) + b"\x01y"
BODIES = {
    "Native": NATIVE,
    "RowBinary": BINARY,
    "RowBinaryWithNames": b"\x02\x01a\x01b" + BINARY,
    "JSONEachRow": b'{"a":1,"b":"x"}\n{"a":2,"b":"y"}\n',
    "JSONCompactEachRow": b'[1,"x"]\n[2,"y"]\n',
    "TabSeparated": b"1\tx\n2\ty\n",
    "CSV": b'1,"x"\n2,"y"\n',
    "CSVWithNames": b'"b","a"\n"x",1\n"y",2\n',
    "Values": b"(1,'x'),(2,'y')",
}


@pytest.mark.parametrize("name", BODIES)
def test_rows_in_the_body_with_the_statement_in_the_url(server: RunningServer, table: str, name: str) -> None:
    answer = server.ask(BODIES[name], query=f"INSERT INTO {table} FORMAT {name}")
    assert answer.status_code == 200, answer.text
    assert rows(server, table) == "1\tx\n2\ty\n"


@pytest.mark.parametrize("name", BODIES)
def test_rows_behind_the_statement_in_the_body(server: RunningServer, table: str, name: str) -> None:
    answer = server.ask(f"INSERT INTO {table} (a, b) FORMAT {name}\n".encode() + BODIES[name])
    assert answer.status_code == 200, answer.text
    assert rows(server, table) == "1\tx\n2\ty\n"


@pytest.mark.parametrize("encoding", COMPRESS)
@pytest.mark.parametrize("in_url", [True, False])
def test_compressed_bodies(server: RunningServer, table: str, encoding: str, in_url: bool) -> None:
    statement = f"INSERT INTO {table} FORMAT RowBinary"
    body = BINARY if in_url else f"{statement}\n".encode() + BINARY
    # Two frames, as clickhouse-connect sends a frame a block.
    compressed = COMPRESS[encoding](body[:-3]) + COMPRESS[encoding](body[-3:])
    answer = httpx.post(
        server.url,
        params={"query": statement} if in_url else {},
        content=compressed,
        headers={"Content-Encoding": encoding},
        auth=ADMIN,
    )
    assert answer.status_code == 200, answer.text
    assert rows(server, table) == "1\tx\n2\ty\n"


@pytest.mark.parametrize("encoding", COMPRESS)
@pytest.mark.parametrize("size", [1, 300_000])
def test_compressed_answers(server: RunningServer, encoding: str, size: int) -> None:
    with httpx.stream(
        "POST",
        server.url,
        params={"enable_http_compression": "1"},
        content=f"SELECT number FROM numbers({size})",
        headers={"Accept-Encoding": encoding},
        auth=ADMIN,
    ) as answer:
        assert answer.headers["content-encoding"] == encoding
        body = DECOMPRESS[encoding](raw_bytes(answer))
    assert body == b"".join(b"%d\n" % number for number in range(size))


def test_an_answer_is_not_compressed_unasked(server: RunningServer) -> None:
    answer = httpx.post(server.url, content="SELECT 1", headers={"Accept-Encoding": "gzip"}, auth=ADMIN)
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize(
    ("body", "encoding", "code"),
    [
        (gzip.compress(BINARY)[:-4], "gzip", 33),
        (zstd.compress(BINARY)[:-4], "zstd", 33),
        (lz4.frame.compress(BINARY)[:-4], "lz4", 33),
        (b"nonsense", "gzip", 33),
        (b"nonsense", "zstd", 33),
        (BINARY, "br", 48),
    ],
)
def test_a_body_that_cannot_be_decompressed_writes_nothing(
    server: RunningServer, table: str, body: bytes, encoding: str, code: int
) -> None:
    answer = httpx.post(
        server.url,
        params={"query": f"INSERT INTO {table} FORMAT RowBinary"},
        content=body,
        headers={"Content-Encoding": encoding},
        auth=ADMIN,
    )
    assert answer.headers["x-clickhouse-exception-code"] == str(code), answer.text
    assert rows(server, table) == ""


def test_a_body_that_ends_early_writes_nothing(server: RunningServer, table: str) -> None:
    answer = server.ask(BINARY[:-1], query=f"INSERT INTO {table} FORMAT RowBinary")
    assert answer.status_code >= 400
    head = (
        f"POST /?query=INSERT+INTO+{table}+FORMAT+JSONEachRow HTTP/1.1\r\nHost: x\r\n"
        f"X-ClickHouse-User: admin\r\nX-ClickHouse-Key: {ADMIN_PASSWORD}\r\nContent-Length: 1000\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(head.encode() + b'{"a":1}\n' * 5)
    time.sleep(0.2)
    assert rows(server, table) == ""


def test_an_insert_select(server: RunningServer, table: str) -> None:
    assert server.ask(f"INSERT INTO {table} SELECT number, 'x' FROM numbers(1, 2)").status_code == 200
    assert rows(server, table) == "1\tx\n2\tx\n"


def test_an_insert_through_a_select_is_refused_rather_than_lost(server: RunningServer, table: str) -> None:
    answer = server.ask(f"INSERT INTO {table} SELECT x, 'y' FROM input('x UInt32') FORMAT CSV\n1\n")
    assert (answer.status_code, answer.headers["x-clickhouse-exception-code"]) == (501, "48")


def test_bytes_that_are_no_utf_8_pass(server: RunningServer) -> None:
    assert server.ask(b"SELECT hex('\xff\xfe')").text == "FFFE\n"
    assert server.ask(b"SELECT '\xff\xfe'").content == b"\xff\xfe\n"
    assert server.ask(b"SELECT hex('\xff')", user="analyst").text == "FF\n"
    assert server.ask(b"SELECT file('\xff')", user="analyst").status_code == 403


def test_a_token_makes_an_insert_once(server: RunningServer) -> None:
    server.ask(
        "CREATE OR REPLACE TABLE default.once (a UInt32) ENGINE = MergeTree ORDER BY a"
        " SETTINGS non_replicated_deduplication_window = 100"
    )
    for _ in range(3):
        server.ask("1\n2\n", query="INSERT INTO once FORMAT TSV", insert_deduplication_token="t")
    server.ask("1\n2\n", query="INSERT INTO once FORMAT TSV", insert_deduplication_token="u")
    assert server.ask("SELECT count() FROM once").text == "4\n"


@pytest.mark.parametrize(
    ("statement", "status", "code", "name"),
    [
        ("SELEC 1", 400, 62, "SYNTAX_ERROR"),
        ("SELECT nothing", 404, 47, "UNKNOWN_IDENTIFIER"),
        ("SELECT * FROM nothing", 404, 60, "UNKNOWN_TABLE"),
        ("SELECT * FROM no.thing", 404, 81, "UNKNOWN_DATABASE"),
        ("SELECT toUInt8('x')", 400, 6, "CANNOT_PARSE_TEXT"),
        ("SELECT no_such_function(1)", 404, 46, "UNKNOWN_FUNCTION"),
        ("SELECT 1; SELECT 2", 400, 62, "SYNTAX_ERROR"),
        ("  -- nothing\n", 400, 62, "SYNTAX_ERROR"),
        ("SELECT 1 INTO OUTFILE 'x'", 500, 358, "INTO_OUTFILE_NOT_ALLOWED"),
        ("SELECT sleep(3) SETTINGS max_execution_time = 0.2", 408, 159, "TIMEOUT_EXCEEDED"),
        (
            "SELECT groupArray(number) FROM numbers(1e8) SETTINGS max_memory_usage = 1e7",
            500,
            241,
            "MEMORY_LIMIT",
        ),
        ("1 + 1", 400, 62, "SYNTAX_ERROR"),
    ],
)
def test_errors(server: RunningServer, statement: str, status: int, code: int, name: str) -> None:
    answer = server.ask(statement)
    assert answer.headers["x-clickhouse-exception-code"] == str(code), answer.text
    assert answer.status_code == status
    assert answer.text.startswith(f"Code: {code}. DB::Exception: ")
    assert name in answer.text
    assert answer.text.endswith(" (chdb))\n")


def test_an_error_in_the_middle_of_an_answer_ends_it_with_a_tagged_trailer(server: RunningServer) -> None:
    answer = server.ask(
        "SELECT throwIf(number = 900000, 'too far') FROM numbers(1000000) SETTINGS max_threads = 1"
    )
    assert answer.status_code == 200
    tag = answer.headers["x-clickhouse-exception-tag"]
    *_, trailer = answer.text.partition(f"\r\n__exception__\r\n{tag}\r\n")
    text, _, end = trailer.rpartition("\n" + str(len(trailer.rsplit("\n", 3)[0].encode()) + 1))
    assert text.startswith("Code: 395. DB::Exception: too far")
    assert end == f" {tag}\r\n__exception__\r\n"


def test_an_answer_comes_before_its_end(server: RunningServer) -> None:
    statement = "SELECT number, sleepEachRow(0.02) FROM numbers(200) SETTINGS max_block_size = 10"
    with httpx.stream("POST", server.url, content=statement, auth=ADMIN, timeout=60) as answer:
        started = time.monotonic()
        chunks = answer.iter_raw()
        next(chunks)
        first = time.monotonic() - started
        list(chunks)
        assert first < (time.monotonic() - started) / 2


def test_a_client_that_leaves_takes_its_statement_with_it(server: RunningServer) -> None:
    endless = "SELECT count() FROM system.numbers WHERE number % 7 = 8 -- endless"
    with pytest.raises(httpx.ReadTimeout):
        server.ask(endless, timeout_s=1)
    deadline = time.monotonic() + 30
    while server.ask("SELECT count() FROM system.processes WHERE query LIKE '%-- endless'").text != "0\n":
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_client_that_leaves_in_the_middle_takes_its_statement_with_it(
    server: RunningServer,
) -> None:
    streaming = "SELECT number FROM system.numbers -- streaming"
    with httpx.stream("POST", server.url, content=streaming, auth=ADMIN) as answer:
        next(answer.iter_raw())
    deadline = time.monotonic() + 30
    while server.ask("SELECT count() FROM system.processes WHERE query LIKE '%-- streaming'").text != "0\n":
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_client_that_leaves_cannot_cancel_by_anothers_query_id(server: RunningServer) -> None:
    with ThreadPoolExecutor() as threads:
        other = threads.submit(server.ask, "SELECT sleep(2)", query_id="shared")
        with pytest.raises(httpx.ReadTimeout):
            server.ask("SELECT sleep(3)", user="admin", query_id="shared", timeout_s=0.5)
        assert other.result().text == "0\n"


def test_statements_run_beside_each_other(server: RunningServer) -> None:
    together = threading.Barrier(4)

    def ask() -> str:
        together.wait()
        return server.ask("SELECT sleep(1), (SELECT count() FROM system.processes)").text

    with ThreadPoolExecutor(4) as threads:
        answers = [future.result() for future in [threads.submit(ask) for _ in range(4)]]
    assert max(int(answer.split()[1]) for answer in answers) > 1


@pytest.mark.parametrize(
    "options",
    [
        {"headers": {"X-ClickHouse-User": "admin", "X-ClickHouse-Key": ADMIN_PASSWORD}},
        {"params": {"user": "admin", "password": ADMIN_PASSWORD}},
        {"auth": ADMIN},
    ],
    ids=["headers", "url", "basic"],
)
def test_a_user_by_each_way(server: RunningServer, options: dict[str, object]) -> None:
    assert httpx.post(server.url, content="SELECT 1", **options).text == "1\n"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"headers": {"X-ClickHouse-User": "admin"}},
        {"headers": {"X-ClickHouse-User": "admin", "X-ClickHouse-Key": "wrong"}},
        {"headers": {"Authorization": "Basic %%%"}},
        {"headers": {"Authorization": "Bearer x"}},
        {"params": {"user": "admin", "password": ""}},
        {"params": {"user": "default"}},
        {"auth": ("nobody", "x")},
        # The wrong word in a header is not made good by the right one in the URL.
        {
            "headers": {"X-ClickHouse-User": "admin", "X-ClickHouse-Key": "wrong"},
            "params": {"user": "admin", "password": ADMIN_PASSWORD},
        },
    ],
    ids=str,
)
def test_no_user_no_answer(server: RunningServer, options: dict[str, object]) -> None:
    answer = httpx.post(server.url, content="SELECT 1", **options)  # type: ignore[arg-type]
    assert (answer.status_code, answer.headers["x-clickhouse-exception-code"]) == (403, "516")


def test_what_is_not_supported_is_said(server: RunningServer) -> None:
    for query in ({"compress": "1"}, {"decompress": "1"}):
        answer = server.ask("SELECT 1", **query)
        assert (answer.status_code, answer.headers["x-clickhouse-exception-code"]) == (501, "48")
    external = httpx.post(
        server.url, params={"query": "SELECT * FROM x"}, files={"x": ("x", b"1\n")}, auth=ADMIN
    )
    assert external.headers["x-clickhouse-exception-code"] == "48"


def test_a_body_over_the_limit_is_refused(
    server: RunningServer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    data_dir = tmp_path_factory.mktemp("limited") / "data"
    limits = {
        "MAX_BODY_BYTES": str(1 << 20),
        "MAX_DECOMPRESSED_BYTES": str(4 << 20),
        "CLIENT_TIMEOUT_MS": "1000",
    }
    with RunningServer(data_dir, **limits) as limited:
        query = {"query": "INSERT INTO FUNCTION null('x String') FORMAT LineAsString"}
        too_long = limited.ask(b"x" * (2 << 20), **query)
        assert (too_long.status_code, too_long.headers["x-clickhouse-exception-code"]) == (413, "307")
        for encoding, compress in COMPRESS.items():
            bomb = httpx.post(
                limited.url,
                params=query,
                content=compress(b"\n" * (64 << 20)),
                headers={"Content-Encoding": encoding},
                auth=ADMIN,
                timeout=30,
            )
            assert bomb.headers["x-clickhouse-exception-code"] == "307", encoding
        with socket.create_connection(("127.0.0.1", limited.port)) as slow:
            user = f"user=admin&password={ADMIN_PASSWORD}"
            slow.sendall(f"POST /?{user} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nS".encode())
            slow.settimeout(20)
            assert b"x-clickhouse-exception-code: 33" in slow.recv(10_000)
        assert limited.ask("SELECT 1").text == "1\n"


def test_an_insert_that_a_constraint_stops_is_not_acknowledged(server: RunningServer, table: str) -> None:
    server.ask(f"ALTER TABLE {table} ADD CONSTRAINT small CHECK a < 10")
    answer = server.ask(f"INSERT INTO {table} (a) FORMAT RowBinary\n".encode() + struct.pack("<I", 10))
    assert answer.headers["x-clickhouse-exception-code"] == "469"
    assert server.ask(f"SELECT count() FROM {table}").text == "0\n"


def test_an_insert_whose_view_fails_is_not_acknowledged(server: RunningServer, table: str) -> None:
    server.ask("CREATE OR REPLACE TABLE http.seen (a UInt32) ENGINE = MergeTree ORDER BY a")
    server.ask("DROP VIEW IF EXISTS http.watch")
    made = server.ask(
        "CREATE MATERIALIZED VIEW http.watch TO http.seen"
        f" AS SELECT toUInt32(a + throwIf(a = 7)) AS a FROM {table}"
    )
    assert made.status_code == 200, made.text
    try:
        answer = server.ask(f"INSERT INTO {table} (a) FORMAT RowBinary\n".encode() + struct.pack("<I", 7))
    finally:
        server.ask("DROP VIEW http.watch")
    assert answer.headers["x-clickhouse-exception-code"] == "395"
