"""A few recorded sessions' batches, for what is measured on new tables."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import islice

from benchmarks.query.corpus import GrownBatch, batches_of, blocks
from benchmarks.query.engine import USER, Engine
from benchmarks.query.filling import migrated
from benchmarks.query.grown_sessions import Growth
from sessionizer.sink.insert import Inserter

SESSIONS = 120
DATABASE = "sample"


def sample(growth: Growth, sessions: int = SESSIONS) -> list[list[GrownBatch]]:
    """The oldest recorded sessions, as blocks of an insert; some 200 MB of JSON."""
    recorded = (session for session in growth.stretch(0) if session.recorded is not None)
    batches = (
        batch
        for number, session in enumerate(islice(recorded, sessions))
        for batch in batches_of(session, number * 1_000, growth.expires_on)
    )
    return list(blocks(batches))


@asynccontextmanager
async def new_database(engine: Engine, *statements: str) -> AsyncIterator[Inserter]:
    """With every migration, and then these statements; it is dropped at the end."""
    engine.run("default", f"DROP DATABASE IF EXISTS {DATABASE} SYNC")
    migrated(engine, DATABASE)
    for statement in statements:
        engine.run(DATABASE, statement)
    inserter = Inserter(engine.url, USER, engine.password, DATABASE, timeout_s=600)
    try:
        yield inserter
    finally:
        await inserter.close()
        engine.run("default", f"DROP DATABASE IF EXISTS {DATABASE} SYNC")


def raw_bytes(sampled: Sequence[Sequence[GrownBatch]]) -> int:
    return sum(batch.assigned.raw_bytes for block in sampled for batch in block)
