"""kill -9 while writers write: what was acknowledged is there, and a repeat by token makes the rest whole."""

import random
import threading
import time
from pathlib import Path

import httpx
import pytest

from tests.playhead.clickhouse.running import RunningServer

pytestmark = [pytest.mark.stack, pytest.mark.faults]

ROUNDS = 5
WRITERS = 3
ROWS = 200
ONCE = {"deduplicate_blocks_in_dependent_materialized_views": "1", "async_insert": "0"}


class Writer(threading.Thread):
    """Inserts batch after batch under a token each, until the server is gone."""

    def __init__(self, server: RunningServer, name: str):
        super().__init__(daemon=True)
        self.server = server
        self.batch_name = name
        self.acknowledged: list[str] = []
        self.uncertain: list[str] = []

    def run(self) -> None:
        with httpx.Client(trust_env=False) as http:
            for number in range(100_000):
                token = f"{self.batch_name}-{number}"
                try:
                    insert(self.server, http, token)
                except httpx.TransportError:
                    self.uncertain.append(token)
                    return
                self.acknowledged.append(token)


def insert(server: RunningServer, http: httpx.Client, token: str) -> None:
    rows = "".join(f'{{"token":"{token}","n":{n},"payload":"{token * 20}"}}\n' for n in range(ROWS))
    query = {"query": "INSERT INTO source FORMAT JSONEachRow", "insert_deduplication_token": token, **ONCE}
    answer = http.post(
        f"{server.url}/", params=query, content=rows, auth=("admin", "admin-secret"), timeout=60
    )
    assert answer.status_code == 200, answer.text


def tokens(server: RunningServer, table: str) -> dict[str, int]:
    rows = server.ask(f"SELECT token, count() FROM {table} GROUP BY token").text.splitlines()
    return {token: int(count) for token, count in (row.split("\t") for row in rows)}


@pytest.mark.timeout(600)
def test_killed_at_any_moment_it_comes_back_with_every_acknowledged_insert(data_dir: Path) -> None:
    server = RunningServer(data_dir)
    engine = "ENGINE = MergeTree ORDER BY n SETTINGS non_replicated_deduplication_window = 10000"
    acknowledged: set[str] = set()
    with server:
        for statement in (
            f"CREATE TABLE source (token String, n UInt32, payload String) {engine}",
            f"CREATE TABLE target (token String, n UInt32) {engine}",
            "CREATE MATERIALIZED VIEW source_to_target TO target AS SELECT token, n FROM source",
        ):
            assert server.ask(statement).status_code == 200
        for round_number in range(ROUNDS):
            writers = [Writer(server, f"r{round_number}w{number}") for number in range(WRITERS)]
            for writer in writers:
                writer.start()
            deadline = time.monotonic() + 60
            while sum(len(writer.acknowledged) for writer in writers) < 15 and time.monotonic() < deadline:
                time.sleep(0.01)
            time.sleep(random.uniform(0, 0.2))
            server.kill()
            for writer in writers:
                writer.join(60)
                acknowledged.update(writer.acknowledged)
            server.start()
            server.wait_ready()

            found = tokens(server, "source")
            assert {token for token in acknowledged if found.get(token) != ROWS} == set()
            in_view = tokens(server, "target")
            assert {token for token in acknowledged if in_view.get(token) != ROWS} == set()

            # What was under way is repeated with its token, as a worker does, and is then there once.
            with httpx.Client(trust_env=False) as http:
                for token in (token for writer in writers for token in writer.uncertain):
                    insert(server, http, token)
                    acknowledged.add(token)
        for table in ("source", "target"):
            assert tokens(server, table) == dict.fromkeys(acknowledged, ROWS)
    assert len(acknowledged) >= ROUNDS * 15
