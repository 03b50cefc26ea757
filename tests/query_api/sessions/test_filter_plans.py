"""Whatever is filtered by, the list and the totals read what they must of the tables, as EXPLAIN says."""

import re
from typing import Any
from uuid import UUID

import pytest
from clickhouse_connect.driver.client import Client

from query_api.sessions.conditions import bound, with_candidates
from query_api.sessions.event_conditions import CAME_TO, DEAD_CLICK, ERROR, RAGE_CLICK
from query_api.sessions.filters import Filters
from query_api.sessions.order import Order, Position
from query_api.sessions.select_list import placed, select_list
from query_api.sessions.select_stats import select_stats
from tests.query_api.plans import granules_of_each_reading
from tests.query_api.seeds import START

pytestmark = pytest.mark.stack

CONNECTIONS, SESSIONS = 5, 20_000
MINUTE_MS = 60_000
GRANULE = 8_192
ONE_CONNECTION = -(-SESSIONS // GRANULE) + 1
"""Granules that a connection's stretch reaches into, at most."""

GROW_SESSIONS = """
INSERT INTO sessions
    (tenant_id, connection_id, session_id, visitor_id, started_at, first_event_at, last_event_at, status,
    events, expires_on, version)
SELECT
    'demo',
    concat('c', toString(intDiv(number, {sessions:UInt32}))),
    toUUID(concat('00000000-0000-0000-0000-', leftPad(toString(number), 12, '0'))),
    'visitor',
    fromUnixTimestamp64Milli({start:Int64} + number % {sessions:UInt32} * 60000) AS at,
    at,
    at,
    'active',
    1,
    today() + 30,
    1
FROM numbers({all:UInt32})
"""
GROW_EVENTS = """
INSERT INTO events
    (connection_id, session_id, window_id, timestamp, seq, idx, type, source, interaction, data, expires_on)
SELECT
    connection_id,
    session_id,
    'w',
    started_at + number,
    0,
    number,
    3,
    2,
    2,
    '',
    expires_on
FROM sessions
ARRAY JOIN range(5) AS number
"""

FILTERS: dict[str, Filters] = {
    "none": Filters(),
    "status": Filters(status="active"),
    "url": Filters(url="checkout"),
    "visitor": Filters(visitor="ann"),
    "browser": Filters(browsers=("Chrome",)),
    "os": Filters(oses=("Linux",)),
    "country": Filters(countries=("NL",)),
    "min_duration": Filters(min_duration_ms=1),
    "min_events": Filters(min_events=1),
    "replayable": Filters(replayable=True),
    "rage_click": Filters(has=frozenset({"rage_click"})),
    "dead_click": Filters(has=frozenset({"dead_click"})),
    "error": Filters(has=frozenset({"error"})),
}
OF_EVENTS = {"url": CAME_TO, "rage_click": RAGE_CLICK, "dead_click": DEAD_CLICK, "error": ERROR}
STATEMENTS = ["list", "page", "stats"]


@pytest.fixture(scope="module")
def full(store: Client) -> Client:
    """Five connections, a session a minute in each."""
    parameters = {"sessions": SESSIONS, "all": CONNECTIONS * SESSIONS, "start": START}
    store.command(GROW_SESSIONS, parameters)
    store.command(GROW_EVENTS)
    for table in ("sessions", "events"):
        store.command(f"OPTIMIZE TABLE {table} FINAL")
    return store


def asked(statement: str, filters: Filters) -> tuple[str, dict[str, Any]]:
    whose = {"tenant": "demo", "connection_id": "c2", "limit": 51}
    position = Position(START, START + 10 * MINUTE_MS, UUID(int=0))
    match statement:
        case "stats":
            sql = select_stats(filters, covered_ms=None)
            return sql, whose | bound(filters) | {"edges": [START]}
        case "page":
            return select_list(filters, Order(), after=True, covered_ms=None), whose | bound(
                filters
            ) | placed(position)
        case _:
            return select_list(filters, Order(), after=False, covered_ms=None), whose | bound(filters)


@pytest.mark.parametrize("statement", STATEMENTS)
@pytest.mark.parametrize("name", FILTERS)
def test_it_reads_no_other_connection(full: Client, name: str, statement: str) -> None:
    sql, parameters = asked(statement, FILTERS[name])

    ((read, there),) = granules_of_each_reading(full, sql, parameters, "sessions")

    assert there >= CONNECTIONS * SESSIONS // GRANULE
    assert read <= ONE_CONNECTION


@pytest.mark.parametrize("statement", STATEMENTS)
@pytest.mark.parametrize("name", FILTERS)
def test_of_a_short_time_it_reads_that_time_only(full: Client, name: str, statement: str) -> None:
    values = {each: getattr(FILTERS[name], each) for each in Filters.__struct_fields__}
    short = Filters(**values | {"from_at": START + 5 * MINUTE_MS, "to_at": START + 15 * MINUTE_MS})
    sql, parameters = asked(statement, short)

    ((read, _),) = granules_of_each_reading(full, sql, parameters, "sessions")

    assert read <= 2


@pytest.mark.parametrize("statement", STATEMENTS)
def test_final_merges_the_connections_own_rows_alone(full: Client, statement: str) -> None:
    """And of these all that no version changes about: what it does change is asked of the latest."""
    every = Filters(from_at=START, status="active", visitor="ann", browsers=("Chrome",), min_duration_ms=1)
    sql, parameters = asked(statement, every)

    plan = full.query(f"EXPLAIN actions = 1, pretty = 0 {sql}", parameters).result_rows
    (before_final,) = re.findall(r"Prewhere filter column: (.*)", "\n".join(row[0] for row in plan))

    named = set(re.findall(r"[a-z]+_(?:id|at)\b|status|browser", before_final))
    assert {"connection_id", "started_at"} <= named <= {"connection_id", "started_at", "session_id"}


@pytest.mark.parametrize("name", OF_EVENTS)
def test_what_is_asked_of_events_is_read_of_the_sessions_that_may_have_it(full: Client, name: str) -> None:
    """The engine runs it before the rest, and leaves it out of the rest's plan."""
    values = {each: getattr(FILTERS[name], each) for each in Filters.__struct_fields__}
    short = Filters(**values | {"from_at": START + 5 * MINUTE_MS, "to_at": START + 15 * MINUTE_MS})
    for filters, of_each in ((FILTERS[name], CONNECTIONS), (short, 40)):
        _, parameters = asked("list", filters)
        sql = with_candidates(filters) + OF_EVENTS[name]

        readings = granules_of_each_reading(full, sql, parameters, "events")

        assert readings
        assert all(read <= there // of_each + 2 for read, there in readings)


def test_the_page_behind_a_place_reads_on_from_there(full: Client) -> None:
    """Ten minutes behind the beginning, going back: only those."""
    sql, parameters = asked("page", Filters())
    ((read, _),) = granules_of_each_reading(full, sql, parameters, "sessions")
    assert read <= 2
