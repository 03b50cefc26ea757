"""A turn and its statement: what is cancelled when a client leaves, and what is not begun any more."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest

from playhead.clickhouse.engine import Connection, Engine
from playhead.clickhouse.errors import QueryError
from playhead.clickhouse.execution import Blocks, Turn


class Cancelling:
    """An engine that only notes what it is asked to cancel."""

    def __init__(self) -> None:
        self.cancelled: list[str] = []
        self.told = threading.Event()

    def connect(self) -> Connection:
        return cast(Connection, self)

    def cancel(self, tag: str) -> None:
        self.cancelled.append(tag)
        self.told.set()


class Endless:
    """Blocks of an answer that never ends, until it is closed."""

    def __init__(self) -> None:
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return b"block"

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def engine() -> Cancelling:
    return Cancelling()


@pytest.fixture
def turn(engine: Cancelling) -> Iterator[Turn]:
    with ThreadPoolExecutor(1) as threads, ThreadPoolExecutor(1) as aside:
        yield Turn(cast(Engine, engine), threads, aside)


def waits_for(event: threading.Event) -> bool:
    return event.wait(timeout=30)


async def test_a_statement_that_a_thread_is_at_is_killed(turn: Turn, engine: Cancelling) -> None:
    running = asyncio.create_task(turn.do(lambda _: waits_for(engine.told)))
    await asyncio.sleep(0)
    turn.cancel()
    assert await running
    assert engine.cancelled == [turn.tag]


async def test_a_caller_that_is_cancelled_takes_its_statement_along(turn: Turn, engine: Cancelling) -> None:
    running = asyncio.create_task(turn.do(lambda _: waits_for(engine.told)))
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert engine.cancelled == [turn.tag]


async def test_an_answer_that_waits_for_its_reader_is_ended_without_a_kill(
    turn: Turn, engine: Cancelling
) -> None:
    endless: Any = Endless()
    blocks = Blocks(turn, [], endless)
    assert await blocks.next() == b"block"
    turn.cancel()
    with pytest.raises(QueryError, match="QUERY_WAS_CANCELLED"):
        await blocks.next()
    await blocks.stop()
    assert endless.closed
    assert engine.cancelled == []
