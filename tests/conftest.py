"""Fixtures for every room: real servers, started once in a test session when the first test asks.

- `kafka`: a broker; `kafka.bootstrap`, `await kafka.fresh_topics()`, `await kafka.topic(like=…)`.
- `clickhouse_server`: the engine's process; `.url`, `.client()`, passwords of `admin` and `analyst`.
- `clickhouse`: a migrated database of the test module's own on that server.
"""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tests.servers.broker import KafkaServer, running_broker
from tests.servers.engine import ClickHouseDatabase, ClickHouseServer, fresh_database, running_engine

# No test asserts how fast something is, or how fast its examples are made.
hypothesis_settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaServer]:
    with running_broker(tmp_path_factory.mktemp("kafka")) as server:
        yield server


@pytest.fixture(scope="session")
def clickhouse_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouseServer]:
    with running_engine(tmp_path_factory.mktemp("clickhouse")) as server:
        yield server


@pytest.fixture(scope="module")
def clickhouse(clickhouse_server: ClickHouseServer) -> Iterator[ClickHouseDatabase]:
    with fresh_database(clickhouse_server) as database:
        yield database
