"""`at`, `from`, `to`, NDJSON, HEAD and ETag over the real engine."""

import gzip
import json
import random
from itertools import count
from typing import Any

import httpx
import pytest
from backports.zstd import decompress
from clickhouse_connect.driver.client import Client

from query_api.events.order import Batch
from query_api.events.repository import WITH_SNAPSHOT, select_outlines, select_with_meta
from tests.query_api.kinds import FULL_SNAPSHOT, META
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

NDJSON = {"Accept": "application/x-ndjson"}
_seeds = count(20_000)


def seeded(store: Client, *batches: Batch, playable_at: int | None = START + 1, **fields: Any) -> str:
    """A session of demo's with one window that holds these."""
    one = session_id(START, next(_seeds))
    window = Window("w", first_at=START, playable_at=playable_at)
    insert_sessions(store, SessionVersion("shop", one, windows=(window,), **fields))
    if batches:
        insert_batches(store, "shop", one, *batches)
    return f"/v1/sessions/{one}/events"


def at(ms: int, text: str = "", kind: int = 3) -> bytes:
    return event(START + ms, text, kind)


SNAPSHOTS = (
    batch(at(0, "m0", META), at(1, "s0", FULL_SNAPSHOT), at(5), at(8), seq=0),
    batch(at(10), at(20, "m1", META), at(21, "s1", FULL_SNAPSHOT), at(25), seq=1),
    # The two are in different batches.
    batch(at(30), at(40, "m2", META), seq=2),
    batch(at(41, "s2", FULL_SNAPSHOT), at(45), seq=3),
    batch(at(50), seq=4),
)


async def texts(client: httpx.AsyncClient, url: str, **parameters: Any) -> list[str | int]:
    """Of each event its text, where it has one, else its time since START."""
    response = await client.get(url, params={name.rstrip("_"): value for name, value in parameters.items()})
    assert response.status_code == 200, response.text
    return [each["data"]["text"] or each["timestamp"] - START for each in response.json()["events"]]


@pytest.mark.parametrize(
    ("ms", "events"),
    [
        (0, ["m0", "s0", 5, 8, 10, "m1", "s1", 25, 30, "m2", "s2", 45, 50]),
        (20, ["m0", "s0", 5, 8, 10, "m1", "s1", 25, 30, "m2", "s2", 45, 50]),
        (21, ["m1", "s1", 25, 30, "m2", "s2", 45, 50]),
        (40, ["m1", "s1", 25, 30, "m2", "s2", 45, 50]),
        (41, ["m2", "s2", 45, 50]),
        (9_000, ["m2", "s2", 45, 50]),
    ],
)
async def test_at_begins_at_the_last_full_snapshot_not_after_it(
    demo: httpx.AsyncClient, store: Client, ms: int, events: list[str | int]
) -> None:
    assert await texts(demo, seeded(store, *SNAPSHOTS), at=START + ms) == events


async def test_at_begins_at_the_first_playable_place_where_there_is_none_before(
    demo: httpx.AsyncClient, store: Client
) -> None:
    """Its first part is lost: there are events, and a snapshot without a Meta, before it can be played."""
    url = seeded(
        store, batch(at(0, "s", FULL_SNAPSHOT), at(9), seq=3), *SNAPSHOTS[1:], playable_at=START + 21
    )

    assert (await texts(demo, url, at=START))[:3] == ["m1", "s1", 25]


@pytest.mark.parametrize(
    ("parameters", "events"),
    [
        ({"from_": START + 25}, [25, 30, "m2", "s2", 45, 50]),
        ({"to": START + 21}, ["m0", "s0", 5, 8, 10, "m1"]),
        ({"from_": START + 9, "to": START + 22}, [10, "m1", "s1"]),
        ({"from_": START + 9, "to": START + 10}, []),
        ({"at": START + 22, "to": START + 30}, ["m1", "s1", 25]),
        ({"at": START, "to": START + 1}, []),
        ({"from_": START + 51}, []),
    ],
)
async def test_from_and_to_bound_by_time(
    demo: httpx.AsyncClient, store: Client, parameters: dict[str, int], events: list[str | int]
) -> None:
    assert await texts(demo, seeded(store, *SNAPSHOTS), **parameters) == events


@pytest.mark.parametrize("parameters", [{}, {"at": START + 21}, {"from": START + 8, "to": START + 45}])
@pytest.mark.parametrize("limit_bytes", [1, 250, 1_000_000])
async def test_both_forms_page_through_the_same_events(
    demo: httpx.AsyncClient, store: Client, parameters: dict[str, int], limit_bytes: int
) -> None:
    url = seeded(store, *SNAPSHOTS)
    query = parameters | {"limit_bytes": limit_bytes}
    as_json: list[bytes] = []
    while True:
        page = (await demo.get(url, params=query)).json()
        as_json += (json.dumps(each).encode() for each in page["events"])
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    as_lines: list[bytes] = []
    response = await demo.get(url, params=parameters | {"limit_bytes": limit_bytes}, headers=NDJSON)
    pages = 1
    while True:
        assert response.headers["content-type"] == "application/x-ndjson"
        assert response.content.endswith(b"\n")
        as_lines += response.content.splitlines()
        if "next" not in response.links:
            break
        response = await demo.get(response.links["next"]["url"], headers=NDJSON)
        pages += 1

    assert as_lines == as_json
    assert (pages == 1) == (limit_bytes == 1_000_000)


async def test_the_engine_gives_what_the_memory_store_of_other_tests_promises(
    demo: httpx.AsyncClient, store: Client
) -> None:
    """Overlapping, unordered, tied: a seek and lines over the engine are the plain sort, too."""
    chance = random.Random(11)
    batches = [
        batch(
            *(
                at(chance.randrange(40), f"{seq}.{n}", chance.choice([META, FULL_SNAPSHOT, 3, 3, 3]))
                for n in range(chance.randrange(1, 6))
            ),
            seq=seq,
        )
        for seq in range(30)
    ]
    placed = sorted(
        (each["timestamp"] - START, one.seq, n, each["type"], each["data"]["text"])
        for one in batches
        for n, each in enumerate(json.loads(b"[" + one.payload + b"]"))
    )
    meta_at = min(each[0] for each in placed if each[3] == META)
    playable = min(each[0] for each in placed if each[3] == FULL_SNAPSHOT and each[0] >= meta_at)
    url = seeded(store, *batches, playable_at=START + playable)

    for ms in (0, 7, 20, 39):
        begin = max(
            n for n, each in enumerate(placed) if each[3] == FULL_SNAPSHOT and each[0] <= max(ms, playable)
        )
        meta = [each for each in placed[:begin] if each[3] == META][-1:]
        expected = [each[4] for each in meta + placed[begin:]]
        assert await texts(demo, url, at=START + ms) == expected
        lines = await demo.get(url, params={"at": START + ms}, headers=NDJSON)
        assert [json.loads(line)["data"]["text"] for line in lines.content.splitlines()] == expected


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"at": 1, "from": 1}, "at, from"),
        ({"at": 2, "to": 1}, "before at"),
        ({"from": 2, "to": 1}, "before from"),
        ({"at": -1}, "at"),
        ({"from": "yesterday"}, "from"),
        ({"to": "9" * 400}, "to"),
        ({"to": "9" * 20_000}, "to"),
        ({"at": "1e3"}, "at"),
        ({"at": 10_413_792_000_000}, "at"),
        ({"limit_bytes": "9" * 5_000}, "limit_bytes"),
        ({"cursor": "é" * 50}, "cursor"),
        ({"cursor": "A" * 257}, "cursor"),
        ({"cursor": "="}, "cursor"),
        ({"window": "w" * 10_000}, "window"),
    ],
)
@pytest.mark.parametrize("headers", [{}, NDJSON])
async def test_what_cannot_be_meant_is_refused_and_named(
    demo: httpx.AsyncClient, store: Client, parameters: dict[str, Any], words: str, headers: dict[str, str]
) -> None:
    response = await demo.get(seeded(store), params=parameters, headers=headers)

    assert (response.status_code, response.json()["reason"]) == (400, "bad_parameter")
    assert response.headers["content-type"] == "application/problem+json"
    assert words in response.json()["detail"]
    assert len(response.content) < 1_000


async def test_a_seek_into_what_cannot_be_played_says_so(demo: httpx.AsyncClient, store: Client) -> None:
    url = seeded(store, batch(at(0), seq=0), playable_at=None)

    response = await demo.get(url, params={"at": START})

    assert (response.status_code, response.json()["reason"]) == (409, "not_playable")


@pytest.mark.parametrize("accept", ["text/html", "application/json;q=0, application/x-ndjson;q=0"])
async def test_a_form_that_there_is_not_is_refused_with_those_that_there_are(
    demo: httpx.AsyncClient, store: Client, accept: str
) -> None:
    response = await demo.get(seeded(store), headers={"Accept": accept})

    assert (response.status_code, response.json()["reason"]) == (406, "not_acceptable")
    assert "application/json and application/x-ndjson" in response.json()["detail"]


@pytest.mark.parametrize("encoding", ["identity", "gzip", "zstd"])
@pytest.mark.parametrize("headers", [{}, NDJSON])
@pytest.mark.parametrize("parameters", [{}, {"limit_bytes": 200}, {"at": START + 21}])
async def test_head_says_what_get_says(
    demo: httpx.AsyncClient,
    store: Client,
    encoding: str,
    headers: dict[str, str],
    parameters: dict[str, int],
) -> None:
    url = seeded(store, *SNAPSHOTS, batch(at(60, "x" * 3_000), seq=5))
    headers = headers | {"Accept-Encoding": encoding}
    get = await demo.get(url, params=parameters, headers=headers)

    head = await demo.head(url, params=parameters, headers=headers)

    assert (head.status_code, head.content) == (200, b"")
    without_length = {name: value for name, value in get.headers.items() if name != "content-length"}
    assert dict(head.headers) == without_length
    assert get.headers.get("content-encoding", "identity") == encoding
    assert get.headers["vary"] == "Accept, Accept-Encoding"


async def test_head_of_what_is_another_tenant_s_is_that_of_what_is_not_there(
    rival: httpx.AsyncClient, demo: httpx.AsyncClient, store: Client
) -> None:
    foreign = await rival.head(seeded(store))
    unknown = await rival.head(f"/v1/sessions/{session_id(START, 1)}/events")

    assert foreign.status_code == unknown.status_code == 404
    assert foreign.headers == unknown.headers


async def test_each_part_and_form_has_an_etag_of_its_own(demo: httpx.AsyncClient, store: Client) -> None:
    url = seeded(store, *SNAPSHOTS)
    calls: list[tuple[dict[str, int], dict[str, str]]] = [
        ({}, {}),
        ({}, NDJSON),
        ({"at": START + 1}, {}),
        ({"from": START + 1}, {}),
        ({"to": START + 1}, {}),
        ({"limit_bytes": 5}, {}),
    ]
    tags = [(await demo.get(url, params=query, headers=headers)).headers["etag"] for query, headers in calls]
    assert len(set(tags)) == len(tags)

    for query, headers in calls:
        for method in ("GET", "HEAD"):
            answers = [
                await demo.request(method, url, params=query, headers=headers | {"If-None-Match": tag})
                for tag in tags
            ]
            assert sorted(each.status_code for each in answers) == [200] * 5 + [304]


@pytest.mark.parametrize("held", ["{}", '"other", {}', "*", "strong {}"])
async def test_a_304_says_what_a_cache_needs(demo: httpx.AsyncClient, store: Client, held: str) -> None:
    url = seeded(store, *SNAPSHOTS)
    etag = (await demo.get(url)).headers["etag"]
    if held.startswith("strong"):
        held, etag_sent = "{}", etag.removeprefix("W/")
    else:
        etag_sent = etag

    response = await demo.get(url, headers={"If-None-Match": held.format(etag_sent)})

    assert (response.status_code, response.content) == (304, b"")
    assert response.headers["etag"] == etag
    assert response.headers["cache-control"] == "private, no-cache"
    assert response.headers["vary"] == "Accept, Accept-Encoding"


async def test_a_batch_that_begins_where_the_part_ends_is_not_another_page_of_it(
    demo: httpx.AsyncClient, store: Client
) -> None:
    url = seeded(store, batch(at(0), seq=0), batch(at(5), seq=1))

    response = await demo.get(url, params={"to": START + 5, "limit_bytes": 1}, headers=NDJSON)

    assert response.content == at(0) + b"\n"
    assert "link" not in response.headers


@pytest.mark.parametrize("encoding", ["identity", "gzip", "zstd"])
async def test_lines_are_the_same_however_they_travel(
    demo: httpx.AsyncClient, store: Client, encoding: str
) -> None:
    events = [at(n, "x" * 500) for n in range(40)]
    url = seeded(store, *(batch(*events[n : n + 10], seq=n) for n in range(0, 40, 10)))

    async with demo.stream("GET", url, headers=NDJSON | {"Accept-Encoding": encoding}) as response:
        raw = b"".join([chunk async for chunk in response.aiter_raw()])

    unpack = {"gzip": gzip.decompress, "zstd": decompress, "identity": bytes}[encoding]
    assert unpack(raw) == b"".join(each + b"\n" for each in events)


@pytest.mark.parametrize(
    "sql",
    [
        select_outlines(after=True, before=True),
        select_with_meta(after=True, before=True),
        WITH_SNAPSHOT,
    ],
)
def test_a_part_is_found_by_the_primary_key(store: Client, sql: str) -> None:
    """Of many sessions, only the granules that hold this one are read."""
    sessions = [session_id(START + n, next(_seeds)) for n in range(600)]
    store.command(
        """
        INSERT INTO recordings
            (connection_id, session_id, window_id, first_at, last_at, seq, events, full_snapshots_at, payload,
            expires_on)
        SELECT
            'many',
            arrayJoin({sessions:Array(UUID)}),
            'w',
            fromUnixTimestamp64Milli({start:Int64} + number),
            fromUnixTimestamp64Milli({start:Int64} + number),
            number,
            1,
            [fromUnixTimestamp64Milli({start:Int64} + number)],
            '{"type":2,"data":{},"timestamp":1}',
            today() + 30
        FROM numbers(20)
        """,
        {"sessions": sessions, "start": START},
    )
    between = {"after_at": START - 1, "before_at": START + 1_000}
    times = {"not_before_at": START, "not_after_at": START + 10}
    window = {"mark": 1, "connection_id": "many", "session_id": sessions[300], "window_id": "w"}

    read, of = granules_read(store, sql, window | between | times)

    assert of >= 50
    assert read <= 3
