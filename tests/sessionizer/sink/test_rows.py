"""Rows of `recordings` and `sessions` as the real engine takes them."""

import secrets
from collections.abc import AsyncIterator, Sequence
from uuid import UUID

import pytest
import pytest_asyncio
from msgspec.structs import replace

from schemas.envelope import Batch
from sessionizer.core.block import run_block
from sessionizer.core.effects import Effects
from sessionizer.core.rules import Rules
from sessionizer.core.state import Shard
from sessionizer.sink import recordings, sessions
from sessionizer.sink.insert import Inserter
from sessionizer.sink.payload import events_text
from sessionizer.sink.row_binary import Unwritable
from tests.builders.batches import T0
from tests.builders.events import a_batch_of, a_click, a_full_snapshot, a_meta
from tests.builders.logs import a_log
from tests.servers.engine import ClickHouseDatabase

pytestmark = pytest.mark.stack

NOW = 1_900_000_000_000
"""Far enough in the future that no row of these tests expires."""


@pytest_asyncio.fixture
async def inserter(clickhouse: ClickHouseDatabase) -> AsyncIterator[Inserter]:
    made = Inserter(clickhouse.url, "admin", clickhouse.admin_password, clickhouse.name)
    yield made
    await made.close()


@pytest.mark.parametrize("table", [recordings, sessions])
def test_the_columns_written_are_the_tables_own(clickhouse: ClickHouseDatabase, table: object) -> None:
    name, columns = table.TABLE, table.COLUMNS  # type: ignore[attr-defined]
    with clickhouse.client() as client:
        described = {row["name"]: row for row in client.query(f"DESCRIBE TABLE {name}").named_results()}
    assert columns == {column: row["type"] for column, row in described.items() if column in columns}
    left_out = {column for column in described if column not in columns}
    assert all(described[column]["default_type"] for column in left_out)


def effects_of(batches: Sequence[Batch]) -> Effects:
    log = a_log(batches)
    return run_block(Shard(3), log, log[-1].offset, Rules(topic="playhead.batches"))


def recording_body(effects: Effects) -> bytes:
    pieces = [
        piece
        for each in effects.assigned
        for piece in recordings.recording_row(
            each, 3, events_text(each.batch.payload, each.batch.encoding, 1 << 30)
        )
    ]
    return b"".join(pieces)


async def test_a_batch_becomes_a_row_and_its_events_rows_of_their_own(
    clickhouse: ClickHouseDatabase, inserter: Inserter
) -> None:
    events = [a_meta(NOW), a_full_snapshot(NOW + 5), a_click(NOW + 9, node_id=7)]
    batch = a_batch_of(events, visitor="rows", sent_at=NOW - 20)
    effects = effects_of([batch])
    await inserter.insert(
        "recordings", list(recordings.COLUMNS), recording_body(effects), secrets.token_hex()
    )
    with clickhouse.client() as client:
        session_id = UUID(bytes=effects.assigned[0].session_id)
        row = client.query(
            "SELECT connection_id, window_id, seq, partition, offset, skew_ms, events, in_order, payload,"
            " toUnixTimestamp64Milli(first_at), toUnixTimestamp64Milli(last_at),"
            " arrayMap(at -> toUnixTimestamp64Milli(at), full_snapshots_at)"
            " FROM recordings WHERE session_id = {id:UUID}",
            parameters={"id": str(session_id)},
        ).result_rows
        text = events_text(batch.payload, batch.encoding, 1 << 30).decode()
        skew_ms = effects.assigned[0].skew_ms
        assert row == [("shop", "w1", 0, 3, 0, skew_ms, 3, True, text, NOW, NOW + 9, [NOW + 5])]
        stored = client.query(
            "SELECT idx, type, toUnixTimestamp64Milli(timestamp), node_id FROM events"
            " WHERE session_id = {id:UUID} ORDER BY idx",
            parameters={"id": str(session_id)},
        ).result_rows
        assert stored == [(0, 4, NOW, None), (1, 2, NOW + 5, None), (2, 3, NOW + 9, 7)]


@pytest.mark.parametrize("told", [None, True, False])
@pytest.mark.parametrize("really", [True, False])
async def test_a_batch_is_in_order_as_its_collector_told_or_else_as_it_is(
    clickhouse: ClickHouseDatabase, inserter: Inserter, told: bool | None, really: bool
) -> None:
    events = [a_meta(NOW), a_full_snapshot(NOW + 5)]
    batch = replace(a_batch_of(events if really else events[::-1], visitor=f"{told} {really}"), in_order=told)
    effects = effects_of([batch])
    await inserter.insert(
        "recordings", list(recordings.COLUMNS), recording_body(effects), secrets.token_hex()
    )
    with clickhouse.client() as client:
        stored = client.query(
            "SELECT in_order FROM recordings WHERE session_id = {id:UUID}",
            parameters={"id": str(UUID(bytes=effects.assigned[0].session_id))},
        ).result_rows
    assert stored == [(really if told is None else told,)]


async def test_a_session_becomes_a_row_with_its_user_agent_parsed(
    clickhouse: ClickHouseDatabase, inserter: Inserter
) -> None:
    batch = a_batch_of([a_meta(NOW), a_full_snapshot(NOW + 5)], visitor="parsed")
    [session] = effects_of([batch]).sessions
    row = b"".join(sessions.session_row(session))
    await inserter.insert("sessions", list(sessions.COLUMNS), row, secrets.token_hex())
    with clickhouse.client() as client:
        stored = client.query(
            "SELECT visitor_id, status, browser, os, landing_url, replayable, windows.id, partition,"
            " completed_at FROM sessions FINAL WHERE session_id = {id:UUID}",
            parameters={"id": str(UUID(bytes=session.session_id))},
        ).result_rows
    expected = ("parsed", "active", "Firefox", "Linux", "https://shop.example/", True, ["w1"], 3, None)
    assert stored == [expected]


async def test_a_repeated_insert_is_taken_once_in_the_table_and_in_its_view(
    clickhouse: ClickHouseDatabase, inserter: Inserter
) -> None:
    effects = effects_of([a_batch_of([a_click(NOW), a_click(NOW + 1)], visitor="repeated")])
    for _ in range(3):
        await inserter.insert(
            "recordings", list(recordings.COLUMNS), recording_body(effects), "the-same-token"
        )
    with clickhouse.client() as client:
        parameters = {"id": str(UUID(bytes=effects.assigned[0].session_id))}
        for table, rows in (("recordings", 1), ("events", 2)):
            query = f"SELECT count() FROM {table} WHERE session_id = {{id:UUID}}"
            assert client.query(query, parameters=parameters).result_rows == [(rows,)], table


async def test_the_largest_block_is_one_part(clickhouse: ClickHouseDatabase, inserter: Inserter) -> None:
    """Several parts would not be atomic: a kill between them would leave half a block."""
    long = "x" * 100_000
    batches = [
        a_batch_of(
            [{"type": 5, "data": {"tag": long}, "timestamp": NOW + n}], visitor=f"large-{n}", compressed=False
        )
        for n in range(1_500)
    ]
    effects = effects_of(batches)
    body = recording_body(effects)
    assert len(body) > 128 << 20
    with clickhouse.client() as client:
        client.command("SYSTEM STOP MERGES recordings")
        of_table = "database = {db:String} AND table = 'recordings' AND active"
        count = f"SELECT count() FROM system.parts WHERE {of_table}"
        before = client.query(count, parameters={"db": clickhouse.name}).result_rows[0][0]
        await inserter.insert("recordings", list(recordings.COLUMNS), body, secrets.token_hex())
        after = client.query(count, parameters={"db": clickhouse.name}).result_rows[0][0]
        client.command("SYSTEM START MERGES recordings")
    assert after - before == 1


def test_a_time_that_no_column_holds_is_refused_before_anything_is_sent() -> None:
    [assigned] = effects_of([a_batch_of([a_click(T0)])]).assigned
    with pytest.raises(Unwritable):
        recordings.recording_row(replace(assigned, events=-1), 3, b"{}")
