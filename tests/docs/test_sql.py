"""Each query of docs/sql.md runs as the analyst who reads it, and finds what there is."""

import json
import re
from collections.abc import Iterator

import pytest
from clickhouse_connect.driver.client import Client

from docs.reference import HERE
from tests.query_api.seeds import START, batch, insert_batches, session_id
from tests.servers.engine import ClickHouseDatabase

pytestmark = pytest.mark.stack

QUERIES = re.findall(r"```sql\n(.*?)```", (HERE / "sql.md").read_text(), re.DOTALL)
ONE = session_id(START, 93_001)


def an_event(at: int, kind: int, **data: object) -> bytes:
    return json.dumps({"type": kind, "data": data, "timestamp": START + at}).encode()


def page(at: int, path: str) -> bytes:
    return an_event(at, 4, href=f"https://shop.example/{path}", width=1, height=1)


def click(at: int) -> bytes:
    return an_event(at, 3, source=2, type=2, id=7, x=1, y=1)


@pytest.fixture(scope="module")
def analyst(clickhouse: ClickHouseDatabase) -> Iterator[Client]:
    with clickhouse.client() as store:
        visit = [page(0, "a"), page(1_000, "b"), page(2_000, "a"), *(click(3_000 + n) for n in range(3))]
        insert_batches(store, "demo-shop", ONE, batch(*visit, click(9_000), seq=0))
    with clickhouse.client(analyst=True) as client:
        yield client


def test_there_are_queries() -> None:
    assert len(QUERIES) >= 4


@pytest.mark.parametrize("query", QUERIES, ids=range(len(QUERIES)))
def test_it_finds_something(analyst: Client, query: str) -> None:
    assert analyst.query(query).result_rows
