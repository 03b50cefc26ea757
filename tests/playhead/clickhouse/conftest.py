from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.playhead.clickhouse.running import RunningServer


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """One server for the tests that do not stop it."""
    with RunningServer(tmp_path_factory.mktemp("clickhouse") / "data") as running:
        yield running


@pytest.fixture(scope="package")
def unconfined(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server without its sandbox: what is refused here, the policy refuses."""
    with RunningServer(tmp_path_factory.mktemp("unconfined") / "data", SANDBOX="off") as running:
        yield running


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"
