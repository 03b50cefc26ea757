"""What an erasure takes out of the real engine's tables, and what a repeat of it tells."""

import secrets
from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from clickhouse_connect.driver import AsyncClient
from clickhouse_connect.driver.client import Client

from sessionizer.core.block import run_block
from sessionizer.core.effects import Effects, Erasing
from sessionizer.core.state import Shard
from sessionizer.sink import recordings, sessions
from sessionizer.sink.erase import DELETION, TABLES, Eraser
from sessionizer.sink.insert import Inserter
from sessionizer.sink.payload import events_text
from tests.builders.batches import HOUR, MINUTE, T0, an_erasure
from tests.builders.events import a_batch_of, a_click
from tests.builders.logs import a_log
from tests.servers.engine import ClickHouseDatabase
from tests.sessionizer.core.world import RULES

pytestmark = pytest.mark.stack


class Place:
    """One partition's blocks, and the tables that they are written to."""

    def __init__(self, inserter: Inserter, eraser: Eraser, client: Client) -> None:
        self.inserter, self.eraser, self.client = inserter, eraser, client
        self.name = secrets.token_hex(4)
        self.shard = Shard(0)
        self.next_offset = 0

    def block(self, *envelopes: object) -> Effects:
        log = a_log(envelopes, self.next_offset)  # type: ignore[arg-type]
        self.next_offset += len(log)
        return run_block(self.shard, log, log[-1].offset, RULES)

    async def write(self, effects: Effects) -> None:
        rows = [
            recordings.recording_row(each, 0, events_text(each.batch.payload, each.batch.encoding, 1 << 20))
            for each in effects.assigned
        ]
        await self.insert(recordings.TABLE, list(recordings.COLUMNS), rows)
        rows = [sessions.session_row(version) for version in effects.sessions]
        await self.insert(sessions.TABLE, list(sessions.COLUMNS), rows)

    async def insert(self, table: str, columns: list[str], rows: Sequence[list[bytes]]) -> None:
        body = b"".join(b"".join(row) for row in rows)
        await self.inserter.insert(table, columns, body, f"{self.name}-{self.next_offset}")

    def visitors(self, table: str = "sessions") -> list[str]:
        answer = self.client.query(f"SELECT DISTINCT visitor FROM {table} ORDER BY visitor")
        return [visitor for (visitor,) in answer.result_rows]

    def rows(self, table: str) -> int:
        """Physical rows, whatever FINAL would show."""
        return int(self.client.query(f"SELECT count() FROM {table}").result_rows[0][0])


@pytest_asyncio.fixture
async def place(clickhouse: ClickHouseDatabase) -> AsyncIterator[Place]:
    access = clickhouse.url, "admin", clickhouse.admin_password, clickhouse.name
    made = Place(Inserter(*access), Eraser(*access), clickhouse.client())
    for table in (*TABLES, "erasures"):
        made.client.command(f"TRUNCATE TABLE {table}")
    yield made
    await made.inserter.close()
    await made.eraser.close()


def a_visit(visitor: str, at: int = T0, seq: int = 0, **facts: object) -> object:
    # Kept for long: the engine's clock is today's, and drops what has expired.
    kept = {"retention_days": 9_000}
    return a_batch_of([a_click(at), a_click(at + 1)], visitor=visitor, seq=seq, **kept, **facts)


async def test_a_visitors_rows_go_from_every_table_and_others_stay(place: Place) -> None:
    await place.write(place.block(a_visit("ann"), a_visit("ben"), a_visit("ann", T0 + 2 * HOUR, 1)))
    effects = place.block(an_erasure(T0 + 3 * HOUR, visitor="ann"))
    (erasing,) = effects.erasures
    gone = await place.eraser.erase(erasing, 0)
    assert (len(gone.session_ids), gone.batches, gone.events) == (2, 2, 4)
    assert place.visitors() == ["ben"]
    assert [place.rows(table) for table in ("recordings", "events", "sessions")] == [1, 2, 1]


async def test_a_visitor_is_erased_by_the_name_in_the_record_key(place: Place) -> None:
    """The client's own name for its visitor is another column."""
    await place.write(place.block(a_visit("recording-1", visitor_id="anna"), a_visit("anna")))
    effects = place.block(an_erasure(T0 + MINUTE, visitor="recording-1"))
    await place.eraser.erase(effects.erasures[0], 0)
    assert place.visitors() == ["anna"]


async def test_one_session_goes_and_the_visitors_others_stay(place: Place) -> None:
    first = place.block(a_visit("ann"), a_visit("ann", T0 + 2 * HOUR, 1))
    await place.write(first)
    session_id = first.assigned[0].session_id
    effects = place.block(an_erasure(T0 + 3 * HOUR, visitor="ann", session_id=session_id))
    gone = await place.eraser.erase(effects.erasures[0], 0)
    assert gone.session_ids == (UUID(bytes=session_id),)
    assert [place.rows(table) for table in ("recordings", "events", "sessions")] == [1, 2, 1]


async def test_a_repeat_tells_the_same_and_spares_what_began_after_it(place: Place) -> None:
    await place.write(place.block(a_visit("ann")))
    effects = place.block(an_erasure(T0 + MINUTE, visitor="ann"), a_visit("ann", T0 + 2 * MINUTE, 1))
    (erasing,) = effects.erasures
    first = await place.eraser.erase(erasing, 0)
    await place.write(effects)
    assert await place.eraser.erase(erasing, 0) == first
    assert [place.rows(table) for table in ("recordings", "events", "sessions")] == [1, 2, 1]
    answer = place.client.query("SELECT scope, length(session_ids), batches, events FROM erasures FINAL")
    assert [tuple(row) for row in answer.result_rows] == [("visitor", 1, 1, 2)]


async def test_a_repeat_after_later_blocks_spares_what_began_in_them(place: Place) -> None:
    """After a rebuild the worker goes on from what was committed, maybe a second behind the tables."""
    await place.write(place.block(a_visit("ann")))
    (erasing,) = place.block(an_erasure(T0 + MINUTE, visitor="ann")).erasures
    first = await place.eraser.erase(erasing, 0)
    await place.write(place.block(a_visit("ann", T0 + 2 * MINUTE, 1)))
    assert await place.eraser.erase(erasing, 0) == first
    assert [place.rows(table) for table in ("recordings", "events", "sessions")] == [1, 2, 1]


async def test_rows_that_the_block_withholds_are_counted(place: Place) -> None:
    effects = place.block(a_visit("ann"), a_visit("ann", T0 + 10, 1), an_erasure(T0 + MINUTE, visitor="ann"))
    gone = await place.eraser.erase(effects.erasures[0], 0)
    assert (len(gone.session_ids), gone.batches, gone.events) == (1, 2, 4)


async def test_another_connections_session_of_that_id_is_not_touched(place: Place) -> None:
    first = place.block(a_visit("ann"))
    await place.write(first)
    erasure = an_erasure(T0 + MINUTE, visitor="ann", session_id=first.assigned[0].session_id)
    values = {name: getattr(erasure, name) for name in erasure.__struct_fields__} | {"connection": "other"}
    gone = await place.eraser.erase(Erasing(1, type(erasure)(**values), {}), 0)
    assert gone.session_ids == ()
    assert place.visitors() == ["ann"]


async def test_the_same_erasure_asked_twice_takes_what_came_between_and_tells_of_both(place: Place) -> None:
    await place.write(place.block(a_visit("ann")))
    erasure = an_erasure(T0 + HOUR, visitor="ann")
    await place.eraser.erase(place.block(erasure).erasures[0], 0)
    await place.write(place.block(a_visit("ann", T0 + 2 * HOUR, 1)))
    gone = await place.eraser.erase(place.block(erasure).erasures[0], 0)
    assert (len(gone.session_ids), gone.batches, gone.events) == (2, 2, 4)
    assert place.visitors() == []


async def test_rows_that_outlive_their_mutation_are_deleted_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two mutations that begin at once the engine can lose one and say that it is done (ADR 35)."""
    await place.write(place.block(a_visit("ann"), a_visit("ben")))
    (erasing,) = place.block(an_erasure(T0 + MINUTE, visitor="ann")).erasures
    command, lost = AsyncClient.command, set[str]()

    async def first_of_each_table_is_lost(client: AsyncClient, statement: str, **more: Any) -> object:
        if statement == DELETION and more["parameters"]["table"] not in lost:
            lost.add(more["parameters"]["table"])
            return None
        return await command(client, statement, **more)

    monkeypatch.setattr(AsyncClient, "command", first_of_each_table_is_lost)
    gone = await place.eraser.erase(erasing, 0)
    assert lost == set(TABLES)
    assert (len(gone.session_ids), gone.batches, gone.events) == (1, 1, 2)
    assert [place.rows(table) for table in ("recordings", "events", "sessions")] == [1, 2, 1]
