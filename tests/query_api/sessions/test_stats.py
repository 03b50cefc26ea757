"""Totals and the activity over the real engine: what time it covers, and its buckets."""

from itertools import count
from typing import Any

import httpx
import pytest
from clickhouse_connect.driver.client import Client

from query_api.sessions.activity import MOST, Stretch
from query_api.sessions.covered import covered
from query_api.sessions.filters import Filters
from query_api.sessions.look_back import DAY_MS
from query_api.sessions.repository import SpanRow
from tests.query_api.conftest import CONNECTIONS, know
from tests.query_api.seeds import START, SessionVersion, connection, insert_sessions, moment, session_id
from tests.query_api.sessions.test_activity import at

pytestmark = pytest.mark.stack

HOUR = 3_600_000

_connections = count()
_seeds = count(90_000)


@pytest.fixture
def shop(app: Any) -> str:
    """A connection of demo's of which the store holds nothing yet."""
    name = f"counted-{next(_connections)}"
    know(app, *CONNECTIONS, connection(name))
    return name


def started(shop: str, *when: int, **facts: Any) -> list[SessionVersion]:
    return [SessionVersion(shop, session_id(ms, next(_seeds)), started_at=ms, **facts) for ms in when]


async def activity(demo: httpx.AsyncClient, shop: str, **asked: Any) -> dict[str, Any]:
    parameters = {name.removesuffix("_"): each for name, each in asked.items()}
    response = await demo.get(f"/v1/connections/{shop}/sessions/stats", params=parameters)
    assert response.status_code == 200, response.text
    return dict(response.json()["activity"])


def counts(activity: dict[str, Any]) -> list[int]:
    return [each["sessions"] for each in activity["buckets"]]


async def test_days_of_a_time_zone_through_a_change_of_its_clock(
    demo: httpx.AsyncClient, store: Client, shop: str
) -> None:
    zone = "Europe/Amsterdam"
    insert_sessions(
        store,
        *started(shop, at(zone, 2026, 10, 24, 23, 59), at(zone, 2026, 10, 25, 0)),
        *started(shop, at(zone, 2026, 10, 25, 2, 30), at(zone, 2026, 10, 25, 2, 30, fold=1)),
        *started(shop, at(zone, 2026, 10, 25, 23, 59), at(zone, 2026, 10, 26, 0), at(zone, 2026, 10, 28)),
    )
    asked = {
        "from_": at(zone, 2026, 10, 24),
        "to": at(zone, 2026, 10, 29),
        "bucket": "P1D",
    }

    theirs = await activity(demo, shop, time_zone=zone, **asked)
    hours = await activity(demo, shop, time_zone=zone, **(asked | {"bucket": "PT1H"}))

    assert (theirs["bucket"], theirs["time_zone"]) == ("P1D", zone)
    assert counts(theirs) == [1, 4, 1, 0, 1]
    assert [each["starts_at"] for each in theirs["buckets"]] == [
        at(zone, 2026, 10, day) for day in range(24, 29)
    ]
    assert counts(await activity(demo, shop, **asked))[:3] == [0, 2, 4], "in UTC they fall on other days"
    by_start = {each["starts_at"]: each["sessions"] for each in hours["buckets"]}
    assert by_start[at(zone, 2026, 10, 25, 2)] == by_start[at(zone, 2026, 10, 25, 2, fold=1)] == 1


async def test_buckets_follow_one_another_and_the_empty_ones_are_there(
    demo: httpx.AsyncClient, store: Client, shop: str
) -> None:
    insert_sessions(store, *started(shop, START, START + 90 * HOUR, events=3))

    told = await activity(demo, shop, from_=START - 1, to=START + 99 * HOUR)

    assert told["bucket"] == "PT1H"
    buckets = told["buckets"]
    assert [each["ends_at"] for each in buckets[:-1]] == [each["starts_at"] for each in buckets[1:]]
    assert len(buckets) == 100, "it begins within an hour"
    assert sum(counts(told)) == 2
    assert {each["events"] for each in buckets} == {0, 3}


async def test_only_what_is_asked_for_is_counted_at_both_ends(
    demo: httpx.AsyncClient, store: Client, shop: str
) -> None:
    day = at("UTC", 2026, 11, 20)
    insert_sessions(store, *started(shop, *(day + hour * HOUR for hour in (1, 2, 3))))

    told = await activity(demo, shop, from_=day + 2 * HOUR, to=day + 3 * HOUR, bucket="P1D")

    assert told["buckets"] == [
        {"starts_at": day, "ends_at": day + 24 * HOUR, "sessions": 1, "active": 0, "events": 10}
    ]


async def test_without_a_time_the_activity_is_from_the_oldest_session_until_now(
    demo: httpx.AsyncClient, store: Client, shop: str, app: Any
) -> None:
    oldest, other_browser = started(shop, START)[0], started(shop, START + HOUR, browser="Firefox")[0]
    insert_sessions(store, oldest, other_browser)
    app.state.rooms.sessions._now = lambda: START + 24 * HOUR

    told = await activity(demo, shop, browser="Firefox")

    assert told["bucket"] == "PT15M"
    assert told["buckets"][0]["starts_at"] <= START < told["buckets"][0]["ends_at"]
    assert told["buckets"][-1]["starts_at"] < START + 24 * HOUR <= told["buckets"][-1]["ends_at"]
    assert sum(counts(told)) == 1


async def test_the_span_is_asked_for_once_and_then_told_by_what_is_counted(
    demo: httpx.AsyncClient, store: Client, shop: str, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever becomes of the oldest and the newest session, each answer shows the time that is so now."""
    app.state.rooms.sessions._now = lambda: START + 24 * HOUR
    clickhouse, asked = app.state.rooms.clickhouse, list[str]()
    select = clickhouse.select

    async def noted(name: str, *rest: Any) -> Any:
        asked.append(name)
        return await select(name, *rest)

    async def told(*statements: str, bucket: str = "PT1H") -> tuple[int, int]:
        asked.clear()
        buckets = (await activity(demo, shop, browser="Firefox", bucket=bucket))["buckets"]
        assert asked == list(statements)
        return buckets[0]["starts_at"], buckets[-1]["ends_at"]

    monkeypatch.setattr(clickhouse, "select", noted)
    last = START + 24 * HOUR
    insert_sessions(store, *started(shop, START, START + HOUR))

    assert await told("sessions_span", "sessions_stats") == (START, last)
    assert await told("sessions_stats") == (START, last)

    insert_sessions(store, *started(shop, START - 2 * HOUR))
    assert await told("sessions_stats", "sessions_stats") == (START - 2 * HOUR, last)
    assert await told("sessions_stats") == (START - 2 * HOUR, last)

    insert_sessions(store, *started(shop, START + 26 * HOUR))
    assert await told("sessions_stats", "sessions_stats") == (START - 2 * HOUR, last + 3 * HOUR)
    with pytest.raises(AssertionError, match="1,"):
        await told(bucket="PT1M")

    store.command(
        "DELETE FROM sessions WHERE connection_id = {shop:String} AND started_at != {at:DateTime64(3)}",
        {"shop": shop, "at": moment(START + HOUR)},
    )
    assert await told("sessions_span", "sessions_stats", bucket="PT1M") == (START + HOUR, last)
    assert await told("sessions_stats") == (START + HOUR, last)


async def test_where_the_beginning_is_given_the_span_is_not_asked_for(
    demo: httpx.AsyncClient, store: Client, shop: str, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = app.state.rooms.sessions
    sessions._now = lambda: START
    monkeypatch.delattr(type(sessions._repository), "span")
    insert_sessions(store, *started(shop, START - HOUR))

    now = await activity(demo, shop, from_=START - HOUR, bucket="PT1M")
    insert_sessions(store, *started(shop, START + HOUR))
    skewed = await activity(demo, shop, from_=START - HOUR, bucket="PT1M")

    assert (sum(counts(now)), sum(counts(skewed))) == (1, 2)
    assert now["buckets"][-1]["ends_at"] == START
    assert skewed["buckets"][-1]["ends_at"] == START + HOUR + 60_000


async def test_without_a_session_a_day_is_shown(demo: httpx.AsyncClient, shop: str, app: Any) -> None:
    app.state.rooms.sessions._now = lambda: START

    told = await activity(demo, shop)

    assert (told["bucket"], set(counts(told))) == ("PT15M", {0})


async def test_more_buckets_than_the_most_are_refused_and_said_what_to_do(
    demo: httpx.AsyncClient, shop: str
) -> None:
    asked = {"bucket": "PT1M", "from": START, "to": START + (MOST + 1) * 60_000}

    response = await demo.get(f"/v1/connections/{shop}/sessions/stats", params=asked)

    assert (response.status_code, response.json()["reason"]) == (400, "bad_parameter")
    assert response.json()["detail"].startswith("bucket: PT1M makes 1,501 buckets")
    asked["to"] = START + MOST * 60_000
    assert len((await activity(demo, shop, from_=asked.pop("from"), **asked))["buckets"]) >= MOST


@pytest.mark.parametrize(
    ("from_at", "to_at", "known", "expected"),
    [
        (5, 9, (1, 3), (5, 9)),
        (None, None, (1_000, 2_000), (1_000, 5_000)),
        (None, None, (1_000, 7_000), (1_000, 7_001)),
        (None, None, None, (0, 5_000)),
        (None, 10 * DAY_MS, None, (9 * DAY_MS, 10 * DAY_MS)),
        (None, 500, (1_000, 2_000), (0, 500)),
        (None, 500, (200, 2_000), (200, 500)),
        (6_000, None, (1_000, 2_000), (6_000, 6_001)),
        (None, 0, None, (0, 1)),
    ],
)
def test_the_time_covered_is_never_empty(
    from_at: int | None, to_at: int | None, known: tuple[int, int] | None, expected: tuple[int, int]
) -> None:
    row = SpanRow(
        known=known is not None, first_at_ms=known[0] if known else 0, last_at_ms=known[1] if known else 0
    )

    assert covered(Filters(from_at=from_at, to_at=to_at), row, now=5_000) == Stretch(*expected)
