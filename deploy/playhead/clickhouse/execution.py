"""Runs plans: waits for a turn, opens a connection, hands the engine its work in a thread, cancels it.

It decides nothing about a statement: what may run is `policy.py`'s, what it means is `plan.py`'s.
"""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from playhead.clickhouse import native, policy
from playhead.clickhouse.engine import Connection, Engine, Outcome
from playhead.clickhouse.errors import QUERY_WAS_CANCELLED, TOO_MANY_SIMULTANEOUS_QUERIES, refused
from playhead.clickhouse.formats import STREAMABLE
from playhead.clickhouse.plan import Plan
from playhead.clickhouse.sessions import Session
from playhead.clickhouse.statement import insert_head

T = TypeVar("T")

LARGE_BYTES = 256 << 10
"""Making the next block as large takes longer than the answer's head can be held back for."""


class Turn:
    """One request's connection, and the only way to use it: a thread at a time, never left running behind."""

    def __init__(self, engine: Engine, threads: ThreadPoolExecutor, aside: ThreadPoolExecutor):
        self._engine = engine
        self._threads = threads
        self._aside = aside
        self._connection: Connection | None = None
        self._working = False
        self._cancelled = False
        self.tag = uuid.uuid4().hex
        """Ours, not the client's query id: by that one could cancel another user's statement."""

    async def do(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a thread. If the caller is cancelled, cancel the statement and wait.

        Raises:
            QueryError: cancelled before.
        """
        if self._cancelled:
            raise refused(QUERY_WAS_CANCELLED, "The client left.")
        return await self._do(work)

    async def end(self, rest: Iterator[bytes]) -> None:
        """Close an answer that has not been read to its end, cancelled or not."""
        await self._do(lambda _: rest.close())  # type: ignore[attr-defined]

    async def _do(self, work: Callable[[Connection], T]) -> T:
        running = asyncio.get_running_loop().run_in_executor(self._threads, self._call, work)
        self._working = True
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            self.cancel()
            await asyncio.wait([running])
            raise
        finally:
            self._working = False

    def cancel(self) -> None:
        """Begin nothing more, and ask the engine to cancel what a thread is at; returns at once.

        An answer that waits for its reader has no thread: whoever reads it ends it (`end`), which is a third
        of the work of a KILL QUERY.
        """
        self._cancelled = True
        if self._working:
            self._aside.submit(self._engine.cancel, self.tag)

    async def close(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._threads, connection.close))

    def _call(self, work: Callable[[Connection], T]) -> T:
        if self._connection is None:
            self._connection = self._engine.connect()
        return work(self._connection)


@dataclass(slots=True)
class Blocks:
    """An answer that comes block by block."""

    turn: Turn
    first: list[bytes]
    rest: Iterator[bytes] | None
    """None: `first` is all."""
    summary: dict[str, int] = field(default_factory=dict)

    async def next(self) -> bytes | None:
        if self.first:
            return self.first.pop(0)
        if self.rest is None:
            return None
        rest = self.rest
        block = await self.turn.do(lambda _: next(rest, None))
        if block is None:
            self.rest = None
        return block

    async def stop(self) -> None:
        """Cancel what has not been read."""
        if self.rest is not None:
            rest, self.rest = self.rest, None
            await self.turn.end(rest)


class Execution:
    def __init__(self, engine: Engine, readers: int, writers: int, queue_timeout_ms: int):
        self._engine = engine
        # A turn uses one thread at a time, so no work waits for a thread once it has its turn.
        self._threads = ThreadPoolExecutor(readers + writers, thread_name_prefix="statement")
        self._aside = ThreadPoolExecutor(1, thread_name_prefix="cancel")
        self._reads = asyncio.Semaphore(readers)
        self._writes = asyncio.Semaphore(writers)
        self._queue_timeout_ms = queue_timeout_ms

    @contextlib.asynccontextmanager
    async def turn(self, plan: Plan) -> AsyncIterator[Turn]:
        """A turn for the plan: reads and writes wait apart, so that neither starves the other.

        Raises:
            QueryError: none came free in time.
        """
        slots = self._reads if plan.statement.kind in ("read", "state") else self._writes
        try:
            async with asyncio.timeout(self._queue_timeout_ms / 1000):
                await slots.acquire()
        except TimeoutError:
            raise refused(
                TOO_MANY_SIMULTANEOUS_QUERIES, f"No turn came free within {self._queue_timeout_ms} ms."
            ) from None
        turn = Turn(self._engine, self._threads, self._aside)
        try:
            yield turn
        finally:
            try:
                await turn.close()
            finally:
                slots.release()

    async def run(self, turn: Turn, plan: Plan, session: Session | None) -> Blocks:
        """Run the statement up to its first blocks, so that most errors come before the answer's head."""
        history = list(session.statements) if session else []
        if plan.statement.kind == "insert":
            outcome = await turn.do(lambda connection: _insert(connection, plan, history, turn.tag))
        elif plan.statement.selects and plan.out_format in STREAMABLE and not plan.whole:
            first, rest = await turn.do(lambda connection: _start(connection, plan, history, turn.tag))
            return Blocks(turn, first, rest)
        else:
            outcome = await turn.do(lambda connection: _run(connection, plan, history, turn.tag))
            if session is not None and plan.statement.kind == "state":
                session.remember(plan.statement.sql)
        return Blocks(turn, [outcome.body] if outcome.body else [], None, outcome.summary)

    def close(self) -> None:
        """Cancel everything, and wait for the threads."""
        self._engine.cancel_all()
        self._threads.shutdown()
        self._aside.shutdown()


def _prepare(connection: Connection, plan: Plan, history: list[str], tag: str) -> None:
    """Everything a statement runs under; `readonly` comes last, for nothing can be set after it."""
    connection.require_one(plan.statement.sql)
    connection.use(plan.database or "default")
    for statement in history:
        connection.run(statement, "TSV", {})
    # implicit_select: the embedded form takes "1 + 1" for a statement, the server does not.
    defaults = {"async_insert": "0", "implicit_select": "0", "allow_introspection_functions": "0"}
    settings = policy.allowed_settings(plan.user, plan.settings)
    parameters = {f"param_{name}": value for name, value in plan.params.items()}
    connection.set({**defaults, **settings, **parameters, "log_comment": tag})
    policy.check(connection, plan)
    if plan.user.reads_only:
        connection.set({"readonly": "1"})
    elif plan.reads_only:
        connection.set({"readonly": "2"})


def _run(connection: Connection, plan: Plan, history: list[str], tag: str) -> Outcome:
    _prepare(connection, plan, history, tag)
    outcome = connection.run(plan.statement.sql, plan.out_format, plan.params)
    if plan.out_format == "Native":
        return outcome._replace(body=native.framed(outcome.body, plan.protocol_version))
    return outcome


def _start(
    connection: Connection, plan: Plan, history: list[str], tag: str
) -> tuple[list[bytes], Iterator[bytes] | None]:
    """Begin a streamed answer: with a large block, or with two, so that a short one is complete with them."""
    _prepare(connection, plan, history, tag)
    blocks = connection.stream(plan.statement.sql, plan.out_format, plan.params)
    if plan.out_format == "Native" and plan.protocol_version:
        blocks = (native.framed(block, plan.protocol_version) for block in blocks)
    first: list[bytes] = []
    for block in blocks:
        first.append(block)
        if len(first) == 2 or len(block) >= LARGE_BYTES:
            return first, blocks
    return first, None


def _insert(connection: Connection, plan: Plan, history: list[str], tag: str) -> Outcome:
    _prepare(connection, plan, history, tag)
    return connection.insert(insert_head(plan.statement.sql), plan.statement.data_format, plan.rows)
