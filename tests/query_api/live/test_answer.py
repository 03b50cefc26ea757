"""A live stream over HTTP: who takes nothing is cut off and counted, and nothing more is read for them."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.requests import ClientDisconnect
from starlette.types import Message, Scope

from query_api import metrics
from query_api.live.answer import LiveResponse

SCOPE: Scope = {"type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}, "headers": []}


class Pieces:
    """Ever more of them, or so many."""

    def __init__(self, most: int | None = None) -> None:
        self.most, self.given, self.closed = most, 0, 0

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        await asyncio.sleep(0)
        if self.given == self.most:
            raise StopAsyncIteration
        self.given += 1
        return b"data\n\n"

    async def aclose(self) -> None:
        self.closed += 1


async def never() -> Message:
    await asyncio.Event().wait()
    raise AssertionError


async def answered(pieces: Pieces, taken: int | None) -> list[Message]:
    """What was sent to a viewer who takes so many pieces, or all."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        if taken is not None and len(sent) > taken:
            await never()
        sent.append(message)

    await LiveResponse(pieces, 100)(SCOPE, never, send)  # type: ignore[arg-type]
    return sent


async def test_who_takes_nothing_is_cut_off_and_counted() -> None:
    stalled = metrics.LIVE_STALLED._value
    before = stalled.get()
    pieces = Pieces()

    with pytest.raises(ClientDisconnect):
        await answered(pieces, taken=2)

    assert stalled.get() == before + 1
    assert (pieces.given, pieces.closed) == (3, 1)


async def test_who_takes_all_is_not() -> None:
    before = metrics.LIVE_STALLED._value.get()
    pieces = Pieces(most=3)

    sent = await answered(pieces, taken=None)

    assert b"".join(message.get("body", b"") for message in sent) == 3 * b"data\n\n"
    assert sent[-1]["more_body"] is False
    assert metrics.LIVE_STALLED._value.get() == before
    assert pieces.closed == 1


async def test_nothing_on_the_way_keeps_it() -> None:
    start, *_ = await answered(Pieces(most=0), taken=None)
    assert (b"cache-control", b"no-store") in start["headers"]
    assert (b"x-accel-buffering", b"no") in start["headers"]
