"""What an insert into `recordings` makes of itself and of `events`: once, whole, and typed."""

import json
import secrets
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from tests.schemas.clickhouse.rows import COLUMNS, a_row, at, insert_settings, recorded, recorded_rows
from tests.servers.engine import ClickHouseDatabase

pytestmark = pytest.mark.stack


@pytest.fixture
def client(clickhouse: ClickHouseDatabase) -> Iterator[Client]:
    client = clickhouse.client()
    for table in ("recordings", "events"):
        client.command(f"TRUNCATE TABLE {table} SYNC")
    yield client
    client.close()


def insert(client: Client, rows: list[list[Any]], token: str | None = None) -> None:
    client.insert(
        "recordings", rows, column_names=COLUMNS, settings=insert_settings(token or secrets.token_hex(8))
    )


def count(client: Client, table: str) -> int:
    """Rows as they are stored, duplicates included."""
    return int(client.command(f"SELECT count() FROM {table}"))  # type: ignore[arg-type]


def typed(client: Client, event: dict[str, Any]) -> dict[str, Any]:
    insert(client, [a_row([json.dumps(event, separators=(",", ":"))])])
    (row,) = client.query("SELECT * FROM events").named_results()
    return dict(row)


def test_an_insert_with_the_same_token_is_there_once_in_both_tables(client: Client) -> None:
    rows = recorded_rows()
    events = sum(row[COLUMNS.index("events")] for row in rows)
    for _ in range(3):
        insert(client, rows, token="playhead.batches-0-17-42")
    assert (count(client, "recordings"), count(client, "events")) == (len(rows), events)


def test_identical_rows_under_another_token_are_another_insert(client: Client) -> None:
    rows = [a_row(['{"type":4,"data":{},"timestamp":1}'])]
    insert(client, rows, token="a")
    insert(client, rows, token="b")
    assert (count(client, "recordings"), count(client, "events")) == (2, 2)
    assert client.command("SELECT count() FROM recordings FINAL") == 1
    assert client.command("SELECT count() FROM events FINAL") == 1


def test_an_insert_is_one_part_however_large(client: Client) -> None:
    rows = [row for _ in range(6) for row in recorded_rows()]
    assert sum(len(row[COLUMNS.index("payload")]) for row in rows) > 50_000_000
    client.command("SYSTEM STOP MERGES")
    try:
        insert(client, rows)
        parts = client.query(
            "SELECT table, count() FROM system.parts WHERE database = currentDatabase() AND active"
            " AND table IN ('recordings', 'events') GROUP BY table ORDER BY table"
        ).result_rows
    finally:
        client.command("SYSTEM START MERGES")
    assert parts == [("events", 1), ("recordings", 1)]


def test_every_event_of_the_recordings_comes_out_as_it_went_in(client: Client) -> None:
    insert(client, recorded_rows())
    for session, batches in recorded():
        texts = [text for batch in batches for text in batch]
        parameters = {"s": str(uuid.UUID(int=session))}
        stored = client.query(
            "SELECT payload FROM recordings WHERE session_id = {s:UUID} ORDER BY seq", parameters=parameters
        ).result_rows
        assert ",".join(payload for (payload,) in stored) == ",".join(texts)
        rows = client.query(
            "SELECT type, toUnixTimestamp64Milli(timestamp), source, interaction, node_id, x, y, href, data"
            " FROM events WHERE session_id = {s:UUID} ORDER BY seq, idx",
            parameters=parameters,
        ).result_rows
        assert len(rows) == len(texts)
        for row, event in zip(rows, map(json.loads, texts), strict=True):
            assert_typed(row, event)


def assert_typed(row: tuple[Any, ...], event: dict[str, Any]) -> None:
    kind, timestamp, source, interaction, node_id, x, y, href, data = row
    content = event["data"]
    incremental = event["type"] == 3
    assert (kind, timestamp) == (event["type"], event["timestamp"])
    assert source == (content["source"] if incremental else None)
    assert interaction == (content["type"] if incremental and content["source"] == 2 else None)
    assert node_id == (content.get("id") if incremental else None)
    for real, wanted in ((x, content.get("x")), (y, content.get("y"))):
        assert real == (pytest.approx(wanted) if incremental and wanted is not None else None)
    assert href == (content["href"] if event["type"] == 4 else None)
    if event["type"] == 2 or (incremental and content["source"] == 0):
        assert data == ""
    else:
        assert json.loads(data) == content


def test_fractions_of_a_pixel_are_kept(client: Client) -> None:
    row = typed(
        client, {"type": 3, "data": {"source": 2, "type": 2, "id": 7, "x": 12.25, "y": -3}, "timestamp": 1}
    )
    assert (row["x"], row["y"], row["node_id"], row["interaction"]) == (12.25, -3.0, 7, 2)


def test_a_console_event_has_its_level_and_a_custom_event_its_tag(client: Client) -> None:
    console = {"type": 6, "data": {"plugin": "rrweb/console@1", "payload": {"level": "warn"}}, "timestamp": 1}
    assert typed(client, console)["level"] == "warn"
    client.command("TRUNCATE TABLE events SYNC")
    assert (
        typed(client, {"type": 5, "data": {"tag": "chat", "payload": "hi"}, "timestamp": 1})["tag"] == "chat"
    )


@pytest.mark.parametrize(
    "data",
    [
        None,
        "text",
        7,
        [1],
        {},
        {"source": 300},
        {"source": "2"},
        {"id": 10**30},
        {"x": "left"},
        {"href": {"a": 1}},
    ]
    + [{"payload": value} for value in (None, "text", [1], 5, {"level": 7})],
    ids=str,
)
@pytest.mark.parametrize("kind", [3, 4, 5, 6, 99])
def test_an_event_of_a_form_nobody_knows_takes_none_of_its_batch_with_it(
    client: Client, kind: int, data: object
) -> None:
    good = '{"type":3,"data":{"source":2,"type":2,"id":5,"x":1,"y":2},"timestamp":1764000000000}'
    odd = json.dumps({"type": kind, "data": data, "timestamp": 1764000000001})
    insert(client, [a_row([good, odd, good])])
    rows = client.query("SELECT type, node_id FROM events ORDER BY idx").result_rows
    assert [row[0] for row in rows] == [3, kind, 3]
    assert rows[0] == rows[2] == (3, 5)


BEYOND_A_DOUBLE = ["1e309", "-1e400", "1.5E+999", "1.8e308", "1e" + "9" * 100, "9" * 300 + "e9"]


@pytest.mark.parametrize("number", BEYOND_A_DOUBLE, ids=[number[:12] for number in BEYOND_A_DOUBLE])
def test_a_number_beyond_a_double_is_null_and_all_else_of_its_batch_stays(
    client: Client, number: str
) -> None:
    text = f'{number} "\\ {number},ü😀'
    odd = '{"type":3,"timestamp":2,"data":{"source":2,"id":5,"x":%s,"y":2.5,"more":[%s,1e308,-0.25,%s]}}'
    good = '{"type":3,"timestamp":1,"data":{"source":2,"id":6,"x":7}}'
    said = json.dumps({"type": 5, "timestamp": 3, "data": {"tag": text, "payload": 12}}, ensure_ascii=False)
    batch = [good, odd.replace("%s", number), said]
    # Beside it, in the same insert, a batch that has no such number.
    insert(client, [a_row([good], seq=0), a_row(batch, seq=1), a_row([said], seq=2)])
    rows = client.query(
        "SELECT seq, type, node_id, x, y, tag, data FROM events ORDER BY seq, idx"
    ).result_rows
    assert [row[:-1] for row in rows] == [
        (0, 3, 6, 7.0, None, None),
        (1, 3, 6, 7.0, None, None),
        (1, 3, 5, None, 2.5, None),
        (1, 5, None, None, None, text),
        (2, 5, None, None, None, text),
    ]
    datas = [json.loads(row[-1]) for row in rows]
    assert datas[2] == {"source": 2, "id": 5, "x": None, "y": 2.5, "more": [None, 1e308, -0.25, None]}
    assert datas[3] == datas[4] == {"tag": text, "payload": 12}
    # Replay has what was sent.
    payloads = client.query("SELECT payload FROM recordings ORDER BY seq").result_rows
    assert payloads[1] == (",".join(batch),)


@pytest.mark.parametrize("over", [0, 1])
def test_a_batch_made_of_such_numbers_is_left_unread(client: Client, over: int) -> None:
    good = '{"type":3,"timestamp":1,"data":1}'
    start, end = '{"type":3,"timestamp":1,"data":[', "1e400]}"
    left = 1_000_000 - sum((start + end).count(letter) for letter in "eE") + over
    bad = start + "1e400," * (left // 2) + "1E400," * (left - left // 2) + end
    insert(client, [a_row([bad], seq=0), a_row([good], seq=1)])
    found = client.query("SELECT seq, count() FROM events GROUP BY seq ORDER BY seq").result_rows
    assert found == ([(1, 1)] if over else [(0, 1), (1, 1)])


def test_a_batch_tells_whether_its_events_are_in_order(client: Client) -> None:
    event = '{{"type":3,"data":{{"source":1}},"timestamp":{}}}'.format
    insert(client, [a_row([event(1), event(1), event(2)], seq=0), a_row([event(2), event(1)], seq=1)])
    assert client.query("SELECT seq, in_order FROM recordings ORDER BY seq").result_rows == [
        (0, True),
        (1, False),
    ]


def test_events_can_be_made_again_from_recordings(client: Client) -> None:
    """The view's select, run over the table, gives the rows the inserts gave."""
    insert(client, recorded_rows())
    digest = "SELECT count(), groupBitXor(sipHash64(*)) FROM (SELECT toString(tuple(*)) FROM events)"
    before = client.query(digest).result_rows
    ((select,),) = client.query(
        "SELECT as_select FROM system.tables"
        " WHERE database = currentDatabase() AND name = 'recordings_to_events'"
    ).result_rows
    client.command("TRUNCATE TABLE events SYNC")
    client.command(f"INSERT INTO events {select}")
    assert client.query(digest).result_rows == before


def test_a_batch_goes_when_its_time_is_over(client: Client) -> None:
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    event = '{"type":4,"data":{"href":"https://a.example/"},"timestamp":1}'
    insert(client, [a_row([event], seq=0, expires_on=yesterday)])
    insert(client, [a_row([event], seq=1)])
    for table in ("recordings", "events"):
        client.command(f"OPTIMIZE TABLE {table} FINAL")
        left = client.query(f"SELECT seq FROM {table}").result_rows
        assert left == [(1,)], table


def test_the_views_tell_clicks_and_page_views_once(client: Client) -> None:
    texts = [
        '{"type":4,"data":{"href":"https://shop.example/cart?x=1","width":1,"height":1},"timestamp":1}',
        '{"type":3,"data":{"source":2,"type":2,"id":5,"x":1.5,"y":2},"timestamp":2}',
        '{"type":3,"data":{"source":2,"type":4,"id":6,"x":1,"y":2},"timestamp":3}',
        '{"type":3,"data":{"source":2,"type":5,"id":7},"timestamp":4}',
    ]
    for token in ("a", "b"):
        insert(client, [a_row(texts)], token=token)
    clicks = client.query("SELECT node_id, x, y, double_click FROM v_clicks ORDER BY timestamp").result_rows
    assert clicks == [(5, 1.5, 2.0, False), (6, 1.0, 2.0, True)]
    views = client.query("SELECT url, host, url_path FROM v_page_views").result_rows
    assert views == [("https://shop.example/cart?x=1", "shop.example", "/cart")]


def test_v_sessions_gives_the_newest_version(client: Client) -> None:
    columns = (
        "session_id",
        "started_at",
        "first_event_at",
        "last_event_at",
        "status",
        "expires_on",
        "version",
    )
    expires = date(2099, 1, 1)
    for version, last, status in ((1, 5, "active"), (3, 25, "completed"), (2, 15, "active")):
        row = [uuid.UUID(int=1), at(1), at(1), at(last), status, expires, version]
        client.insert("sessions", [row], column_names=columns, settings=insert_settings(f"s{version}"))
    rows = client.query("SELECT version, status, duration_ms FROM v_sessions").result_rows
    assert rows == [(3, "completed", 24)]
