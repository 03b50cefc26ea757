"""Whatever versions lie in whatever parts, the list and the totals are those of the latest ones.

Held against a model in Python, which knows nothing of SQL.
"""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from clickhouse_connect.driver.client import Client

from tests.query_api.seeds import EXPIRES_ON, START, SessionVersion, insert_sessions, session_id

pytestmark = pytest.mark.stack

HOUR_MS = 3_600_000
SESSIONS, BLOCKS, QUESTIONS = 160, 8, 60
SPREAD_MS = 60 * HOUR_MS
STATUSES = ("active", "completed")
BROWSERS, OSES, COUNTRIES = ("Chrome", "Firefox", "Safari"), ("Linux", "iOS"), ("NL", "DE", "")


def versions(draw: random.Random) -> list[SessionVersion]:
    """Of each session one to four, and all that may change with a version changes."""
    made: list[SessionVersion] = []
    for number in range(SESSIONS):
        started_at = START + draw.randrange(SPREAD_MS)
        one = SessionVersion(
            draw.choice(["shop", "shop", "admin"]),
            session_id(started_at, number),
            started_at=started_at,
            # Some parts are of one partition, some of another; and some sessions are past their retention.
            expires_on=EXPIRES_ON + timedelta(days=draw.choice([0, 60, -40])),
        )
        made += [
            replace(
                one,
                version=version,
                status=draw.choice(STATUSES),
                events=draw.randrange(50),
                duration_ms=draw.randrange(100) * 1_000,
                replayable=draw.random() < 0.5,
                browser=draw.choice(BROWSERS),
                os=draw.choice(OSES),
                country=draw.choice(COUNTRIES),
                visitor_id=draw.choice(["ann", "bob"]),
            )
            for version in range(1, draw.randint(2, 5))
        ]
    draw.shuffle(made)
    return made


def asked(draw: random.Random) -> dict[str, Any]:
    every: dict[str, Any] = {
        "status": draw.choice(STATUSES),
        "browser": draw.sample(BROWSERS, draw.randint(1, 2)),
        "os": draw.choice(OSES).upper(),
        "country": draw.choice(COUNTRIES[:2]),
        "min_duration": draw.randrange(100) * 1_000,
        "min_events": draw.randrange(50),
        "replayable": draw.random() < 0.5,
        "visitor": draw.choice(["ann", "bob"]),
    }
    named = draw.sample(sorted(every), draw.randint(0, 2))
    times = sorted(START + draw.randrange(-HOUR_MS, SPREAD_MS + HOUR_MS) for _ in range(2))
    ends = dict(zip(("from", "to"), times, strict=True))
    kept = draw.choice([(), ("from",), ("to",), ("from", "to")])
    return {name: every[name] for name in named} | {name: ends[name] for name in kept}


def holds(one: SessionVersion, asked: dict[str, Any]) -> bool:
    means = {
        "status": lambda value: one.status == value,
        "browser": lambda value: one.browser in value,
        "os": lambda value: one.os.upper() == value,
        "country": lambda value: one.country == value,
        "min_duration": lambda value: one.duration_ms >= value,
        "min_events": lambda value: one.events >= value,
        "replayable": lambda value: one.replayable == value,
        "visitor": lambda value: one.visitor_id == value,
        "from": lambda value: one.started_at >= value,
        "to": lambda value: one.started_at < value,
    }
    return all(means[name](value) for name, value in asked.items())


@pytest.fixture(scope="module")
def stored(store: Client) -> Iterator[list[SessionVersion]]:
    """What is found of demo's `shop`: the latest versions."""
    store.command("ALTER TABLE sessions MODIFY SETTING max_bytes_to_merge_at_max_space_in_pool = 1")
    store.command("TRUNCATE TABLE sessions")
    draw = random.Random(7)
    made = versions(draw)
    for block in range(BLOCKS):
        insert_sessions(store, *made[block::BLOCKS])
    erased = {each.session_id for each in draw.sample(made, 10)}
    store.command(
        "ALTER TABLE sessions DELETE WHERE session_id IN {erased:Array(UUID)} SETTINGS mutations_sync = 2",
        {"erased": sorted(erased)},
    )
    latest: dict[str, SessionVersion] = {}
    for each in sorted(made, key=lambda each: each.version):
        if each.session_id not in erased and each.expires_on >= EXPIRES_ON and each.connection_id == "shop":
            latest[each.session_id] = each
    assert len(latest) > SESSIONS // 3
    yield list(latest.values())
    store.command("TRUNCATE TABLE sessions")


async def told(demo: httpx.AsyncClient, path: str, **asked: Any) -> dict[str, Any]:
    response = await demo.get(f"/v1/connections/shop/sessions{path}", params=asked)
    assert response.status_code == 200, response.text
    return dict(response.json())


@pytest.mark.parametrize("seed", range(QUESTIONS))
async def test_the_list(demo: httpx.AsyncClient, app: Any, stored: list[SessionVersion], seed: int) -> None:
    draw = random.Random(seed)
    filters, down = asked(draw), draw.random() < 0.7
    sort = draw.choice(["started_at", "started_at", "duration", "events"])
    app.state.rooms.sessions._now = lambda: START + SPREAD_MS
    order = {"sort": sort, "direction": "desc" if down else "asc", "limit": draw.choice([7, 200])}

    rows: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = await told(demo, "", **filters, **order, **cursor)
        rows += page["sessions"]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}

    value = {"started_at": "started_at", "duration": "duration_ms", "events": "events"}[sort]
    expected = sorted(
        (each for each in stored if holds(each, filters)),
        key=lambda each: (getattr(each, value), each.started_at),
        reverse=down,
    )
    found = [(row["session_id"], row["status"], row["events"], row["duration_ms"]) for row in rows]
    assert found == [(one.session_id, one.status, one.events, one.duration_ms) for one in expected]


@pytest.mark.parametrize("seed", range(QUESTIONS))
async def test_the_totals(demo: httpx.AsyncClient, app: Any, stored: list[SessionVersion], seed: int) -> None:
    filters = asked(random.Random(seed))
    app.state.rooms.sessions._now = lambda: START + SPREAD_MS

    stats = await told(demo, "/stats", **filters)

    expected = [each for each in stored if holds(each, filters)]
    durations = sorted(each.duration_ms for each in expected)
    buckets = stats.pop("activity")["buckets"]
    assert stats == {
        "total": len(expected),
        "active": sum(each.status == "active" for each in expected),
        "completed": sum(each.status == "completed" for each in expected),
        "events": sum(each.events for each in expected),
        "replayable": sum(each.replayable for each in expected),
        "median_duration_ms": durations[(len(durations) - 1) // 2] if durations else None,
    }
    for bucket in buckets:
        inside = [each for each in expected if bucket["starts_at"] <= each.started_at < bucket["ends_at"]]
        assert bucket["sessions"] == len(inside)
        assert bucket["active"] == sum(each.status == "active" for each in inside)
        assert bucket["events"] == sum(each.events for each in inside)
    assert sum(bucket["sessions"] for bucket in buckets) == len(expected)
