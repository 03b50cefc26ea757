"""Sessions over the real engine: the list, its pages, totals, and one session."""

import random
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import httpx
import pytest
from clickhouse_connect.driver.client import Client

from query_api.sessions.repository import ONE, RECORDED
from tests.query_api.conftest import know
from tests.query_api.plans import granules_read
from tests.query_api.seeds import (
    START,
    SessionVersion,
    Window,
    connection,
    insert_sessions,
    session_id,
)

pytestmark = pytest.mark.stack

_connections = count()
_seeds = count(1)


@pytest.fixture
def shop(app: Any) -> str:
    """A connection of demo's of which the store holds nothing yet."""
    name = f"shop-{next(_connections)}"
    know(app, connection(name), connection("rival-shop", tenant="rival"))
    return name


def a_session(shop: str, started_at: int = START, **facts: Any) -> SessionVersion:
    return SessionVersion(shop, session_id(started_at, next(_seeds)), started_at=started_at, **facts)


async def listed(demo: httpx.AsyncClient, shop: str, **parameters: Any) -> dict[str, Any]:
    response = await demo.get(f"/v1/connections/{shop}/sessions", params=parameters)
    assert response.status_code == 200, response.text
    return dict(response.json())


def ids(page: dict[str, Any]) -> list[str]:
    return [session["session_id"] for session in page["sessions"]]


async def test_a_session_is_told_with_every_field(demo: httpx.AsyncClient, store: Client, shop: str) -> None:
    one = a_session(shop)
    insert_sessions(store, one)

    page = await listed(demo, shop)

    assert page == {
        "sessions": [
            {
                "session_id": one.session_id,
                "connection_id": shop,
                "visitor_id": "visitor",
                "started_at": START,
                "first_event_at": START,
                "last_event_at": START + 60_000,
                "duration_ms": 60_000,
                "status": "completed",
                "completed_at": START + 2_000_000,
                "completion_reason": "inactivity",
                "landing_url": "https://shop.example/cart",
                "user_agent": "Mozilla/5.0",
                "browser": "Chrome",
                "os": "Linux",
                "device": "Other",
                "country": "NL",
                "events": 10,
                "batches": 1,
                "raw_bytes": 1_000,
                "replayable": True,
                "not_replayable_reason": None,
            }
        ],
        "next_cursor": None,
    }


async def test_the_newest_started_comes_first(demo: httpx.AsyncClient, store: Client, shop: str) -> None:
    old, new, middle = a_session(shop, START), a_session(shop, START + 20), a_session(shop, START + 10)
    insert_sessions(store, old, new, middle)

    assert ids(await listed(demo, shop)) == [new.session_id, middle.session_id, old.session_id]


async def test_a_session_is_its_highest_version(demo: httpx.AsyncClient, store: Client, shop: str) -> None:
    one = session_id(START, next(_seeds))
    insert_sessions(store, SessionVersion(shop, one, status="completed", events=30, version=3))
    insert_sessions(store, SessionVersion(shop, one, status="active", events=20, version=2))

    (session,) = (await listed(demo, shop))["sessions"]

    assert (session["status"], session["events"]) == ("completed", 30)
    # The older version must not come up again under its own status.
    assert (await listed(demo, shop, status="active"))["sessions"] == []
    assert ids(await listed(demo, shop, status="completed")) == [one]


async def test_an_active_session_has_no_completion(demo: httpx.AsyncClient, store: Client, shop: str) -> None:
    insert_sessions(store, a_session(shop, status="active", replayable=False))

    (session,) = (await listed(demo, shop))["sessions"]

    assert (session["completed_at"], session["completion_reason"]) == (None, None)
    assert (session["replayable"], session["not_replayable_reason"]) == (False, "no_full_snapshot")


async def test_a_session_past_its_retention_is_gone(
    demo: httpx.AsyncClient, store: Client, shop: str
) -> None:
    # Of now: midnight may have passed since the run began.
    today = datetime.now(UTC).date()
    gone = a_session(shop, expires_on=today)
    last_day = a_session(shop, expires_on=today + timedelta(days=1))
    # The engine would drop it at once; a part that also holds others it keeps.
    store.command("SYSTEM STOP TTL MERGES sessions")
    insert_sessions(store, gone, last_day)

    assert ids(await listed(demo, shop)) == [last_day.session_id]
    assert (await demo.get(f"/v1/sessions/{gone.session_id}")).status_code == 404
    assert (await demo.get(f"/v1/connections/{shop}/sessions/stats")).json()["total"] == 1


@pytest.mark.parametrize("limit", [1, 7])
async def test_pages_hold_each_session_once_also_where_many_start_in_one_ms(
    demo: httpx.AsyncClient, store: Client, shop: str, limit: int
) -> None:
    everyone = [a_session(shop, START + n // 5) for n in range(20)]
    insert_sessions(store, *everyone)

    found, cursor = [], None
    while True:
        page = await listed(demo, shop, limit=limit, **({"cursor": cursor} if cursor else {}))
        assert len(page["sessions"]) == limit or page["next_cursor"] is None
        found += ids(page)
        if (cursor := page["next_cursor"]) is None:
            break

    assert sorted(found) == sorted(each.session_id for each in everyone)
    assert len(found) == 20


async def test_a_page_that_is_just_full_is_the_last(
    demo: httpx.AsyncClient, store: Client, shop: str
) -> None:
    insert_sessions(store, a_session(shop), a_session(shop))

    assert (await listed(demo, shop, limit=2))["next_cursor"] is None


@pytest.mark.parametrize("status", [None, "active", "completed"])
async def test_pages_neither_skip_nor_repeat_while_sessions_arrive_and_change_status(
    demo: httpx.AsyncClient, store: Client, shop: str, status: str | None
) -> None:
    chance = random.Random(f"{status}")
    there = {each.session_id: each for each in (a_session(shop, START + 3 * n) for n in range(40))}
    for each in list(there.values())[::2]:
        there[each.session_id] = SessionVersion(
            shop, each.session_id, started_at=each.started_at, status="active"
        )
    insert_sessions(store, *there.values())
    of_status_all_along = {key for key, each in there.items() if status in (None, each.status)}
    filters = {} if status is None else {"status": status}

    found: list[str] = []
    cursor, version = None, 1
    while True:
        page = await listed(demo, shop, limit=6, **filters, **({"cursor": cursor} if cursor else {}))
        found += ids(page)
        if (cursor := page["next_cursor"]) is None:
            break
        version += 1
        changing = chance.sample(sorted(there), 5)
        turned = [
            SessionVersion(
                shop,
                key,
                started_at=there[key].started_at,
                status="completed" if there[key].status == "active" else "active",
                version=version,
            )
            for key in changing
        ]
        there |= {each.session_id: each for each in turned}
        of_status_all_along -= {each.session_id for each in turned if status not in (None, each.status)}
        insert_sessions(store, *turned, *(a_session(shop, START + 200 + version * 10 + n) for n in range(3)))

    assert len(found) == len(set(found)), "repeated"
    assert of_status_all_along <= set(found), "skipped"


@pytest.mark.parametrize(
    "change",
    [
        lambda cursor: cursor[:-1] + ("A" if cursor[-1] != "A" else "B"),
        lambda cursor: cursor[1:],
        lambda _: "",
    ],
)
async def test_a_cursor_that_was_changed_is_refused(
    demo: httpx.AsyncClient, store: Client, shop: str, change: Any
) -> None:
    insert_sessions(store, a_session(shop), a_session(shop))
    cursor = (await listed(demo, shop, limit=1))["next_cursor"]

    response = await demo.get(f"/v1/connections/{shop}/sessions", params={"cursor": change(cursor)})

    assert (response.status_code, response.json()["reason"]) == (400, "bad_parameter")


async def test_a_cursor_of_another_filter_is_refused(
    demo: httpx.AsyncClient, store: Client, shop: str
) -> None:
    insert_sessions(store, a_session(shop), a_session(shop))
    cursor = (await listed(demo, shop, limit=1))["next_cursor"]

    response = await demo.get(
        f"/v1/connections/{shop}/sessions", params={"cursor": cursor, "status": "completed"}
    )

    assert (response.status_code, response.json()["reason"]) == (400, "bad_parameter")


@pytest.mark.parametrize(
    "parameters",
    [
        {"limit": 0},
        {"limit": -1},
        {"limit": 201},
        {"limit": "x"},
        {"status": "done"},
        {"cursor": "x" * 10_000},
    ],
)
async def test_parameters_out_of_range_are_refused(
    demo: httpx.AsyncClient, shop: str, parameters: dict[str, Any]
) -> None:
    response = await demo.get(f"/v1/connections/{shop}/sessions", params=parameters)

    assert (response.status_code, response.json()["reason"]) == (400, "bad_parameter")


async def test_totals_are_of_the_latest_versions(demo: httpx.AsyncClient, store: Client, shop: str) -> None:
    one = session_id(START, next(_seeds))
    insert_sessions(store, SessionVersion(shop, one, status="active", events=5, version=1))
    insert_sessions(
        store,
        SessionVersion(shop, one, status="completed", events=7, version=2),
        a_session(shop, status="active", events=100),
        a_session(shop, status="completed", events=1_000),
    )

    async def stats(**parameters: str) -> Any:
        told = (await demo.get(f"/v1/connections/{shop}/sessions/stats", params=parameters)).json()
        return {name: told[name] for name in ("total", "active", "completed", "events")}

    assert await stats() == {"total": 3, "active": 1, "completed": 2, "events": 1_107}
    assert await stats(status="active") == {"total": 1, "active": 1, "completed": 0, "events": 100}
    assert await stats(status="completed") == {"total": 2, "active": 0, "completed": 2, "events": 1_007}


async def test_a_connection_without_sessions(demo: httpx.AsyncClient, shop: str) -> None:
    assert await listed(demo, shop) == {"sessions": [], "next_cursor": None}
    response = await demo.get(f"/v1/connections/{shop}/sessions/stats")
    told = response.json()
    assert {name: told[name] for name in told if name != "activity"} == {
        "total": 0,
        "active": 0,
        "completed": 0,
        "events": 0,
        "replayable": 0,
        "median_duration_ms": None,
    }


async def test_one_session_comes_with_its_windows_in_time_order(
    demo: httpx.AsyncClient, store: Client, shop: str
) -> None:
    second = Window(
        "a-later-one", first_at=START + 500, skew_ms=-40, events=4, batches=2, playable_at=None, ended=True
    )
    first = Window("w1", missing_seqs=(3, 5), playable_at=START + 7)
    one = a_session(shop, windows=(second, first))
    insert_sessions(store, one)

    told = (await demo.get(f"/v1/sessions/{one.session_id}")).json()

    assert told["session_id"] == one.session_id
    assert told["windows"] == [
        {
            "window_id": "w1",
            "first_at": START,
            "last_at": START + 60_000,
            "skew_ms": 0,
            "events": 10,
            "batches": 1,
            "playable_at": START + 7,
            "missing": 2,
            "missing_seqs": [3, 5],
            "ended": False,
            "playability": {
                "from_at": START + 7,
                "reason": None,
                "full_snapshots": [],
                "full_snapshots_in_all": 0,
            },
        },
        {
            "window_id": "a-later-one",
            "first_at": START + 500,
            "last_at": START + 60_000,
            "skew_ms": -40,
            "events": 4,
            "batches": 2,
            "playable_at": None,
            "missing": 0,
            "missing_seqs": [],
            "ended": True,
            "playability": {
                "from_at": None,
                "reason": "no_full_snapshot",
                "full_snapshots": [],
                "full_snapshots_in_all": 0,
            },
        },
    ]
    (in_list,) = (await listed(demo, shop))["sessions"]
    assert {name: told[name] for name in in_list} == in_list


async def test_one_session_is_found_whatever_the_case_of_its_id(
    demo: httpx.AsyncClient, store: Client, shop: str
) -> None:
    one = a_session(shop)
    insert_sessions(store, one)

    assert (await demo.get(f"/v1/sessions/{one.session_id.upper()}")).json()["session_id"] == one.session_id


@pytest.mark.parametrize(
    "unknown",
    [
        session_id(START, 987_654),
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "x",
        "019abf3c5d807c3e9f216b8d0e4a7c55",
        "' OR 1 = 1",
        "%00",
        "%F0%9F%92%A9",
    ],
)
async def test_an_id_that_is_no_session_is_not_found(demo: httpx.AsyncClient, unknown: str) -> None:
    response = await demo.get(f"/v1/sessions/{unknown}")

    assert (response.status_code, response.json()["reason"]) == (404, "unknown_session")


async def test_texts_that_are_not_utf_8_still_make_a_list(
    demo: httpx.AsyncClient, store: Client, shop: str
) -> None:
    one = a_session(shop)
    insert_sessions(store, one)
    store.command(
        f"INSERT INTO sessions SELECT * REPLACE (version + 1 AS version, unhex('ff41') AS landing_url,"
        f" unhex('c328') AS user_agent) FROM sessions WHERE session_id = '{one.session_id}'"
    )

    (session,) = (await listed(demo, shop))["sessions"]

    assert session["landing_url"] == "\ufffdA"


@pytest.mark.parametrize("sql", [ONE, RECORDED], ids=["one", "recorded"])
async def test_one_session_is_read_by_the_primary_key(store: Client, sql: str) -> None:
    """Of a connection with many sessions, only where the start in the id points is read."""
    many = [a_session("many", START + n * 1_000) for n in range(40_000)]
    insert_sessions(store, *many)
    wanted = many[20_000]
    parameters = {
        "connection_ids": ["many", "shop"],
        "tenant": "demo",
        "started_at": wanted.started_at,
        "session_id": wanted.session_id,
    }

    read, of = granules_read(store, sql, parameters)

    assert of >= 5
    assert read <= 2
