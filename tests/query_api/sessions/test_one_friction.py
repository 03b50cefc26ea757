"""The list's filter, a timeline and the friction of many sessions tell the same of whatever there is."""

import json
import random
from itertools import count
from typing import Any

import httpx
import pytest
from clickhouse_connect.driver.client import Client
from fastapi import FastAPI

from tests.query_api.conftest import CONNECTIONS, know
from tests.query_api.plans import granules_of_each_reading
from tests.query_api.seeds import (
    START,
    SessionVersion,
    batch,
    connection,
    insert_batches,
    insert_sessions,
    session_id,
)

pytestmark = pytest.mark.stack

KINDS = {"rage_clicks": "rage_click", "dead_clicks": "dead_click", "errors": "error"}
THRESHOLDS: list[dict[str, int]] = [
    {},
    {"rage_clicks": 2, "rage_within_ms": 600, "rage_radius_px": 0, "dead_after_ms": 400},
    {"rage_clicks": 5, "rage_within_ms": 60_000, "rage_radius_px": 10_000, "dead_after_ms": 9_000},
]
_seeds = count(94_001)


def an_event(chance: random.Random, at: int) -> bytes:
    place = {"x": chance.choice([0, 30, 31]), "y": chance.choice([0, 30.5])} if chance.random() < 0.9 else {}
    kind, data = chance.choice(
        [
            *[(3, {"source": 2, "type": 2, "id": chance.randrange(4), **place})] * 5,
            (3, {"source": 2, "type": 5, "id": 1}),
            (3, {"source": 0, "adds": []}),
            (3, {"source": 1, "positions": []}),
            (3, {"source": 5, "id": chance.randrange(9), "text": "*"}),
            (4, {"href": f"https://shop.example/{chance.choice('ab')}", "width": 1, "height": 1}),
            (
                6,
                {
                    "plugin": "rrweb/console@1",
                    "payload": {
                        "level": chance.choice(["error", "assert", "warn"]),
                        "payload": [],
                        "trace": [],
                    },
                },
            ),
        ]
    )
    return json.dumps({"type": kind, "data": data, "timestamp": START + at}).encode()


@pytest.fixture(scope="module")
def sessions(store: Client) -> list[str]:
    """Some whose batches were inserted twice, and some that no batch is known of."""
    chance = random.Random(7)
    found = [session_id(START, next(_seeds)) for _ in range(16)]
    insert_sessions(store, *(SessionVersion("busy", one) for one in found))
    for one in found[3:]:
        for window in ("v", "w")[: chance.randrange(1, 3)]:
            at, events = 0, []
            for _ in range(chance.randrange(1, 14)):
                at += chance.choice([0, 50, 100, 101, 400, 900, 2_500, 2_501, 9_000])
                events.append(an_event(chance, at))
            for _ in range(chance.randrange(1, 3)):
                insert_batches(store, "busy", one, batch(*events, seq=0), window_id=window)
    return found


@pytest.fixture
def busy(app: FastAPI, demo: httpx.AsyncClient) -> httpx.AsyncClient:
    know(app, *CONNECTIONS, connection("busy"), connection("quiet"))
    return demo


async def counts(client: httpx.AsyncClient, sessions: list[str], **asked: Any) -> list[dict[str, Any]]:
    response = await client.get(
        "/v1/connections/busy/sessions/friction", params={"session": sessions, **asked}
    )
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()["sessions"]
    return found


@pytest.mark.parametrize("thresholds", THRESHOLDS)
async def test_all_three_tell_the_same(
    busy: httpx.AsyncClient, sessions: list[str], thresholds: dict[str, int]
) -> None:
    counted = {each.pop("session_id"): each for each in await counts(busy, sessions, **thresholds)}
    assert list(counted) == sessions

    for one in sessions:
        items = (await busy.get(f"/v1/sessions/{one}/timeline", params=thresholds)).json()["items"]
        kinds = [each["kind"] for each in items]
        assert counted[one] == {
            name: kinds.count(kind) for name, kind in {**KINDS, "quick_backs": "quick_back"}.items()
        }
    for name, kind in KINDS.items():
        asked = {"has": kind, "limit": 200, **thresholds}
        page = (await busy.get("/v1/connections/busy/sessions", params=asked)).json()
        listed = {each["session_id"] for each in page["sessions"]}
        assert listed == {one for one in sessions if counted[one][name]}
        assert listed, "there is something to find"
        assert listed != set(sessions), "and something to leave out"


async def test_a_quick_back_is_counted(busy: httpx.AsyncClient, store: Client) -> None:
    one = session_id(START, next(_seeds))
    insert_sessions(store, SessionVersion("busy", one))
    pages = [
        json.dumps({"type": 4, "data": {"href": href, "width": 1, "height": 1}, "timestamp": START + at})
        for at, href in ((0, "https://a/"), (1_000, "https://b/"), (11_000, "https://a/"))
    ]
    insert_batches(store, "busy", one, batch(*(page.encode() for page in pages), seq=0))

    assert [each["quick_backs"] for each in await counts(busy, [one])] == [1]
    assert [each["quick_backs"] for each in await counts(busy, [one], quick_back_within_ms=9_999)] == [0]


async def test_of_what_is_not_there_nothing_is_told(
    busy: httpx.AsyncClient, store: Client, sessions: list[str]
) -> None:
    foreign, elsewhere, unknown = (session_id(START, next(_seeds)) for _ in range(3))
    insert_sessions(store, SessionVersion("busy", foreign, tenant="rival"))
    insert_sessions(store, SessionVersion("quiet", elsewhere))
    impossible = "ffffffff-ffff-7fff-bfff-ffffffffffff"

    found = await counts(busy, [foreign, sessions[4], elsewhere, unknown, impossible, sessions[4].upper()])

    assert [each["session_id"] for each in found] == [sessions[4]]
    assert await counts(busy, [impossible]) == []


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"session": ["x"]},
        {"session": [session_id(START, n) for n in range(101)]},
        {"session": [session_id(START, 1)], "rage_clicks": -1},
        {"session": [session_id(START, 1)], "unknown": 1},
    ],
    ids=["none", "no id", "too many", "a threshold", "unknown parameter"],
)
async def test_what_cannot_be_asked_is_refused(busy: httpx.AsyncClient, asked: dict[str, Any]) -> None:
    response = await busy.get("/v1/connections/busy/sessions/friction", params=asked)
    assert (response.status_code, response.json()["reason"]) == (400, "bad_parameter")


async def test_it_reads_the_sessions_own_stretches_of_the_events(
    busy: httpx.AsyncClient, store: Client, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(25):
        other = session_id(START, 90_000 + number)
        moves = (an_event(random.Random(number), at) for at in range(2_500))
        insert_batches(store, "busy", other, batch(*moves, seq=0))
    one = session_id(START, next(_seeds))
    insert_sessions(store, SessionVersion("busy", one))
    insert_batches(store, "busy", one, batch(an_event(random.Random(1), 0), seq=0))
    store.command("OPTIMIZE TABLE events FINAL")
    clickhouse = app.state.rooms.clickhouse
    asked: list[tuple[str, dict[str, Any]]] = []
    selecting = clickhouse.select

    async def noting(name: str, sql: str, parameters: dict[str, Any], row: Any) -> Any:
        if name in ("friction", "timeline"):
            asked.append((sql, parameters))
        return await selecting(name, sql, parameters, row)

    monkeypatch.setattr(clickhouse, "select", noting)
    await counts(busy, [one])
    await busy.get(f"/v1/sessions/{one}/timeline")

    assert len(asked) == 2
    for sql, parameters in asked:
        for read, there in granules_of_each_reading(store, sql, parameters, "events"):
            assert there > 5
            assert read <= 2
