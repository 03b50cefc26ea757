"""What Grafana's ClickHouse data source sends over HTTP, as its driver puts it."""

import gzip

import httpx
import pytest

from tests.playhead.clickhouse.running import ANALYST_PASSWORD, RunningServer

pytestmark = pytest.mark.stack

# The parameters and headers of the driver (clickhouse-go) for every statement.
DRIVER = {"default_format": "Native", "client_protocol_version": "54460", "database": "default"}
HEADERS = {"Accept-Encoding": "gzip"}


@pytest.fixture(scope="module")
def grafana(server: RunningServer) -> RunningServer:
    for statement in (
        "CREATE DATABASE IF NOT EXISTS seen",
        "CREATE OR REPLACE TABLE seen.clicks (at DateTime, page LowCardinality(String), n UInt32)"
        " ENGINE = MergeTree ORDER BY at",
        "INSERT INTO seen.clicks SELECT toDateTime('2026-01-01') + number, 'p', number FROM numbers(600)",
    ):
        assert server.ask(statement).status_code == 200
    return server


def ask(server: RunningServer, statement: str, **query: str) -> httpx.Response:
    return httpx.post(
        server.url,
        params={**DRIVER, "enable_http_compression": "1", **query},
        headers={**HEADERS, "X-ClickHouse-User": "analyst", "X-ClickHouse-Key": ANALYST_PASSWORD},
        content=statement,
    )


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT displayName(), version(), revision(), timezone()",
        "SELECT version()",
        "SELECT 1",
        "SHOW DATABASES",
        'SHOW TABLES FROM "seen"',
        'DESC TABLE "seen"."clicks"',
        "SELECT name FROM system.databases",
        "SELECT name, type, comment FROM system.columns WHERE database = 'seen' AND table = 'clicks'",
        "SELECT name FROM system.tables WHERE database = 'seen'",
        "SELECT name FROM system.functions",
        "SELECT DISTINCT page FROM seen.clicks LIMIT 1000",
        "SELECT toStartOfInterval(at, INTERVAL 60 second) AS time, count() AS c FROM seen.clicks"
        " WHERE at >= toDateTime(1767225600) AND at <= toDateTime(1767226600) GROUP BY time ORDER BY time",
        "SELECT avg(n), quantile(0.95)(n), page FROM seen.clicks GROUP BY page",
    ],
)
def test_a_statement_of_the_data_source_is_answered(grafana: RunningServer, statement: str) -> None:
    answer = ask(grafana, statement)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["x-clickhouse-format"] == "Native"
    assert answer.content.startswith(b"\x01\x00\x02\xff\xff\xff\xff\x00")


def test_the_drivers_greeting_is_one_block_in_its_form(grafana: RunningServer) -> None:
    answer = ask(grafana, "SELECT displayName(), version(), revision(), timezone()")
    for column in (b"\x0ddisplayName()\x06String\x00", b"\x0arevision()\x06UInt32\x00"):
        assert column in answer.content


def test_limits_that_the_data_source_sets_hold(grafana: RunningServer) -> None:
    limited = ask(grafana, "SELECT number FROM numbers(100)", limit="5", default_format="TSV")
    assert limited.text == "0\n1\n2\n3\n4\n"
    assert ask(grafana, "SELECT 1", max_execution_time="30").status_code == 200
    assert ask(grafana, "SELECT 1", max_memory_usage="0").status_code == 403


def test_gzip_is_plain_gzip(grafana: RunningServer) -> None:
    with httpx.stream(
        "POST",
        grafana.url,
        params={"enable_http_compression": "1", "query": "SELECT 1 FORMAT JSON"},
        headers=HEADERS,
        auth=("analyst", ANALYST_PASSWORD),
    ) as answer:
        assert b'"rows": 1' in gzip.decompress(b"".join(answer.iter_raw()))
