"""Sorts of the list, and its pages while sessions arrive, change their status and grow."""

import random
from dataclasses import replace
from itertools import count
from typing import Any

import httpx
import pytest
from clickhouse_connect.driver.client import Client

from tests.query_api.conftest import CONNECTIONS, know
from tests.query_api.seeds import START, SessionVersion, connection, insert_sessions, session_id

pytestmark = pytest.mark.stack

SORTS = ["started_at", "duration", "events"]
DIRECTIONS = ["desc", "asc"]

_connections = count()
_seeds = count(80_000)


@pytest.fixture
def shop(app: Any) -> str:
    """A connection of demo's of which the store holds nothing yet."""
    name = f"sorted-{next(_connections)}"
    know(app, *CONNECTIONS, connection(name))
    return name


def a_session(shop: str, chance: random.Random) -> SessionVersion:
    started_at = START + chance.randrange(30)
    return SessionVersion(
        shop,
        session_id(started_at, next(_seeds)),
        started_at=started_at,
        status=chance.choice(["active", "completed"]),
        events=chance.randrange(12),
        duration_ms=chance.randrange(12),
    )


def value(one: SessionVersion, sort: str) -> int:
    return {"started_at": one.started_at, "duration": one.duration_ms, "events": one.events}[sort]


async def page_of(
    demo: httpx.AsyncClient, shop: str, **asked: Any
) -> tuple[list[dict[str, Any]], str | None]:
    parameters = {name: each for name, each in asked.items() if each is not None}
    response = await demo.get(f"/v1/connections/{shop}/sessions", params=parameters)
    assert response.status_code == 200, response.text
    return response.json()["sessions"], response.json()["next_cursor"]


def shown(session: dict[str, Any], sort: str) -> int:
    return int(session[{"started_at": "started_at", "duration": "duration_ms", "events": "events"}[sort]])


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("sort", SORTS)
async def test_pages_are_the_sorted_list_cut(
    demo: httpx.AsyncClient, store: Client, shop: str, sort: str, direction: str
) -> None:
    chance = random.Random(sort + direction)
    # Many are equal in what is sorted by, and some also in when they started.
    everyone = {one.session_id: one for one in (a_session(shop, chance) for _ in range(60))}
    insert_sessions(store, *everyone.values())

    found, cursor = [], None
    while True:
        page, cursor = await page_of(demo, shop, sort=sort, direction=direction, limit=7, cursor=cursor)
        found += page
        if cursor is None:
            break

    keys = [(shown(each, sort), each["started_at"]) for each in found]
    assert keys == sorted(keys, reverse=direction == "desc")
    assert sorted(each["session_id"] for each in found) == sorted(everyone)
    assert {key: value(one, sort) for key, one in everyone.items()} == {
        each["session_id"]: shown(each, sort) for each in found
    }


@pytest.mark.parametrize("status", [None, "active"])
@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("sort", SORTS)
async def test_pages_while_sessions_arrive_change_their_status_and_grow(
    demo: httpx.AsyncClient, store: Client, shop: str, sort: str, direction: str, status: str | None
) -> None:
    chance = random.Random(f"{sort}{direction}{status}")
    there = {one.session_id: one for one in (a_session(shop, chance) for _ in range(60))}
    insert_sessions(store, *there.values())
    matched_all_along = {key for key, one in there.items() if status in (None, one.status)}
    stayed = set(there)

    found: list[str] = []
    cursor = None
    while True:
        page, cursor = await page_of(
            demo, shop, sort=sort, direction=direction, status=status, limit=6, cursor=cursor
        )
        found += [each["session_id"] for each in page]
        if cursor is None:
            break
        changed = []
        for key in chance.sample(sorted(there), 8):
            before = there[key]
            grown = chance.choice([0, 0, 5])
            changed.append(
                replace(
                    before,
                    version=before.version + 1,
                    status=chance.choice(["active", "completed"]),
                    events=before.events + grown,
                    duration_ms=before.duration_ms + grown,
                )
            )
            if grown and sort != "started_at":
                stayed.discard(key)
        there |= {one.session_id: one for one in changed}
        matched_all_along -= {one.session_id for one in changed if status not in (None, one.status)}
        insert_sessions(store, *changed, *(a_session(shop, chance) for _ in range(2)))

    assert matched_all_along & stayed <= set(found), "skipped, though its place in the order stayed"
    for key in stayed:
        assert found.count(key) <= 1, "repeated, though its place in the order stayed"
    if direction == "desc":
        assert len(found) == len(set(found)), "repeated on the way down"
    if direction == "asc":
        assert matched_all_along <= set(found), "skipped on the way up"


@pytest.mark.parametrize(
    "other",
    [
        {"sort": "events"},
        {"direction": "asc"},
        {"url": "cart"},
        {"has": "error"},
        {"from": START},
        {"browser": "Chrome"},
        {"dead_after_ms": 1},
    ],
)
async def test_a_cursor_of_another_order_or_filter_is_refused(
    demo: httpx.AsyncClient, store: Client, shop: str, other: dict[str, Any]
) -> None:
    chance = random.Random(1)
    insert_sessions(store, a_session(shop, chance), a_session(shop, chance))
    _, cursor = await page_of(demo, shop, limit=1)

    response = await demo.get(f"/v1/connections/{shop}/sessions", params={"cursor": cursor} | other)

    assert (response.status_code, response.json()["reason"]) == (400, "bad_parameter")
    assert "cursor" in response.json()["detail"]


async def test_a_cursor_goes_on_with_pages_of_another_length(
    demo: httpx.AsyncClient, store: Client, shop: str
) -> None:
    chance = random.Random(2)
    insert_sessions(store, *(a_session(shop, chance) for _ in range(9)))
    first, cursor = await page_of(demo, shop, limit=4)
    rest, end = await page_of(demo, shop, limit=100, cursor=cursor)

    assert (len({each["session_id"] for each in first + rest}), end) == (9, None)
