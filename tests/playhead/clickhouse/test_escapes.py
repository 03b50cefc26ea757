"""The corpus of escapes, against the policy alone, and what lies behind it, against the sandbox alone."""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.playhead.clickhouse.running import RunningServer

SECRET = "Tell no one: 8c5e1d"
REFUSALS = {"164", "358", "497", "62", "48"}


def corpus() -> list[tuple[str, str]]:
    text = (Path(__file__).parent / "escapes.sql").read_text()
    parts = [part.partition("\n") for part in text.split("\n--- ")[1:]]
    return [(name, statement.strip()) for name, _, statement in parts]


@dataclass
class Target:
    """What an escape would reach."""

    secret: Path
    out: Path
    url: str
    callers: list[str]

    def fill(self, statement: str) -> str:
        return statement.format(secret=self.secret, out=self.out, url=self.url)


@contextlib.contextmanager
def listening() -> Iterator[tuple[str, list[str]]]:
    callers: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            callers.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"called\n")

        do_POST = do_PUT = do_HEAD = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None: ...

    httpd = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{httpd.server_port}", callers
    finally:
        httpd.shutdown()
        thread.join()
        httpd.server_close()


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    folder = tmp_path_factory.mktemp("target")
    secret = folder / "secret"
    secret.write_text(SECRET + "\n")
    with listening() as (url, callers):
        yield Target(secret, folder / "out", url, callers)


@pytest.fixture(scope="module")
def guarded(unconfined: RunningServer) -> RunningServer:
    for statement in (
        "CREATE DATABASE guarded",
        "CREATE TABLE guarded.t (x Int32) ENGINE = MergeTree ORDER BY x",
        "INSERT INTO guarded.t VALUES (1)",
    ):
        assert unconfined.ask(statement).status_code == 200
    return unconfined


@pytest.mark.stack
@pytest.mark.parametrize(("name", "statement"), corpus(), ids=[name for name, _ in corpus()])
def test_an_escape_is_refused_and_reaches_nothing(
    guarded: RunningServer, target: Target, name: str, statement: str
) -> None:
    before = guarded.ask("SELECT * FROM guarded.t").text, guarded.ask("SHOW DATABASES").text
    parameters = {
        "param_table": str(target.secret),
        "param_database": "default",
        "param_system": "system",
        "param_processes": "processes",
    }
    answer = guarded.ask(target.fill(statement), user="analyst", **parameters)
    assert answer.headers.get("x-clickhouse-exception-code") in REFUSALS, answer.text
    assert SECRET not in answer.text
    assert target.callers == []
    assert not target.out.exists()
    assert (guarded.ask("SELECT * FROM guarded.t").text, guarded.ask("SHOW DATABASES").text) == before


@pytest.mark.stack
def test_the_targets_are_within_reach_of_one_who_may(guarded: RunningServer, target: Target) -> None:
    """Else the corpus would show nothing."""
    assert SECRET in guarded.ask(f"SELECT file('{target.secret}')").text
    assert SECRET in guarded.ask(f"SELECT * FROM `{target.secret}`").text
    assert guarded.ask(f"SELECT * FROM url('{target.url}', 'LineAsString')").text == "called\n"
    assert target.callers.pop() == "/"
    target.callers.clear()
    written = guarded.ask(f"INSERT INTO FUNCTION file('{target.out}', 'CSV', 'x String') VALUES ('x')")
    assert written.status_code == 200, written.text
    target.out.unlink()


@pytest.mark.stack
def test_the_sandbox_alone_keeps_even_the_admin_to_the_data_directory(
    server: RunningServer, target: Target, tmp_path: Path
) -> None:
    for statement in (
        f"SELECT file('{target.secret}')",
        f"SELECT * FROM `{target.secret}`",
        f"SELECT * FROM file('{target.secret}', 'LineAsString')",
        "SELECT file('/etc/passwd')",
        "SELECT file('/proc/self/environ')",
        f"SELECT file('/proc/{server.process.pid if server.process else 0}/environ')",
        f"SELECT * FROM url('{target.url}', 'LineAsString') SETTINGS http_max_tries = 1",
        f"INSERT INTO FUNCTION file('{target.out}', 'CSV', 'x String') VALUES ('x')",
        "SELECT * FROM executable('x.sh', 'TSV', 'x String')",
    ):
        answer = server.ask(statement)
        assert "x-clickhouse-exception-code" in answer.headers, (statement, answer.text)
        assert SECRET not in answer.text
        assert "ADMIN_PASSWORD" not in answer.text
    assert target.callers == []
    assert not target.out.exists()


@pytest.mark.stack
@pytest.mark.parametrize(
    "query",
    [
        {"readonly": "0"},
        {"readonly": "2"},
        {"max_memory_usage": "0"},
        {"allow_introspection_functions": "1"},
        {"format_schema": "/etc/passwd"},
        {"database": "system"},
        {"database": "System"},
        {"max_execution_time": "nonsense"},
    ],
    ids=str,
)
def test_a_read_only_user_cannot_change_what_a_statement_runs_under(
    guarded: RunningServer, query: dict[str, str]
) -> None:
    answer = guarded.ask("SELECT 1", user="analyst", **query)
    assert answer.headers.get("x-clickhouse-exception-code") in REFUSALS | {"81"}, answer.text


@pytest.mark.stack
def test_a_protected_table_is_not_reached_by_the_current_database(guarded: RunningServer) -> None:
    session = {"session_id": "s1"}
    assert guarded.ask("USE guarded", user="analyst", **session).status_code == 200
    assert guarded.ask("SELECT * FROM t", user="analyst", **session).text == "1\n"
    assert guarded.ask("USE system", user="analyst", **session).status_code == 403
    assert guarded.ask("SELECT * FROM processes", user="analyst", **session).status_code == 404


@pytest.mark.stack
def test_sessions_are_a_users_own(guarded: RunningServer) -> None:
    assert guarded.ask("SET max_threads = 1", session_id="s2").status_code == 200
    assert guarded.ask("SELECT getSetting('max_threads')", session_id="s2").text == "1\n"
    answer = guarded.ask("SELECT 1", user="analyst", session_id="s2", session_check="1")
    assert answer.headers["x-clickhouse-exception-code"] == "372"


@pytest.mark.stack
def test_a_limit_can_be_lowered_and_not_raised(guarded: RunningServer) -> None:
    show = "SELECT value FROM system.settings WHERE name = 'max_execution_time'"
    assert guarded.ask(show, user="analyst", max_execution_time="5").text == "5\n"
    assert guarded.ask(show, user="analyst", max_execution_time="5000").text == "60\n"
    assert guarded.ask(show, user="analyst", max_execution_time="0").text == "60\n"
