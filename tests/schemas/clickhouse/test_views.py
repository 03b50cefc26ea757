"""What the views for analysts say of what a recorder sends: page views, and the page's errors."""

import json
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from tests.schemas.clickhouse.rows import COLUMNS, a_row, insert_settings
from tests.servers.engine import ClickHouseDatabase

pytestmark = pytest.mark.stack

SHOP = "https://shop.example"


@pytest.fixture
def client(clickhouse: ClickHouseDatabase) -> Iterator[Client]:
    client = clickhouse.client()
    for table in ("recordings", "events"):
        client.command(f"TRUNCATE TABLE {table} SYNC")
    yield client
    client.close()


def insert(client: Client, *rows: list[Any]) -> None:
    settings = insert_settings(secrets.token_hex(8))
    client.insert("recordings", list(rows), column_names=COLUMNS, settings=settings)


def batch(*events: tuple[int, int, dict[str, Any]], window: str = "w1", seq: int = 0) -> list[Any]:
    """A row of events, each as (timestamp, type, data)."""
    texts = [json.dumps({"type": kind, "data": data, "timestamp": at}) for at, kind, data in events]
    row = a_row(texts, seq=seq)
    row[COLUMNS.index("window_id")] = window
    return row


def loaded(at: int, path: str) -> tuple[int, int, dict[str, Any]]:
    return at, 4, {"href": SHOP + path, "width": 800, "height": 600}


def moved(at: int, path: str) -> tuple[int, int, dict[str, Any]]:
    return at, 5, {"tag": "url-change", "payload": {"href": SHOP + path, "kind": "push"}}


def page_views(client: Client, window: str = "w1") -> list[tuple[str, bool]]:
    query = "SELECT url_path, in_app FROM v_page_views WHERE window_id = {w:String} ORDER BY timestamp"
    return [
        (path, bool(in_app)) for path, in_app in client.query(query, parameters={"w": window}).result_rows
    ]


def test_a_move_inside_an_app_is_a_page_view(client: Client) -> None:
    insert(client, batch(loaded(1, "/"), moved(2, "/tea?x=1"), moved(3, "/basket")))
    assert page_views(client) == [("/", False), ("/tea", True), ("/basket", True)]


def test_a_snapshot_that_repeats_the_address_is_none(client: Client) -> None:
    insert(
        client,
        batch(loaded(1, "/"), loaded(2, "/"), moved(3, "/tea")),
        batch(loaded(4, "/tea"), loaded(5, "/"), loaded(6, "/tea"), seq=1),
    )
    assert page_views(client) == [("/", False), ("/tea", True), ("/", False), ("/tea", False)]


def test_each_window_has_its_own_even_where_the_batches_came_out_of_order(client: Client) -> None:
    insert(client, batch(moved(3, "/tea"), seq=1), batch(loaded(2, "/"), window="w2"))
    insert(client, batch(loaded(1, "/")))
    assert page_views(client) == [("/", False), ("/tea", True)]
    assert page_views(client, "w2") == [("/", False)]


@pytest.mark.parametrize("payload", [None, "text", {}, {"href": 7}, {"href": ""}], ids=str)
def test_an_event_of_that_name_and_another_form_is_none(client: Client, payload: object) -> None:
    insert(client, batch(loaded(1, "/"), (2, 5, {"tag": "url-change", "payload": payload})))
    assert page_views(client) == [("/", False)]


def test_other_custom_events_are_none(client: Client) -> None:
    insert(client, batch((1, 5, {"tag": "chat-message", "payload": {"href": SHOP}})))
    assert page_views(client) == []


def test_the_console_s_errors_are_texts_with_their_trace(client: Client) -> None:
    payload = {
        "level": "error",
        "trace": ["at order (a.js:1:2)", "at main"],
        "payload": ['"no \\"moon\\" left"', '"{\\"tea\\":1}"', "3"],
    }
    insert(
        client,
        batch(
            (1, 6, {"plugin": "rrweb/console@1", "payload": payload}),
            (2, 6, {"plugin": "other@1", "payload": {"level": "error"}}),
            (3, 6, {"plugin": "rrweb/console@1", "payload": {"level": "warn", "payload": 7}}),
        ),
    )
    rows = client.query("SELECT level, message, trace FROM v_console ORDER BY timestamp").result_rows
    assert rows == [
        ("error", 'no "moon" left {"tea":1} 3', ["at order (a.js:1:2)", "at main"]),
        ("warn", "", []),
    ]
