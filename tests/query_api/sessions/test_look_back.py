"""Looking back in steps: what is asked, how soon it ends, and that pages are those of asking all at once."""

import random
from typing import Any
from uuid import UUID

import httpx
import pytest
from clickhouse_connect.driver.client import Client
from hypothesis import given
from hypothesis import strategies as st

from query_api.sessions.filters import Filters
from query_api.sessions.look_back import DAY_MS, REACHES_MS, Remembered, enough, starts
from query_api.sessions.order import Order, Position
from query_api.sessions.repository import SessionRow
from query_api.sessions.service import SessionService
from tests.query_api.conftest import know
from tests.query_api.seeds import SessionVersion, connection, insert_sessions, session_id

NOW = 1_795_600_000_000
ALL = len(REACHES_MS)


def test_it_begins_with_a_day_and_ends_with_all() -> None:
    assert list(starts(NOW, None)) == [NOW - DAY_MS, NOW - 8 * DAY_MS, NOW - 64 * DAY_MS, None]


def test_what_was_asked_for_bounds_it() -> None:
    from_at = NOW - 10 * DAY_MS
    assert list(starts(NOW, from_at)) == [NOW - DAY_MS, NOW - 8 * DAY_MS, from_at]
    assert list(starts(NOW, NOW - DAY_MS)) == [NOW - DAY_MS]
    assert list(starts(NOW, NOW + 1)) == [NOW + 1]
    assert list(starts(DAY_MS, None)) == [None]


def test_it_begins_where_it_is_told_to() -> None:
    assert list(starts(NOW, None, first=2)) == [NOW - 64 * DAY_MS, None]
    assert list(starts(NOW, None, first=ALL)) == [None]


@given(st.integers(0, 100 * DAY_MS), st.none() | st.integers(0, 100 * DAY_MS))
def test_the_reach_that_would_have_been_enough_is_the_first_that_holds_the_page(
    ago_ms: int, from_ago_ms: int | None
) -> None:
    last_at = NOW - ago_ms
    from_at = None if from_ago_ms is None else min(NOW - from_ago_ms, last_at)
    reach = enough(NOW, last_at)
    first, *_ = starts(NOW, from_at, reach)
    assert first is None or first <= last_at
    assert all(start is None or start > last_at for start in [*starts(NOW, None)][:reach])


def test_of_a_page_that_is_not_full_all_would_have_been_enough() -> None:
    assert enough(NOW, None) == ALL


def test_it_forgets_what_is_longest_ago() -> None:
    remembered = Remembered(most=2)
    for asked in ("a", "b", "a", "c"):
        remembered.was_enough(asked, 2)
    assert [remembered.first(asked) for asked in ("a", "b", "c")] == [2, 0, 2]


class Shelf:
    """Sessions in memory, and since when they were asked for."""

    def __init__(self, *ages_ms: int) -> None:
        self.rows = [row(NOW - age_ms) for age_ms in sorted(ages_ms)]
        self.asked: list[int | None] = []

    async def page(
        self, *, filters: Filters, after: Position | None, limit: int, **_: object
    ) -> list[SessionRow]:
        self.asked.append(None if filters.from_at is None else NOW - filters.from_at)
        until_at = after.started_at if after else NOW + 1
        since_at = filters.from_at or 0
        return [one for one in self.rows if since_at <= one.started_at_ms < until_at][:limit]


def row(started_at: int) -> SessionRow:
    numbers = ("first_event_at_ms", "last_event_at_ms", "events", "batches", "raw_bytes")
    texts = ("visitor_id", "landing_url", "user_agent", "browser", "os", "device", "country")
    facts: dict[str, Any] = {
        **dict.fromkeys(numbers, 0),
        **dict.fromkeys(texts, ""),
        "session_id": str(UUID(int=started_at)),
        "connection_id": "shop",
        "started_at_ms": started_at,
        "status": "active",
        "completed_at_ms": None,
        "completion_reason": None,
        "replayable": True,
    }
    return SessionRow(**facts)


class Connections:
    def one(self, tenant: str, connection_id: str) -> Any:
        return connection(connection_id, tenant=tenant)


def service(shelf: Shelf) -> SessionService:
    return SessionService(Connections(), shelf, lambda: NOW)  # type: ignore[arg-type]


async def pages(
    sessions: SessionService, filters: Filters, order: Order | None = None, limit: int = 2
) -> list[list[int]]:
    """The ages of each page's sessions, in ms."""
    found, cursor = [], None
    while True:
        rows, cursor = await sessions.page(
            "demo", "shop", filters, order or Order(), limit=limit, cursor=cursor
        )
        found.append([NOW - one.started_at_ms for one in rows])
        if cursor is None:
            return found


async def test_a_page_of_today_asks_for_a_day() -> None:
    shelf = Shelf(1, 2, 3, 100 * DAY_MS)
    rows, cursor = await service(shelf).page("demo", "shop", Filters(), Order(), limit=2, cursor=None)
    assert (len(rows), cursor is None, shelf.asked) == (2, False, [DAY_MS])


async def test_it_goes_on_until_the_page_is_full_and_begins_there_the_next_time() -> None:
    shelf = Shelf(1, 2 * DAY_MS, 3 * DAY_MS, 9 * DAY_MS)
    sessions = service(shelf)
    for asked in ([DAY_MS, 8 * DAY_MS], [8 * DAY_MS]):
        shelf.asked = []
        rows, _ = await sessions.page("demo", "shop", Filters(), Order(), limit=2, cursor=None)
        assert (len(rows), shelf.asked) == (2, asked)


async def test_a_list_that_grows_is_looked_for_less_far_back_again() -> None:
    shelf = Shelf(2 * DAY_MS, 3 * DAY_MS, 4 * DAY_MS)
    sessions = service(shelf)
    await sessions.page("demo", "shop", Filters(), Order(), limit=2, cursor=None)
    shelf.rows = [row(NOW - age) for age in (1, 2, 3)]
    for asked in ([8 * DAY_MS], [DAY_MS]):
        shelf.asked = []
        await sessions.page("demo", "shop", Filters(), Order(), limit=2, cursor=None)
        assert shelf.asked == asked


async def test_where_there_is_little_all_is_asked_for_and_the_next_time_at_once() -> None:
    shelf = Shelf(1)
    sessions = service(shelf)
    for asked in ([DAY_MS, 8 * DAY_MS, 64 * DAY_MS, None], [None]):
        shelf.asked = []
        assert await pages(sessions, Filters()) == [[1]]
        assert shelf.asked == asked


async def test_what_was_enough_for_a_week_is_so_for_the_week_a_moment_later() -> None:
    shelf = Shelf(2 * DAY_MS, 3 * DAY_MS, 4 * DAY_MS)
    sessions = service(shelf)
    for from_at, asked in ((NOW - 9 * DAY_MS, [DAY_MS, 8 * DAY_MS]), (NOW - 9 * DAY_MS + 1, [8 * DAY_MS])):
        shelf.asked = []
        await sessions.page("demo", "shop", Filters(from_at=from_at), Order(), limit=2, cursor=None)
        assert shelf.asked == asked


async def test_the_next_page_is_looked_for_from_where_it_begins() -> None:
    shelf = Shelf(50 * DAY_MS, 50 * DAY_MS + 1, 50 * DAY_MS + 2, 50 * DAY_MS + 3, 50 * DAY_MS + 4)
    sessions = service(shelf)
    assert await pages(sessions, Filters(to_at=NOW - 49 * DAY_MS)) == [
        [50 * DAY_MS, 50 * DAY_MS + 1],
        [50 * DAY_MS + 2, 50 * DAY_MS + 3],
        [50 * DAY_MS + 4],
    ]
    assert shelf.asked[:2] == [50 * DAY_MS, 57 * DAY_MS]


@pytest.mark.parametrize(
    ("filters", "order"),
    [
        (Filters(visitor="ann"), Order()),
        (Filters(), Order(sort="events")),
        (Filters(), Order(direction="asc")),
    ],
)
async def test_what_does_not_lie_at_the_end_is_asked_for_at_once(filters: Filters, order: Order) -> None:
    shelf = Shelf(1, 2, 3)
    await service(shelf).page("demo", "shop", filters, order, limit=2, cursor=None)
    assert shelf.asked == [None]


@given(
    st.lists(st.integers(0, 200 * DAY_MS), unique=True, max_size=30),
    st.none() | st.integers(0, 200 * DAY_MS),
    st.integers(1, 9),
)
async def test_pages_are_those_of_all_at_once(
    ages_ms: list[int], from_ago_ms: int | None, limit: int
) -> None:
    from_at = None if from_ago_ms is None else NOW - from_ago_ms
    sessions = service(Shelf(*ages_ms))
    wanted = sorted(age for age in ages_ms if from_ago_ms is None or age <= from_ago_ms)
    for _ in range(2):
        found = await pages(sessions, Filters(from_at=from_at), limit=limit)
        assert [age for page in found for age in page] == wanted
        assert all(len(page) == limit for page in found[:-1])


@pytest.mark.stack
async def test_over_the_engine_it_neither_skips_nor_repeats(
    demo: httpx.AsyncClient, store: Client, app: Any
) -> None:
    """With a session that starts later than now, by the clock of whoever asks."""
    know(app, connection("old-shop"))
    draw = random.Random(1)
    ages_ms = sorted(draw.sample(range(-DAY_MS, 200 * DAY_MS), 60))
    seeded = [
        SessionVersion("old-shop", session_id(NOW - age, seed), started_at=NOW - age)
        for seed, age in enumerate(ages_ms)
    ]
    insert_sessions(store, *seeded)
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await demo.get("/v1/connections/old-shop/sessions", params={"limit": "7", **cursor})
        assert answer.status_code == 200, answer.text
        found += [each["session_id"] for each in answer.json()["sessions"]]
        if answer.json()["next_cursor"] is None:
            break
        cursor = {"cursor": answer.json()["next_cursor"]}
    assert found == [each.session_id for each in seeded]
