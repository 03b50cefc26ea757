"""A time-out that costs nothing where nothing has to be waited for."""

import asyncio
from collections.abc import Coroutine, Generator
from typing import Any, Generic, TypeVar

T = TypeVar("T")


async def within(timeout_s: float, work: Coroutine[Any, Any, T]) -> T:
    """As `asyncio.timeout`, whose timer starts once the work waits for the first time.

    Raises:
        TimeoutError: it was not done in time, and is cancelled.
    """
    try:
        waits_for = work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    async with asyncio.timeout(timeout_s):
        return await _Rest(work, waits_for)


class _Rest(Generic[T]):
    """What is left of a coroutine that was begun by hand."""

    def __init__(self, work: Coroutine[Any, Any, T], waits_for: object):
        self._work = work
        self._waits_for = waits_for

    def __await__(self) -> Generator[Any, Any, T]:
        waits_for = self._waits_for
        try:
            while True:
                try:
                    came = yield waits_for
                except BaseException as error:  # noqa: BLE001 - also of its being cancelled it has to know
                    waits_for = self._work.throw(error)
                else:
                    waits_for = self._work.send(came)
        except StopIteration as done:
            result: T = done.value
            return result
