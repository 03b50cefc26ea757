"""A broker's data folder: formatted once, whatever its id is."""

import secrets
from pathlib import Path

import pytest

from playhead.checkout import JARS
from playhead.kafka.broker import Broker

pytestmark = pytest.mark.stack


def formatted(folder: Path) -> str:
    broker = Broker(folder, JARS, port=1, controller_port=2)
    broker.prepare()
    return (folder / "log" / "meta.properties").read_text()


def test_a_cluster_id_may_begin_with_a_dash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "token_bytes", lambda size: b"\xf8" + bytes(size - 1))
    assert "cluster.id=-AAAAAAAAAAAAAAAAAAAAA" in formatted(tmp_path)


def test_what_is_formatted_stays(tmp_path: Path) -> None:
    assert formatted(tmp_path) == formatted(tmp_path)
