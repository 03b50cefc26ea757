"""Filters of the list and the totals, over the real engine, held to a plain telling of what they mean."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

import httpx
import pytest
from clickhouse_connect.driver.client import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from query_api.friction.thresholds import ClickThresholds
from tests.query_api.conftest import CONNECTIONS, know
from tests.query_api.seeds import (
    START,
    SessionVersion,
    batch,
    connection,
    insert_batches,
    insert_sessions,
    session_id,
)
from tests.query_api.sessions.friction import Act, Window, came_to, dead_click, error, rage_click

pytestmark = pytest.mark.stack

MINUTE = 60_000
SHOP = "https://shop.example"
PATHS = ["/", "/tea?size=L", "/Basket", "/checkout", "/caf%C3%A9", "/100%25", "/it's\\a"]
BROWSERS, SYSTEMS, COUNTRIES = (
    ["Chrome", "Chrome Mobile", "Firefox", ""],
    ["Linux", "Mac OS X"],
    ["NL", "DE", ""],
)
ODD_TEXTS = [
    "'",
    '"',
    "\\",
    "\n",
    "\t",
    "\0",
    "%",
    "_",
    "é",
    "É",
    "💩",
    "') OR 1 = 1 --",
    "{url:String}",
    "\\N",
    "]",
]

_seeds = count(50_000)


@dataclass(frozen=True)
class Visit:
    """A session as its versions tell it, the last one the session, and what was done in its windows."""

    versions: tuple[SessionVersion, ...]
    windows: list[Window] = field(default_factory=list)

    @property
    def now(self) -> SessionVersion:
        return self.versions[-1]


def a_window(chance: random.Random, start: int) -> Window:
    at, acts = start, [Act(start, "load", SHOP + chance.choice(PATHS))]
    for _ in range(chance.randrange(12)):
        at += chance.choice([0, 100, 500, 1_000, 2_500, 2_501, 6_000])
        kind = chance.choice(
            ["click", "click", "click", "mutate", "input", "mouse", "move", "warning", "blank"]
        )
        acts.append(
            Act(
                at,
                kind,
                SHOP + chance.choice(PATHS) if kind == "move" else "",
                node=chance.randrange(6),
                x=chance.choice([0, 30, 31]),
                y=chance.choice([0, 30, 31]),
            )
        )
    if chance.random() < 0.2:
        acts.append(Act(at + 1, "error"))
    return acts


def a_visit(chance: random.Random, shop: str) -> Visit:
    started_at = START + chance.randrange(20) * MINUTE
    windows = [a_window(chance, started_at) for _ in range(chance.randrange(3))]
    first = SessionVersion(
        shop,
        session_id(started_at, next(_seeds)),
        started_at=started_at,
        status="active",
        events=chance.randrange(5),
        duration_ms=chance.randrange(3) * 1_000,
        replayable=False,
        visitor_id=chance.choice(["ann", "Ann", "bob", *ODD_TEXTS]),
        landing_url=windows[0][0].url if windows else chance.choice(["", SHOP + "/landing"]),
        browser=chance.choice(BROWSERS),
        os=chance.choice(SYSTEMS),
        country=chance.choice(COUNTRIES),
    )
    versions = [first]
    for version in range(2, chance.randrange(2, 5)):
        before = versions[-1]
        versions.append(
            replace(
                before,
                version=version,
                status=chance.choice(["active", "completed"]),
                events=before.events + chance.randrange(4),
                duration_ms=before.duration_ms + chance.randrange(3) * 1_000,
                replayable=before.replayable or chance.random() < 0.5,
            )
        )
    return Visit(tuple(versions), windows)


@pytest.fixture(scope="module")
def visits(store: Client) -> Iterator[list[Visit]]:
    """Of one connection; every older version lies in another part than the newest."""
    chance = random.Random(7)
    made = [a_visit(chance, "filtered") for _ in range(80)]
    store.command("SYSTEM STOP MERGES sessions")
    for n in range(3):
        insert_sessions(store, *(visit.versions[n] for visit in made if len(visit.versions) > n))
    for visit in made:
        for n, window in enumerate(visit.windows):
            half = len(window) // 2
            parts = [part for part in (window[half:], window[:half]) if part]
            for seq, part in zip((1, 0), parts, strict=False):
                insert_batches(
                    store,
                    "filtered",
                    visit.now.session_id,
                    batch(*(act.event() for act in part), seq=seq),
                    window_id=f"w{n}",
                )
    yield made
    store.command("SYSTEM START MERGES sessions")


@pytest.fixture
def shop(app: Any) -> str:
    know(app, *CONNECTIONS, connection("filtered"))
    return "filtered"


def holds(visit: Visit, asked: dict[str, Any]) -> bool:
    one = visit.now
    limits = ClickThresholds(
        **{name: asked[name] for name in ClickThresholds.__struct_fields__ if name in asked}
    )
    url = asked.get("url")
    friction = {
        "error": error(visit.windows),
        "rage_click": rage_click(visit.windows, limits),
        "dead_click": dead_click(visit.windows, limits),
    }
    return (
        asked.get("status", one.status) == one.status
        and asked.get("from", 0) <= one.started_at < asked.get("to", 2**60)
        and (url is None or came_to(visit.windows, url) or url.lower() in one.landing_url.lower())
        and asked.get("visitor", one.visitor_id) == one.visitor_id
        and one.browser.lower() in [name.lower() for name in asked.get("browser", [one.browser])]
        and one.os.lower() in [name.lower() for name in asked.get("os", [one.os])]
        and one.country.lower() in [name.lower() for name in asked.get("country", [one.country])]
        and one.duration_ms >= asked.get("min_duration", 0)
        and one.events >= asked.get("min_events", 0)
        and asked.get("replayable", one.replayable) == one.replayable
        and all(friction[name] for name in asked.get("has", []))
    )


def some(values: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=3)


@st.composite
def questions(draw: st.DrawFn) -> dict[str, Any]:
    asked = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "status": st.sampled_from(["active", "completed"]),
                "from": st.integers(0, 20).map(lambda n: START + n * MINUTE),
                "to": st.integers(1, 21).map(lambda n: START + n * MINUTE),
                "url": st.sampled_from(
                    ["/", "tea", "BASKET", "checkout", "landing", "shop.example/c", "100%25", "x"]
                )
                | st.sampled_from(ODD_TEXTS).filter(lambda text: text not in ("é", "É")),
                "visitor": st.sampled_from(["ann", "Ann", "bob", "nobody", *ODD_TEXTS]),
                "browser": some(["chrome", "Chrome Mobile", "FIREFOX", *ODD_TEXTS]),
                "os": some(["linux", "Mac OS X"]),
                "country": some(["nl", "DE", "fr"]),
                "min_duration": st.integers(0, 5).map(lambda n: n * 1_000),
                "min_events": st.integers(0, 10),
                "replayable": st.booleans(),
                "has": some(["rage_click", "dead_click", "error"]),
                "rage_clicks": st.integers(2, 4),
                "rage_within_ms": st.sampled_from([100, 1_000, 3_000]),
                "rage_radius_px": st.sampled_from([0, 1, 30, 31]),
                "dead_after_ms": st.sampled_from([499, 500, 2_500, 6_000]),
            },
        )
    )
    # Of many filters at once little is left to be told apart.
    for name in draw(st.permutations(sorted(asked)))[4:]:
        del asked[name]
    if asked.get("from", 0) >= asked.get("to", 2**60):
        del asked["from"]
    return asked


unhurried = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


async def answer(demo: httpx.AsyncClient, path: str, asked: dict[str, Any]) -> Any:
    response = await demo.get(f"/v1/connections/{path}", params=asked)
    assert response.status_code == 200, response.text
    return response.json()


@unhurried
@given(asked=questions())
async def test_the_list_holds_what_the_filters_say(
    demo: httpx.AsyncClient, visits: list[Visit], shop: str, asked: dict[str, Any]
) -> None:
    page = await answer(demo, f"{shop}/sessions", asked | {"limit": 200})

    assert {each["session_id"] for each in page["sessions"]} == {
        visit.now.session_id for visit in visits if holds(visit, asked)
    }


@unhurried
@given(asked=questions())
async def test_the_totals_are_those_of_the_list(
    demo: httpx.AsyncClient, visits: list[Visit], shop: str, asked: dict[str, Any]
) -> None:
    stats = await answer(demo, f"{shop}/sessions/stats", asked)

    found = [visit.now for visit in visits if holds(visit, asked)]
    durations = sorted(one.duration_ms for one in found)
    activity = stats.pop("activity")["buckets"]
    assert stats == {
        "total": len(found),
        "active": sum(one.status == "active" for one in found),
        "completed": sum(one.status == "completed" for one in found),
        "events": sum(one.events for one in found),
        "replayable": sum(one.replayable for one in found),
        "median_duration_ms": durations[(len(durations) - 1) // 2] if durations else None,
    }
    for each in activity:
        inside = [one for one in found if each["starts_at"] <= one.started_at < each["ends_at"]]
        assert (each["sessions"], each["active"], each["events"]) == (
            len(inside),
            sum(one.status == "active" for one in inside),
            sum(one.events for one in inside),
        )
    assert sum(each["sessions"] for each in activity) == len(found), "each session is in the activity"


async def test_an_address_is_found_as_it_is_read_and_as_it_is_written(
    demo: httpx.AsyncClient, visits: list[Visit], shop: str
) -> None:
    found = [
        {
            each["session_id"]
            for each in (await answer(demo, f"{shop}/sessions", {"url": url, "limit": 200}))["sessions"]
        }
        for url in ("/café", "/caf%c3%a9", "CAF%C3%A9")
    ]

    assert found[0] == found[1] == found[2]
    assert (
        found[0] == {visit.now.session_id for visit in visits if came_to(visit.windows, "caf%C3%A9")} != set()
    )


async def test_a_click_that_was_inserted_twice_is_one_click(
    demo: httpx.AsyncClient, store: Client, app: Any
) -> None:
    know(app, *CONNECTIONS, connection("twice"))
    one = session_id(START, next(_seeds))
    insert_sessions(store, SessionVersion("twice", one))
    store.command("SYSTEM STOP MERGES events")
    clicks = batch(Act(START, "click").event(), Act(START + 10, "click").event(), seq=0)
    for _ in range(2):
        insert_batches(store, "twice", one, clicks)

    page = await answer(demo, "twice/sessions", {"has": "rage_click"})
    assert page["sessions"] == []

    insert_batches(store, "twice", one, batch(Act(START + 20, "click").event(), seq=1))
    page = await answer(demo, "twice/sessions", {"has": "rage_click"})
    assert [each["session_id"] for each in page["sessions"]] == [one]
    store.command("SYSTEM START MERGES events")


async def test_what_another_connection_saw_is_no_sessions_of_this_one(
    demo: httpx.AsyncClient, store: Client, app: Any
) -> None:
    know(app, *CONNECTIONS, connection("here"), connection("there"))
    one = session_id(START, next(_seeds))
    insert_sessions(store, SessionVersion("here", one, landing_url=""))
    insert_batches(
        store, "there", one, batch(Act(START, "load", SHOP + "/secret").event(), Act(START, "error").event())
    )

    assert (await answer(demo, "here/sessions", {"url": "secret"}))["sessions"] == []
    assert (await answer(demo, "here/sessions", {"has": "error"}))["sessions"] == []
