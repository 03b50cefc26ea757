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
    ):
        assert f" {command} " in said


def test_a_command_that_needs_a_running_stack_says_so_without_a_trace(tmp_path: Path) -> None:
    for command in (["topics"], ["migrate"], ["play"], ["connections", "list"]):
        done = playhead(*command, "--data", str(tmp_path))
        assert done.returncode == 1
        assert "start one with `playhead run`" in done.stderr
        assert "Traceback" not in done.stderr


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
