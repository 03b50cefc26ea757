"""Start, stop, and what stands in the way of a start: named."""

import contextlib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.playhead.clickhouse.running import RunningServer

pytestmark = pytest.mark.stack


def run_to_its_end(server: RunningServer, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "playhead.clickhouse"],
        env={**server.environment(), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_sigterm_ends_it_with_status_0_and_data_survives(data_dir: Path) -> None:
    server = RunningServer(data_dir)
    with server:
        assert server.ask("CREATE TABLE t (x Int32) ENGINE = MergeTree ORDER BY x").status_code == 200
        assert server.ask("INSERT INTO t VALUES (1)").status_code == 200
        assert server.stop() == 0
    with server:
        assert server.ask("SELECT x FROM t").text == "1\n"


def test_sigterm_lets_a_short_statement_end_and_cancels_a_long_one(data_dir: Path) -> None:
    server = RunningServer(data_dir, STOP_TIMEOUT_MS="2000")
    answers: dict[str, httpx.Response] = {}
    with server:

        def ask(name: str, statement: str) -> None:
            with contextlib.suppress(httpx.TransportError):
                answers[name] = server.ask(statement, default_format="JSON")

        statements = {
            "short": "SELECT sleep(1)",
            "long": "SELECT count() FROM system.numbers WHERE number % 7 = 8",
        }
        threads = [threading.Thread(target=ask, args=item) for item in statements.items()]
        for thread in threads:
            thread.start()
        wait_until(lambda: server.ask("SELECT count() FROM system.processes").text == "3\n")
        assert server.stop(timeout_s=20) == 0
        for thread in threads:
            thread.join(20)
    assert answers["short"].status_code == 200
    assert "long" not in answers or answers["long"].status_code != 200


def test_it_refuses_connections_until_it_is_ready(data_dir: Path) -> None:
    server = RunningServer(data_dir)
    server.start()
    try:
        answers = []
        while not answers:
            with contextlib.suppress(httpx.ConnectError):
                answers.append(server.ask("SELECT 1").text)
        assert answers == ["1\n"]
    finally:
        server.stop()


def test_a_second_process_on_the_directory_is_told_who_has_it(data_dir: Path) -> None:
    with RunningServer(data_dir) as first:
        assert first.process is not None
        second = RunningServer(data_dir)
        ended = run_to_its_end(second)
        assert ended.returncode == 1
        assert f"{data_dir} is in use by process {first.process.pid}" in ended.stderr
        assert "Traceback" not in ended.stderr
        assert first.ask("SELECT 1").text == "1\n"


def test_a_taken_port_is_named(data_dir: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        server = RunningServer(data_dir)
        server.port = taken.getsockname()[1]
        ended = run_to_its_end(server)
    assert ended.returncode == 1
    assert f"Cannot listen on 127.0.0.1:{server.port}" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("variable", "value", "named"),
    [
        ("ADMIN_PASSWORD", "", "admin_password"),
        ("MEMORY_LIMIT_BYTES", "12", "memory_limit_bytes"),
        ("PORT", "123456", "port"),
    ],
)
def test_a_setting_out_of_its_range_is_named(data_dir: Path, variable: str, value: str, named: str) -> None:
    ended = run_to_its_end(RunningServer(data_dir), **{f"PLAYHEAD_CLICKHOUSE_{variable}": value})
    assert ended.returncode == 2
    assert named in ended.stderr


def test_without_a_password_there_is_no_analyst(data_dir: Path) -> None:
    server = RunningServer(data_dir)
    environment = server.environment()
    del environment["PLAYHEAD_CLICKHOUSE_ANALYST_PASSWORD"]
    server.environment = lambda: environment  # type: ignore[method-assign]
    with server:
        for password in ("", "analyst-secret"):
            answer = httpx.get(f"{server.url}/", params={"query": "SELECT 1"}, auth=("analyst", password))
            assert answer.headers["x-clickhouse-exception-code"] == "516"


def test_what_a_killed_process_left_in_scratch_is_gone_at_the_next_start(data_dir: Path) -> None:
    server = RunningServer(data_dir)
    with server:
        server.kill()
        (data_dir / "scratch" / "left").mkdir()
        (data_dir / "scratch" / "behind").write_text("x")
    with server:
        assert not {"left", "behind"} & {path.name for path in (data_dir / "scratch").iterdir()}


def wait_until(condition: Callable[[], bool], timeout_s: float = 30) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
