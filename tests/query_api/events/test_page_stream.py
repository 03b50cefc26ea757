"""What a page of events does when its store, or its reader, fails in the middle."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
from starlette.requests import ClientDisconnect
from starlette.types import Message, Scope

from query_api import metrics
from query_api.events.endpoints import PageResponse
from query_api.events.order import Batch
from query_api.events.service import EventService, PageStream, Window
from query_api.problems import Reason, Refusal
from query_api.sessions.repository import SessionWithWindowsRow
from tests.query_api.seeds import batch, event

SCOPE: Scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "asgi": {"spec_version": "2.4"}}


class Store:
    """Gives batches, then fails where told to; remembers whether its query is still open."""

    def __init__(self, *batches: Batch, fails_after: int | None = None) -> None:
        self._batches = batches
        self._fails_after = fails_after
        self.open_queries = 0

    @asynccontextmanager
    async def batches(self, **_: object) -> AsyncIterator[AsyncIterator[Batch]]:
        self.open_queries += 1
        try:
            yield self._rows()
        finally:
            self.open_queries -= 1

    async def _rows(self) -> AsyncIterator[Batch]:
        for number, each in enumerate(self._batches):
            if number == self._fails_after:
                raise Refusal(Reason.CLICKHOUSE_UNAVAILABLE)
            yield each


class _Session:
    connection_id, session_id = "shop", "019abf3c-5d80-7c3e-9f21-6b8d0e4a7c55"


async def page_of(store: Store, limit_bytes: int = 1_000_000) -> PageStream:
    service = EventService(cast(Any, None), cast(Any, store))
    return await service.page(Window(cast(SessionWithWindowsRow, _Session()), "w"), None, limit_bytes)


BIG = [batch(event(at, "x" * 100_000), seq=at) for at in range(6)]


async def send_page(page: PageStream, send: Any, stall_timeout_ms: int = 10_000) -> None:
    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    await PageResponse(page, {}, stall_timeout_ms)(SCOPE, receive, send)


async def test_a_store_that_is_down_is_a_refusal_before_anything_is_sent() -> None:
    store = Store(*BIG, fails_after=0)

    with pytest.raises(Refusal):
        await page_of(store)

    assert store.open_queries == 0


async def test_a_store_that_fails_in_the_middle_breaks_the_answer_off_and_is_counted() -> None:
    store, sent = Store(*BIG, fails_after=3), []
    broken = metrics.EVENT_PAGES_BROKEN.labels("clickhouse_unavailable")._value
    before = broken.get()

    async def send(message: Message) -> None:
        sent.append(message)

    with pytest.raises(Refusal):
        await send_page(await page_of(store), send)

    assert sent[-1].get("more_body") is True, "an end would make half a page look whole"
    assert broken.get() == before + 1
    assert store.open_queries == 0


async def test_a_reader_that_takes_nothing_is_cut_off_and_its_query_ended() -> None:
    store = Store(*BIG)
    stalled = metrics.EVENT_PAGES_BROKEN.labels("client_stalled")._value
    before = stalled.get()

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    with pytest.raises(ClientDisconnect):
        await send_page(await page_of(store), send, stall_timeout_ms=100)

    assert stalled.get() == before + 1
    assert store.open_queries == 0


async def test_a_reader_that_goes_ends_the_query() -> None:
    store = Store(*BIG)

    async def send(message: Message) -> None:
        raise OSError("the client is gone")

    with pytest.raises(ClientDisconnect):
        await send_page(await page_of(store), send)

    assert store.open_queries == 0


async def test_a_page_that_is_full_ends_the_query_without_reading_on() -> None:
    store = Store(*BIG, fails_after=3)
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await send_page(await page_of(store, limit_bytes=150_000), send)

    assert sent[-1].get("more_body") is False
    assert store.open_queries == 0


async def test_small_batches_are_sent_together() -> None:
    store, bodies = Store(*(batch(event(at), seq=at) for at in range(500))), []

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body" and message["body"]:
            bodies.append(message["body"])

    await send_page(await page_of(store), send)

    assert len(bodies) == 1
    assert b"".join(bodies) == b'{"events":[' + b",".join(map(event, range(500))) + b'],"next_cursor":null}'
