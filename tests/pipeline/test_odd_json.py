"""What the collector takes of odd JSON has its rows in `events`, with all else of its batch."""

import pytest

from collector.decode import decode
from tests.contract.bodies import ACCEPTED, CASES
from tests.schemas.clickhouse.rows import COLUMNS, a_row, insert_settings
from tests.servers.engine import ClickHouseDatabase

pytestmark = pytest.mark.stack

TAKEN = [case for case in CASES if case.expected == ACCEPTED and not case.headers and not case.query]
MOST_EVENTS = 20_000


def test_every_event_of_the_corpus_that_is_taken_has_a_row(clickhouse: ClickHouseDatabase) -> None:
    rows, events = [], {}
    for number, case in enumerate(TAKEN):
        decoded = decode(case.make(), MOST_EVENTS)
        row = a_row(['{"type":3,"timestamp":1}'], seq=number)
        row[COLUMNS.index("payload")] = decoded.array[1:-1].decode()
        row[COLUMNS.index("events")] = events[case.name] = len(decoded.events)
        rows.append(row)
    client = clickhouse.client()
    client.insert("recordings", rows, column_names=COLUMNS, settings=insert_settings("odd-json"))
    found = dict(client.query("SELECT seq, count() FROM events GROUP BY seq").result_rows)
    client.close()
    assert {case.name: found.get(number, 0) for number, case in enumerate(TAKEN)} == events
