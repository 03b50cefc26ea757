"""Ordered events over the real engine: every stored byte, in order, once, page by page."""

import gzip
import json
import random
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from backports.zstd import decompress
from clickhouse_connect.driver.client import Client
from fastapi import FastAPI

from query_api.events.order import Batch
from query_api.events.repository import select_batches, select_with_meta
from tests.query_api.conftest import calling
from tests.query_api.plans import granules_read
from tests.query_api.seeds import (
    START,
    SessionVersion,
    Window,
    batch,
    event,
    insert_batches,
    insert_sessions,
    session_id,
)

pytestmark = pytest.mark.stack

RECORDINGS = sorted((Path(__file__).parents[3] / "examples" / "recordings").glob("*.jsonl.gz"))
WINDOWS = (Window("other", first_at=START + 1), Window("w", first_at=START))
_seeds = count(1_000)


@pytest.fixture
def session(store: Client) -> str:
    """A completed session of demo's with the windows `w` and `other`; it has no batches yet."""
    one = session_id(START, next(_seeds))
    insert_sessions(store, SessionVersion("shop", one, windows=WINDOWS))
    return one


async def read(client: httpx.AsyncClient, session: str, **parameters: Any) -> tuple[list[list[Any]], bytes]:
    """Each page's events, and the bytes of all events with commas between."""
    pages, texts = [], []
    while True:
        response = await client.get(f"/v1/sessions/{session}/events", params=parameters)
        assert response.status_code == 200, response.text
        page = response.json()
        head, tail = b'{"events":[', f'],"next_cursor":{json.dumps(page["next_cursor"])}}}'.encode()
        assert response.content.startswith(head)
        assert response.content.endswith(tail)
        pages.append(page["events"])
        texts.append(response.content[len(head) : -len(tail)])
        if page["next_cursor"] is None:
            return pages, b",".join(texts)
        parameters["cursor"] = page["next_cursor"]


def recorded(path: Path) -> list[bytes]:
    with gzip.open(path) as lines:
        return [line.rstrip(b"\n") for line in lines]


@pytest.mark.parametrize("limit_bytes", [None, 100_000, 1])
async def test_a_real_recording_comes_back_byte_for_byte(
    demo: httpx.AsyncClient, store: Client, session: str, limit_bytes: int | None
) -> None:
    events = recorded(RECORDINGS[0])
    batches = [batch(*events[at : at + 20], seq=at // 20) for at in range(0, len(events), 20)]
    random.Random(1).shuffle(batches)
    insert_batches(store, "shop", session, *batches)

    pages, text = await read(demo, session, **({"limit_bytes": limit_bytes} if limit_bytes else {}))

    assert text == b",".join(events)
    if limit_bytes is None:
        assert len(pages) == 1
    else:
        assert len(pages) > 5


@pytest.mark.parametrize("limit_bytes", [1, 200, 3_000, None])
async def test_batches_that_overlap_come_event_by_event_in_order(
    demo: httpx.AsyncClient, store: Client, session: str, limit_bytes: int | None
) -> None:
    chance = random.Random(7)
    batches = [
        batch(
            *(event(START + chance.randrange(60), f"{seq}.{n}") for n in range(chance.randrange(1, 6))),
            seq=seq,
        )
        for seq in range(30)
    ]
    insert_batches(store, "shop", session, *batches)
    everything = sorted(
        (json.loads(each)["timestamp"], one.seq, n, each)
        for one in batches
        for n, each in enumerate(split(one))
    )

    _, text = await read(demo, session, **({"limit_bytes": limit_bytes} if limit_bytes else {}))

    assert text == b",".join(each for *_, each in everything)


def split(one: Batch) -> list[bytes]:
    """The events of a batch that `seeds.event` made."""
    return [b'{"type"' + piece for piece in (b"," + one.payload).split(b',{"type"')[1:]]


async def test_a_clock_set_back_inside_a_batch_is_put_right(
    demo: httpx.AsyncClient, store: Client, session: str
) -> None:
    insert_batches(store, "shop", session, batch(event(START + 9), event(START + 3), seq=0))

    ((first, second),), _ = await read(demo, session)

    assert (first["timestamp"], second["timestamp"]) == (START + 3, START + 9)


async def test_without_seqs_equal_times_are_in_the_order_of_arrival(
    demo: httpx.AsyncClient, store: Client, session: str
) -> None:
    offsets = list(range(12))
    random.Random(3).shuffle(offsets)
    insert_batches(
        store, "shop", session, *(batch(event(START, f"{offset:02}"), offset=offset) for offset in offsets)
    )

    (events,), _ = await read(demo, session)

    assert [each["data"]["text"] for each in events] == [f"{offset:02}" for offset in range(12)]


async def test_a_batch_that_was_inserted_twice_comes_once(
    demo: httpx.AsyncClient, store: Client, session: str
) -> None:
    store.command("SYSTEM STOP MERGES recordings")
    twice = batch(event(START, "twice"), seq=0)
    insert_batches(store, "shop", session, twice)
    insert_batches(store, "shop", session, twice, batch(event(START + 1), seq=1))
    assert store.query(
        "SELECT count() FROM recordings WHERE session_id = {s:UUID}", {"s": session}
    ).first_row == (3,)

    (events,), _ = await read(demo, session)

    assert len(events) == 2


async def test_a_batch_of_which_no_event_was_left_leaves_no_gap(
    demo: httpx.AsyncClient, store: Client, session: str
) -> None:
    """All its events had come before, in other batches (rule 6)."""
    hollow = batch(event(START + 1), offset=1)._replace(events=0, payload=b"")
    insert_batches(store, "shop", session, batch(event(START)), hollow, batch(event(START + 2), offset=2))

    (events,), _ = await read(demo, session)

    assert [each["timestamp"] - START for each in events] == [0, 2]


async def test_windows_are_never_merged(demo: httpx.AsyncClient, store: Client, session: str) -> None:
    insert_batches(store, "shop", session, batch(event(START, "w"), seq=0), window_id="w")
    insert_batches(store, "shop", session, batch(event(START, "other"), seq=0), window_id="other")

    async def texts(**parameters: str) -> list[str]:
        (events,), _ = await read(demo, session, **parameters)
        return [each["data"]["text"] for each in events]

    assert await texts() == await texts(window="w") == ["w"], "the first window by time is the default"
    assert await texts(window="other") == ["other"]
    response = await demo.get(f"/v1/sessions/{session}/events", params={"window": "third"})
    assert (response.status_code, response.json()["reason"]) == (404, "unknown_window")


async def test_a_window_whose_batches_have_not_arrived_is_empty(
    demo: httpx.AsyncClient, session: str
) -> None:
    assert (await demo.get(f"/v1/sessions/{session}/events")).json() == {"events": [], "next_cursor": None}


async def test_pages_neither_skip_nor_repeat_while_batches_arrive_at_the_end(
    demo: httpx.AsyncClient, store: Client, session: str
) -> None:
    insert_batches(store, "shop", session, *(batch(event(START + seq), seq=seq) for seq in range(5)))
    found, parameters, seq = [], {"limit_bytes": 150}, 5
    while True:
        page = (await demo.get(f"/v1/sessions/{session}/events", params=parameters)).json()
        found += [each["timestamp"] - START for each in page["events"]]
        if page["next_cursor"] is None:
            break
        parameters["cursor"] = page["next_cursor"]
        if seq < 12:
            insert_batches(store, "shop", session, batch(event(START + seq), seq=seq))
            seq += 1

    assert found == list(range(seq))


@pytest.mark.parametrize(
    "parameters",
    [{"limit_bytes": 0}, {"limit_bytes": -5}, {"limit_bytes": "x"}, {"cursor": "AAAA"}, {"window": "w" * 65}],
)
async def test_parameters_out_of_range_are_refused(
    demo: httpx.AsyncClient, session: str, parameters: dict[str, Any]
) -> None:
    response = await demo.get(f"/v1/sessions/{session}/events", params=parameters)

    assert (response.status_code, response.json()["reason"]) == (400, "bad_parameter")


async def test_a_cursor_of_another_window_is_refused(
    demo: httpx.AsyncClient, store: Client, session: str
) -> None:
    insert_batches(store, "shop", session, batch(event(START), seq=0), batch(event(START + 1), seq=1))
    page = (await demo.get(f"/v1/sessions/{session}/events", params={"limit_bytes": 1})).json()

    response = await demo.get(
        f"/v1/sessions/{session}/events", params={"cursor": page["next_cursor"], "window": "other"}
    )

    assert (response.status_code, response.json()["reason"]) == (400, "bad_parameter")


async def test_a_page_larger_than_the_server_allows_is_cut_down(
    app: FastAPI, store: Client, session: str
) -> None:
    big = [batch(event(START + seq, "x" * 1_000_000), seq=seq) for seq in range(3)]
    insert_batches(store, "shop", session, *big)
    rooms = app.state.rooms
    smaller = rooms.settings.model_copy(update={"max_page_bytes": 2_500_000})
    app.state.rooms = type(rooms)(**{**vars(rooms), "settings": smaller})

    async with calling(app, "demo_secret") as client:
        pages, _ = await read(client, session, limit_bytes=1 << 60)

    assert [len(page) for page in pages] == [2, 1]


async def test_a_completed_session_is_kept_until_it_changes(
    demo: httpx.AsyncClient, store: Client, session: str
) -> None:
    insert_batches(store, "shop", session, batch(event(START), seq=0))
    url = f"/v1/sessions/{session}/events"
    first = await demo.get(url)
    assert first.headers["cache-control"] == "private, no-cache"
    kept = {"If-None-Match": f'"another", {first.headers["etag"]}'}

    same = await demo.get(url, headers=kept)
    other_page = await demo.get(url, params={"limit_bytes": 7}, headers=kept)
    other_window = await demo.get(url, params={"window": "other"}, headers=kept)
    # A late batch: the version rises.
    insert_sessions(store, SessionVersion("shop", session, version=2, windows=WINDOWS))
    changed = await demo.get(url, headers=kept)

    assert (same.status_code, same.content) == (304, b"")
    assert same.headers["etag"] == first.headers["etag"]
    assert [other_page.status_code, other_window.status_code, changed.status_code] == [200, 200, 200]


async def test_an_active_session_is_not_kept(demo: httpx.AsyncClient, store: Client) -> None:
    active = session_id(START, next(_seeds))
    insert_sessions(store, SessionVersion("shop", active, status="active"))

    response = await demo.get(f"/v1/sessions/{active}/events")

    assert response.headers["cache-control"] == "no-store"
    assert "etag" not in response.headers


@pytest.mark.parametrize("encoding", ["identity", "gzip", "zstd"])
async def test_the_answer_is_the_same_however_it_travels(
    demo: httpx.AsyncClient, store: Client, session: str, encoding: str
) -> None:
    events = recorded(RECORDINGS[1])[:60]
    insert_batches(store, "shop", session, *(batch(*events[at : at + 20], seq=at) for at in (0, 20, 40)))

    response = await demo.get(f"/v1/sessions/{session}/events", headers={"Accept-Encoding": encoding})

    assert response.headers.get("content-encoding", "identity") == encoding
    # httpx itself unpacks gzip.
    content = decompress(response.content) if encoding == "zstd" else response.content
    assert content == b'{"events":[' + b",".join(events) + b'],"next_cursor":null}'


BOUNDS = {"after_at": START - 1, "before_at": START + 1_000}
WHOLE, PART = (select_batches(after=bounded, before=bounded) for bounded in (False, True))
WITH_META = select_with_meta(after=True, before=True)


@pytest.mark.parametrize("select", [WHOLE, PART], ids=["whole", "part"])
def test_events_are_read_by_the_primary_key(store: Client, select: str) -> None:
    """Of many sessions, only the granules that hold this one are read."""
    sessions = [session_id(START + n, next(_seeds)) for n in range(600)]
    # As one insert: 600 would be 600 parts.
    store.command(
        """
        INSERT INTO recordings
            (connection_id, session_id, window_id, first_at, last_at, seq, events, payload, expires_on)
        SELECT
            'many',
            arrayJoin({sessions:Array(UUID)}),
            'w',
            fromUnixTimestamp64Milli({start:Int64} + number),
            fromUnixTimestamp64Milli({start:Int64} + number),
            number,
            1,
            '{"type":3,"data":{},"timestamp":1}',
            today() + 30
        FROM numbers(20)
        """,
        {"sessions": sessions, "start": START},
    )
    names = {"connection_id": "many", "session_id": sessions[300], "window_id": "w"}
    parameters = {"mark": 1, **names, **BOUNDS}

    read_granules, of = granules_read(store, select, parameters)

    assert of >= 50
    assert read_granules <= 3


@pytest.mark.parametrize("select", [WHOLE, PART, WITH_META], ids=["whole", "part", "with_meta"])
def test_the_engine_hands_on_few_batches_at_a_time(store: Client, select: str) -> None:
    """With its own 65,000 rows a block it would hold a session in memory before the first byte comes."""
    one = session_id(START, 1_903)
    insert_batches(
        store, "shop", one, *(batch(event(START + n, kind=4), seq=n, offset=n) for n in range(300))
    )
    names = {"connection_id": "shop", "session_id": one, "window_id": "w"}
    in_blocks = select.replace("SELECT\n", "SELECT\n    blockSize() AS rows_of_block,\n", 1)

    rows = store.query(in_blocks, {"mark": 1, **names, **BOUNDS}).named_results()

    sizes = [row["rows_of_block"] for row in rows]
    assert len(sizes) == 300
    assert max(sizes) <= 64


@pytest.mark.parametrize("select", [WHOLE, PART], ids=["whole", "part"])
def test_rows_come_before_all_are_read(store: Client, select: str) -> None:
    """The engine need not sort a session before its first batch comes: it reads in the order of the key."""
    names = {"connection_id": "shop", "session_id": session_id(START, 1), "window_id": "w"}
    parameters = {"mark": 1, **names, **BOUNDS}

    plan = "\n".join(row[0] for row in store.query(f"EXPLAIN PIPELINE {select}", parameters).result_rows)

    assert "FinishSortingTransform" in plan or "Sorting" not in plan
    assert "MergeSortingTransform" not in plan
