"""What is asked of a short time is read of the parts that hold it: many connections share a granule."""

import pytest
from clickhouse_connect.driver.client import Client

from query_api.sessions.conditions import bound
from query_api.sessions.filters import Filters
from query_api.sessions.order import Order
from query_api.sessions.select_list import select_list
from query_api.sessions.select_stats import select_stats
from tests.query_api.plans import granules_of_each_reading
from tests.query_api.seeds import START

pytestmark = pytest.mark.stack

PARTS, HOUR_MS = 8, 3_600_000

GROW = """
INSERT INTO sessions
    (tenant_id, connection_id, session_id, visitor_id, started_at, first_event_at, last_event_at, status,
    events, expires_on, version)
SELECT
    'demo', concat('c', toString(number % 5)), generateUUIDv4(), 'visitor',
    fromUnixTimestamp64Milli({start:Int64} + number * 1000) AS at,
    at, at, 'active', 1, today() + 30, 1
FROM numbers(500)
"""


@pytest.mark.parametrize("statement", ["list", "stats"])
def test_of_one_hour_one_part_is_read(store: Client, statement: str) -> None:
    store.command("ALTER TABLE sessions MODIFY SETTING max_bytes_to_merge_at_max_space_in_pool = 1")
    store.command("TRUNCATE TABLE sessions")
    for part in range(PARTS):
        store.command(GROW, {"start": START + part * HOUR_MS})
    filters = Filters(from_at=START + 3 * HOUR_MS, to_at=START + 4 * HOUR_MS)
    sql = (
        select_stats(filters, covered_ms=None)
        if statement == "stats"
        else select_list(filters, Order(), after=False, covered_ms=None)
    )
    asked = {"tenant": "demo", "connection_id": "c2", "limit": 51, "edges": [START], **bound(filters)}

    assert granules_of_each_reading(store, sql, asked, "sessions") == [(1, PARTS)]
