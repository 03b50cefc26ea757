import socket
from pathlib import Path

import pytest

from playhead.doctor import Finding, examine
from playhead.settings import FREE_PORTS, StackSettings


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine that has only what a test puts there."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def install(folder: Path, name: str, says: str) -> None:
    tool = folder / name
    tool.write_text(f"#!/bin/sh\necho '{says}' >&2\n")
    tool.chmod(0o755)


def findings(tmp_path: Path, **given: object) -> dict[str, Finding]:
    settings = StackSettings(**{"data_path": tmp_path, "jars_path": tmp_path, **FREE_PORTS, **given})
    return {finding.what: finding for finding in examine(settings)}


def test_what_is_absent_is_said_with_how_to_get_it(tools: Path, tmp_path: Path) -> None:
    found = findings(tmp_path, dashboard_path=tmp_path / "none")
    for what in ("cargo", "node", "java", "mvn", "Chromium", "Kafka's jars", "dashboard"):
        assert not found[what].good
        assert found[what].remedy


@pytest.mark.parametrize(
    ("tool", "says", "good"),
    [
        ("node", "v20.19.0", True),
        ("node", "v18.20.4", False),
        ("cargo", "cargo 1.85.0 (d73d2caf9 2024-12-31)", True),
        ("cargo", "cargo 1.84.1 (66221abde 2024-11-19)", False),
        ("java", 'Picked up JAVA_TOOL_OPTIONS: -Xmx2g\nopenjdk version "17.0.15" 2025-04-15', True),
        ("java", 'openjdk version "21" 2023-09-19', True),
        ("java", 'java version "1.8.0_402"', False),
        ("mvn", "\x1b[1mApache Maven 3.8.7\x1b[m", True),
        ("mvn", "no idea", False),
    ],
)
def test_a_version_is_read_and_judged(tools: Path, tmp_path: Path, tool: str, says: str, good: bool) -> None:
    install(tools, tool, says)
    assert findings(tmp_path)[tool].good is good


def test_a_port_in_use_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        found = findings(tmp_path, collector_port=server.getsockname()[1])
    assert not found["port of collector"].good
    assert found["port of kafka"].good
