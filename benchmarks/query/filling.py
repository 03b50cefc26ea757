"""Fills an engine with a `Size`, once, through the real tables and views; what is filled is kept.

Rows go in as the sessionizer's sink writes and inserts them, two blocks at a time. Then all is merged but
the `sessions` that are to stay in as many parts as the size says.
"""

import asyncio
import gzip
import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import chain
from pathlib import Path
from uuid import UUID

import clickhouse_connect
import msgspec

from benchmarks.query import rows_layout
from benchmarks.query.corpus import GrownBatch, batches_of, blocks
from benchmarks.query.engine import USER, Engine, running_engine
from benchmarks.query.grown_sessions import DAY_MS, Grown, Growth
from benchmarks.query.page_batches import Page
from benchmarks.query.size import Size
from schemas.migrate import migrate
from sessionizer.sink import recordings, sessions
from sessionizer.sink.insert import Inserter

IN_PARTS, MERGED = "in_parts", "merged"
"""Databases. `merged` has sessions alone; recordings, events and event_rows are in `in_parts`."""
AT_ONCE = 2
"""Blocks, as the sessionizer's own setting `blocks_at_once`."""
GZIP_EVERY = 16
"""Of each so many sessions one is compressed batch by batch, for the size that storage is held against."""
_OF_LIFE_MS = 300 * DAY_MS
"""Sessions expire after 400 days; before that what was filled is of no use."""


class Recorded(msgspec.Struct, frozen=True):
    """A session that can be played."""

    tenant: str
    connection: str
    session_id: str
    window: str
    started_at: int
    length_ms: int
    events: int
    raw_bytes: int


class Filled(msgspec.Struct, frozen=True):
    """What an engine was filled with; kept beside its data."""

    until_at: int
    sessions: int
    session_rows: int
    recorded: list[Recorded]
    """In order of time; the newest are over, and listed first among those that are."""
    long: Recorded
    batches: int
    events: int
    raw_bytes: int
    gzipped_sessions: int
    """So many were compressed, batch by batch, gzip level 6, as a client sends them."""
    gzipped_events: int
    gzipped_raw_bytes: int
    gzipped_bytes: int
    took_s: float


class Place:
    """The folder of a size."""

    def __init__(self, cache: Path, size: Size) -> None:
        self.folder = cache / size.name
        self.data = self.folder / "clickhouse"
        self._filled = self.folder / "filled.json"

    def filled(self, now: int) -> Filled | None:
        """None where it must be filled: it never was, not to the end, or too long ago."""
        if not self._filled.exists():
            return None
        found = msgspec.json.decode(self._filled.read_bytes(), type=Filled)
        return found if now - found.until_at < _OF_LIFE_MS else None

    def emptied(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)

    def keep(self, filled: Filled) -> None:
        self._filled.write_bytes(msgspec.json.encode(filled))


@asynccontextmanager
async def filled_engine(
    cache: Path, size: Size, pages: Sequence[Page], logs: Path, say: Callable[[str], None]
) -> AsyncIterator[tuple[Engine, Filled]]:
    """An engine that holds the size; filled first, where that has not been done."""
    place, now = Place(cache, size), time.time_ns() // 1_000_000
    filled = place.filled(now)
    if filled is None:
        place.emptied()
        async with running_engine(logs, place.data) as engine:
            filled = await fill(engine, Growth(size, now, pages), say)
        place.keep(filled)
    else:
        say(f"filled already: {place.folder}")
    async with running_engine(logs, place.data) as engine:
        yield engine, filled


async def fill(engine: Engine, growth: Growth, say: Callable[[str], None]) -> Filled:
    began = time.monotonic()
    for database in (IN_PARTS, MERGED):
        migrated(engine, database)
    engine.run(IN_PARTS, rows_layout.DDL)
    # No merge of `sessions` is small enough for this limit: the parts stay as they were written.
    engine.run(IN_PARTS, "ALTER TABLE sessions MODIFY SETTING max_bytes_to_merge_at_max_space_in_pool = 1")
    inserter = Inserter(engine.url, USER, engine.password, IN_PARTS, timeout_s=600)
    try:
        rows, recorded = await _fill_sessions(inserter, growth, say)
        counted = await _fill_corpus(inserter, growth, recorded, say)
    finally:
        await inserter.close()
    say("merging")
    names = ", ".join(f"`{name}`" for name in sessions.COLUMNS)
    copy = f"INSERT INTO {MERGED}.sessions ({names}) SELECT {names} FROM {IN_PARTS}.sessions"
    engine.run(MERGED, f"{copy} SETTINGS max_insert_block_size = 100000")
    engine.run(MERGED, "OPTIMIZE TABLE sessions FINAL")
    for table in (recordings.TABLE, "events", rows_layout.TABLE):
        engine.run(IN_PARTS, f"OPTIMIZE TABLE {table} FINAL")
    took_s = time.monotonic() - began
    say(f"filled in {took_s:.0f} s")
    long = _told(growth.long)
    playable = [_told(session) for session in recorded]
    return Filled(
        until_at=growth.until_at,
        sessions=growth.size.sessions + 1,
        session_rows=rows,
        recorded=[one for one in playable if one.session_id != long.session_id],
        long=long,
        took_s=took_s,
        **counted,
    )


def migrated(engine: Engine, database: str) -> None:
    """Make the database, with all its tables."""
    client = clickhouse_connect.get_client(
        host="127.0.0.1", port=engine.port, username=USER, password=engine.password
    )
    try:
        migrate(client, database)
    finally:
        client.close()


async def _fill_sessions(
    inserter: Inserter, growth: Growth, say: Callable[[str], None]
) -> tuple[int, list[Grown]]:
    rows, recorded = 0, []
    for number, block in enumerate(growth.blocks()):
        pieces = chain.from_iterable(sessions.session_row(version) for version in block.rows)
        await inserter.insert(sessions.TABLE, list(sessions.COLUMNS), b"".join(pieces), f"sessions-{number}")
        rows += len(block.rows)
        recorded += block.recorded
        say(f"sessions: {number + 1} of {growth.size.parts} parts, {rows:,} rows")
    return rows, recorded


async def _fill_corpus(
    inserter: Inserter, growth: Growth, recorded: Sequence[Grown], say: Callable[[str], None]
) -> dict[str, int]:
    """Both layouts, block by block; counts as `Filled` names them."""
    counts = dict.fromkeys(
        (
            "batches",
            "events",
            "raw_bytes",
            "gzipped_sessions",
            "gzipped_events",
            "gzipped_raw_bytes",
            "gzipped_bytes",
        ),
        0,
    )
    all_events, began, told_at = sum(one.events for one in recorded), time.monotonic(), 0.0

    def batches() -> Iterator[GrownBatch]:
        offset = 0
        for number, session in enumerate(recorded):
            compressed = number % GZIP_EVERY == 0
            counts["gzipped_sessions"] += compressed
            for batch in batches_of(session, offset, growth.expires_on):
                counts["batches"] += 1
                counts["events"] += batch.assigned.events
                counts["raw_bytes"] += batch.assigned.raw_bytes
                if compressed:
                    counts["gzipped_events"] += batch.assigned.events
                    counts["gzipped_raw_bytes"] += batch.assigned.raw_bytes
                    counts["gzipped_bytes"] += len(gzip.compress(b"[" + batch.text + b"]", 6, mtime=0))
                offset += 1
                yield batch

    async with asyncio.TaskGroup() as group:
        room = asyncio.Semaphore(AT_ONCE)

        async def insert(number: int, block: list[GrownBatch]) -> None:
            try:
                await insert_block(inserter, recordings.TABLE, block, f"corpus-{number}")
                await insert_block(inserter, rows_layout.TABLE, block, f"rows-{number}")
            finally:
                room.release()

        for number, block in enumerate(blocks(batches())):
            await room.acquire()
            group.create_task(insert(number, block))
            if time.monotonic() - told_at > 10:
                told_at = time.monotonic()
                done = counts["events"] / all_events
                left_s = (told_at - began) / done * (1 - done)
                say(f"corpus: {counts['events']:,} of {all_events:,} events, about {left_s:.0f} s to go")
    return counts


async def insert_block(inserter: Inserter, table: str, block: Sequence[GrownBatch], token: str) -> None:
    """A block as rows of `recordings`, or of a table with its columns; or as rows of `event_rows`."""
    if table == rows_layout.TABLE:
        pieces = chain.from_iterable(chain.from_iterable(map(rows_layout.event_rows, block)))
        await inserter.insert(table, list(rows_layout.COLUMNS), b"".join(pieces), token)
    else:
        pieces = chain.from_iterable(batch.row for batch in block)
        await inserter.insert(table, list(recordings.COLUMNS), b"".join(pieces), token)


def _told(session: Grown) -> Recorded:
    return Recorded(
        session.tenant,
        session.connection,
        _uuid(session.id),
        session.window,
        session.started_at,
        session.last_at - session.started_at,
        session.events,
        session.raw_bytes,
    )


def _uuid(raw: bytes) -> str:

    return str(UUID(bytes=raw))
