"""The command as a process: what a person sees when something is wrong, and the tokens commands."""

import os
import socket
import subprocess
import sys
from pathlib import Path

PLAYHEAD = str(Path(sys.executable).parent / "playhead")


def playhead(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PLAYHEAD, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_lists_every_command() -> None:
    said = playhead("--help").stdout
    for command in (
        "run",
        "demo",
        "smoke",
        "play",
        "topics",
        "migrate",
        "doctor",
        "connections",
        "tokens",
        "dead-letters",
        "import",
    ):
        assert f" {command} " in said


def test_a_command_that_needs_a_running_stack_says_so_without_a_trace(tmp_path: Path) -> None:
    for command in (["topics"], ["migrate"], ["play"], ["connections", "list"]):
        done = playhead(*command, "--data", str(tmp_path))
        assert done.returncode == 1
        assert "start one with `playhead run`" in done.stderr
        assert "Traceback" not in done.stderr


def test_what_is_imported_needs_a_key_and_a_window_of_its_own(tmp_path: Path) -> None:
    files = [str(tmp_path / name) for name in ("a", "b")]
    to = ["--collector", "http://127.0.0.1:9", "--key", "k"]
    for command, why in (
        ([*files], "--key"),
        (to, "FILE"),
        ([*files, *to, "--window", "w"], "one FILE"),
        ([*files, *to, "--visitor", "a b"], "--visitor"),
        ([*files[:1], *to, "--window", "w" * 65], "--window"),
    ):
        done = playhead("import", *command, TERM="dumb", COLUMNS="200")
        assert done.returncode == 2
        assert why in done.stderr
    done = playhead("import", files[0], "--key", "k", "--data", str(tmp_path))
    assert done.returncode == 1
    assert "start one with `playhead run`" in done.stderr


def test_a_file_that_cannot_be_imported_is_in_the_table_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text('{"type":3,"timestamp":1}\n{"type":3}\n')
    done = playhead("import", str(tmp_path / "bad.json"), "--collector", "http://127.0.0.1:9", "--key", "k")
    assert done.returncode == 1
    assert "bad.json" in done.stdout
    assert "line 2, event 2 is no rrweb event" in done.stdout
    assert "0 of 1 files, 0 events imported; 1 failed" in done.stderr


def test_a_taken_port_ends_the_run_with_its_reason(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        done = playhead("run", "--data", str(tmp_path), PLAYHEAD_STACK_KAFKA_PORT=port)
    assert done.returncode == 1
    assert f"port {port} for kafka is taken by process {os.getpid()}" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    done = playhead("run", "--data", str(tmp_path), PLAYHEAD_STACK_KAFKA_PORT="high")
    assert done.returncode == 2
    assert "kafka_port" in done.stderr
    assert "Traceback" not in done.stderr


def test_jars_that_are_absent_are_said_with_the_command_that_brings_them(tmp_path: Path) -> None:
    done = playhead("run", "--free-ports", "--data", str(tmp_path), PLAYHEAD_STACK_JARS_PATH=str(tmp_path))
    assert done.returncode == 1
    assert "make jars" in done.stderr


def test_a_token_is_made_listed_and_removed(tmp_path: Path) -> None:
    data = ["--data", str(tmp_path)]
    token = playhead("tokens", "add", "ann", "--role", "reader", *data).stdout.strip()
    assert len(token) == 43
    listed = playhead("tokens", "list", *data).stdout
    assert "ann" in listed
    assert token not in listed
    assert "already" in playhead("tokens", "add", "ann", *data).stderr
    assert playhead("tokens", "remove", "ann", *data).returncode == 0
    assert "ann" not in playhead("tokens", "list", *data).stdout
    assert playhead("tokens", "remove", "ann", *data).returncode == 1
