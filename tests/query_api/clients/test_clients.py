"""The generated clients do what a developer does, against a running query API."""

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.query_api.seeds import (
    START,
    SessionVersion,
    batch,
    connection,
    event,
    insert_batches,
    insert_sessions,
    session_id,
    tokens_file,
)
from tests.servers.broker import KafkaServer
from tests.servers.collector import write_connections
from tests.servers.engine import ClickHouseDatabase
from tests.servers.query_api import QueryApi
from tests.servers.waiting import run

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[3]
OURS = [session_id(START + n, 92_000 + n) for n in range(5)]


@pytest.fixture(scope="module")
def api(
    kafka: KafkaServer, clickhouse: ClickHouseDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[QueryApi]:
    folder: Path = tmp_path_factory.mktemp("query-api")
    tokens = folder / "tokens.json"
    tokens.write_bytes(tokens_file(secret="demo"))
    run(kafka.fresh_topics())
    run(write_connections(kafka.bootstrap, [connection("shop")]))
    with clickhouse.client() as store:
        versions = (SessionVersion("shop", one, started_at=START + n) for n, one in enumerate(OURS))
        insert_sessions(store, *versions, SessionVersion("shop", session_id(START, 92_010), events=4))
        for one in OURS:
            insert_batches(store, "shop", one, batch(event(START), event(START + 20_000), seq=0))
    api = QueryApi(
        folder,
        kafka_bootstrap=kafka.bootstrap,
        clickhouse_url=clickhouse.url,
        clickhouse_password=clickhouse.admin_password,
        clickhouse_database=clickhouse.name,
        tokens_file=tokens,
        query_timeout_ms=300_000,
    )
    try:
        run(api.ready())
        yield api
    finally:
        run(api.process.stop(timeout_ms=20_000))


@pytest.fixture(scope="module")
def generated() -> None:
    subprocess.run([sys.executable, ROOT / "clients/generate.py"], check=True)


def client(*path: str) -> ModuleType:
    return importlib.import_module(".".join(("playhead_client", *path)))


@pytest.mark.usefixtures("generated")
def test_the_python_client(api: QueryApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "clients/python")
    caller = client().AuthenticatedClient(base_url=api.url, token="secret", httpx_args={"trust_env": False})

    def call(noun: str, name: str, **asked: Any) -> Any:
        return client("api", noun, name).sync(client=caller, **asked)

    listed: list[str] = []
    cursor: str | None = None
    while True:
        asked = {} if cursor is None else {"cursor": cursor}
        page = call(
            "sessions",
            "list_sessions",
            connection_id="shop",
            browser=["Chrome"],
            min_events=5,
            limit=2,
            **asked,
        )
        listed += [str(each.session_id) for each in page.sessions]
        if (cursor := page.next_cursor) is None:
            break
    assert listed == OURS[::-1]
    assert call("sessions", "stats", connection_id="shop", min_events=5).total == len(OURS)
    events = call("events", "events", session_id=OURS[0]).events
    assert [each.timestamp for each in events] == [START, START + 20_000]
    assert [each.kind.value for each in call("timeline", "timeline", session_id=OURS[0]).items] == ["idle"]
    problem = call("sessions", "one_session", session_id="none")
    assert (problem.status, problem.reason.value) == (404, "unknown_session")


@pytest.mark.usefixtures("generated")
def test_the_typescript_client(api: QueryApi) -> None:
    here = Path(__file__).parent
    subprocess.run(["npx", "--no-install", "tsc", "--project", here], cwd=ROOT, check=True)

    told = subprocess.run(
        ["node", here / "dist/tests/query_api/clients/calls.js", api.url, "secret"],
        check=True,
        capture_output=True,
        env={},
    )

    assert json.loads(told.stdout) == {
        "listed": OURS[::-1],
        "total": len(OURS),
        "friction": OURS[::-1],
        "events": [START, START + 20_000],
        "timeline": ["idle"],
        "problem": [404, "unknown_session"],
    }
