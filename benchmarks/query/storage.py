"""Bytes on disk of our layout, of a row an event, and with style sheets stored once; beside gzip by batch."""

import gzip
from collections.abc import AsyncIterator, Iterator
from itertools import chain

from benchmarks.query import rows_layout
from benchmarks.query.engine import Engine
from benchmarks.query.filling import IN_PARTS, Filled
from benchmarks.query.grown_sessions import Growth
from benchmarks.query.sample import DATABASE, new_database, sample
from benchmarks.query.sheets import taken_out
from benchmarks.result import Measure
from sessionizer.sink import recordings
from sessionizer.sink.recordings import recording_row
from sessionizer.sink.row_binary import row_writer

UNIT = "bytes an event"
PEER = "gzip -6, batch by batch"
_VIEW = "recordings_to_events"
_SHEETS = "sheets"
_SHEETS_DDL = f"""
CREATE TABLE {_SHEETS}
(
    connection_id String,
    sheet         FixedString(32),
    text          String CODEC(ZSTD(3))
)
ENGINE = ReplacingMergeTree
ORDER BY (connection_id, sheet)
"""


def bytes_on_disk(engine: Engine, database: str, table: str) -> int:
    found = engine.one(
        "system",
        "SELECT sum(bytes_on_disk) AS bytes FROM parts"
        " WHERE active AND database = {database:String} AND table = {table:String}",
        database=database,
        table=table,
    )
    return int(found["bytes"])


def bytes_by_column(engine: Engine, database: str, table: str) -> dict[str, int]:
    """Compressed, the largest first."""
    rows = engine.rows(
        "system",
        "SELECT name, data_compressed_bytes AS bytes FROM columns"
        " WHERE database = {database:String} AND table = {table:String} ORDER BY bytes DESC",
        database=database,
        table=table,
    )
    return {row["name"]: int(row["bytes"]) for row in rows}


def measure_storage(engine: Engine, filled: Filled) -> Iterator[Measure]:
    events = filled.events
    gzipped = filled.gzipped_bytes / filled.gzipped_events
    yield Measure("events' JSON", filled.raw_bytes / events, UNIT, peer=PEER, peer_value=gzipped)
    ours = bytes_on_disk(engine, IN_PARTS, recordings.TABLE)
    yield Measure(
        "`recordings` on disk, merged", ours / events, UNIT, PEER, gzipped, goal=0.50, of_ratio=True
    )
    yield from _by_column(
        bytes_by_column(engine, IN_PARTS, recordings.TABLE), "payload", ours, events, gzipped
    )
    typed = bytes_on_disk(engine, IN_PARTS, "events")
    yield Measure("`events` on disk, for SQL", typed / events, UNIT)
    yield Measure("`recordings` and `events` together", (ours + typed) / events, UNIT, PEER, gzipped)
    rows = bytes_on_disk(engine, IN_PARTS, rows_layout.TABLE)
    yield Measure("a row an event, instead of `recordings`", rows / events, UNIT, PEER, gzipped)
    yield from _by_column(
        bytes_by_column(engine, IN_PARTS, rows_layout.TABLE), "event", rows, events, gzipped
    )
    sessions = bytes_on_disk(engine, IN_PARTS, "sessions")
    yield Measure("`sessions` on disk", sessions / filled.session_rows, "bytes a row")


def _by_column(
    columns: dict[str, int], text: str, all_bytes: int, events: int, gzipped: float
) -> Iterator[Measure]:
    """Nothing for a small table: its columns are in one file, and the engine does not say what each takes."""
    if not columns[text]:
        return
    yield Measure(f"of these: {text}", columns[text] / events, UNIT, PEER, gzipped)
    others = {name: size for name, size in columns.items() if name != text}
    largest = ", ".join(f"{name} {size / events:.2f}" for name, size in list(others.items())[:3])
    yield Measure(f"of these: all other columns ({largest})", sum(others.values()) / events, UNIT)
    yield Measure("of these: index and marks", (all_bytes - sum(columns.values())) / events, UNIT)


async def measure_sheets(engine: Engine, growth: Growth) -> AsyncIterator[Measure]:
    """The stretch goal, on some sessions."""
    blocks = sample(growth)
    events = sum(batch.assigned.events for block in blocks for batch in block)
    gzipped = sum(
        len(gzip.compress(b"[" + batch.text + b"]", 6, mtime=0)) for block in blocks for batch in block
    )
    async with new_database(
        engine, f"DROP VIEW {_VIEW}", _SHEETS_DDL, "CREATE TABLE bare AS recordings"
    ) as inserter:
        known: dict[tuple[str, bytes], bytes] = {}
        for number, block in enumerate(blocks):
            columns = list(recordings.COLUMNS)
            whole = b"".join(chain.from_iterable(batch.row for batch in block))
            await inserter.insert(recordings.TABLE, columns, whole, f"whole-{number}")
            bare = []
            for batch in block:
                text, sheets = taken_out(batch.text)
                bare += recording_row(batch.assigned, batch.partition, text)
                connection = batch.assigned.batch.connection
                known |= {(connection, name): sheet for name, sheet in sheets.items()}
            await inserter.insert("bare", columns, b"".join(bare), f"bare-{number}")
        await inserter.insert(_SHEETS, ["connection_id", "sheet", "text"], _sheet_rows(known), "sheets")
        for table in (recordings.TABLE, "bare", _SHEETS):
            engine.run(DATABASE, f"OPTIMIZE TABLE {table} FINAL")
        whole_bytes = bytes_on_disk(engine, DATABASE, recordings.TABLE)
        bare_bytes = bytes_on_disk(engine, DATABASE, "bare")
        sheet_bytes = bytes_on_disk(engine, DATABASE, _SHEETS)
    of = f"{len(known)} sheets of {len({connection for connection, _ in known})} connections"
    yield Measure("of a sample: `recordings` as it is", whole_bytes / events, UNIT, PEER, gzipped / events)
    yield Measure(
        f"of a sample: style sheets stored once, with {of}, which only this prototype does",
        (bare_bytes + sheet_bytes) / events,
        UNIT,
        PEER,
        gzipped / events,
        goal=0.33,
        of_ratio=True,
    )


def _sheet_rows(known: dict[tuple[str, bytes], bytes]) -> bytes:
    write = row_writer(["String", "FixedString(32)", "String"])
    return b"".join(
        chain.from_iterable(write((connection, name, sheet)) for (connection, name), sheet in known.items())
    )
