"""A row a batch beside a row an event: what an insert costs, and how the engine gives a window's events back.

Both are asked over the engine's own interface, by the same client, in turns: the query API reads only ours.
"""

import random
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlencode

from benchmarks.query import rows_layout
from benchmarks.query.asking import RECEIVE_BYTES, Client, Times
from benchmarks.query.engine import USER, Engine
from benchmarks.query.filling import IN_PARTS, Filled, Recorded, insert_block
from benchmarks.query.grown_sessions import Growth
from benchmarks.query.sample import DATABASE, new_database, raw_bytes, sample
from benchmarks.result import Measure
from benchmarks.sessionizer.cores import cpu_s
from sessionizer.sink import recordings

WARM_UP = 20
MB = 1e6
_VIEW = "recordings_to_events"
ROWS = "a row an event"

_BATCHES = """SELECT payload
FROM recordings
PREWHERE connection_id = {connection:String} AND session_id = {session:UUID} AND window_id = {window:String}
ORDER BY connection_id, session_id, window_id, first_at, seq, partition, `offset`
LIMIT 1 BY first_at, seq, batch_id
SETTINGS max_block_size = 64, max_threads = 1
FORMAT RowBinary"""

_EVENTS = """SELECT event
FROM event_rows
PREWHERE connection_id = {connection:String} AND session_id = {session:UUID} AND window_id = {window:String}
ORDER BY connection_id, session_id, window_id, timestamp, seq, idx
LIMIT 1 BY timestamp, seq, idx
SETTINGS max_block_size = 1024, max_threads = 1
FORMAT RowBinary"""


def measure_reading(engine: Engine, filled: Filled, times: int) -> Iterator[Measure]:
    draw = random.Random(5)
    asked = [draw.choice(filled.recorded) for _ in range(WARM_UP + times)]
    first: dict[str, list[float]] = {_BATCHES: [], _EVENTS: []}
    client = _client(engine)
    for number, session in enumerate(asked):
        for sql in (_BATCHES, _EVENTS)[:: 1 if number % 2 else -1]:
            first[sql].append(client.get(_path(sql, session)).first_byte_s * 1_000)
    ours, rows = (Times(first[sql][WARM_UP:]) for sql in (_BATCHES, _EVENTS))
    yield Measure("from the engine: first byte of a window's events: p50", ours.p50, "ms", ROWS, rows.p50)
    yield Measure("from the engine: first byte of a window's events: p99", ours.p99, "ms", ROWS, rows.p99)

    by_clock: dict[str, list[float]] = {_BATCHES: [], _EVENTS: []}
    by_processor: dict[str, list[float]] = {_BATCHES: [], _EVENTS: []}
    buffer, size = bytearray(RECEIVE_BYTES), filled.long.raw_bytes / MB
    for turn in range(max(2, times // 20) + 1):
        for sql in (_BATCHES, _EVENTS)[:: 1 if turn % 2 else -1]:
            used, began = cpu_s(engine.pid), time.perf_counter()
            sent = client.taken(_path(sql, filled.long), buffer)
            took, used = time.perf_counter() - began, cpu_s(engine.pid) - used
            if not 0.99 < sent / filled.long.raw_bytes < 1.01:
                raise ValueError(f"{sent:,} bytes of events came, not about {filled.long.raw_bytes:,}")
            if turn:
                by_clock[sql].append(size / took)
                by_processor[sql].append(size / max(used, 0.01))
    client.close()
    for what, found in (("MB/s", by_clock), ("MB/CPU s of the engine", by_processor)):
        ours_rate, rows_rate = (statistics.median(found[sql]) for sql in (_BATCHES, _EVENTS))
        yield Measure(f"from the engine: a window of {size:.0f} MB", ours_rate, what, ROWS, rows_rate)


def _client(engine: Engine) -> Client:
    return Client(engine.port, {"X-ClickHouse-User": USER, "X-ClickHouse-Key": engine.password})


def _path(sql: str, session: Recorded) -> str:
    parameters = {
        "database": IN_PARTS,
        "query": sql,
        "param_connection": session.connection,
        "param_session": session.session_id,
        "param_window": session.window,
    }
    return f"/?{urlencode(parameters)}"


async def measure_inserting(engine: Engine, growth: Growth) -> list[Measure]:
    """By the engine's processor time, until all is merged into one part."""
    blocks = sample(growth)
    size = raw_bytes(blocks) / MB
    without_view = (f"DROP VIEW {_VIEW}",)
    ways: Mapping[str, tuple[str, Sequence[str]]] = {
        "with_events": (recordings.TABLE, ()),
        "alone": (recordings.TABLE, without_view),
        "rows": (rows_layout.TABLE, (*without_view, rows_layout.DDL)),
    }
    rates: dict[str, tuple[float, float]] = {}
    for way, (table, statements) in ways.items():
        async with new_database(engine, *statements) as inserter:
            before = cpu_s(engine.pid)
            for number, block in enumerate(blocks):
                await insert_block(inserter, table, block, f"{way}-{number}")
            inserted = cpu_s(engine.pid)
            for merged in (table, "events") if way == "with_events" else (table,):
                engine.run(DATABASE, f"OPTIMIZE TABLE {merged} FINAL")
            rates[way] = size / (inserted - before), size / (cpu_s(engine.pid) - before)
    unit = "MB of JSON/CPU s of the engine"
    measures = []
    for at, when in enumerate(("inserted", "inserted and merged")):
        rows = rates["rows"][at]
        measures += [
            Measure(f"batches {when}", rates["alone"][at], unit, ROWS, rows),
            Measure(f"batches {when}, with `events` for SQL", rates["with_events"][at], unit, ROWS, rows),
        ]
    return measures
