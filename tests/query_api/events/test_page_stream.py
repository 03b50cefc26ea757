"""What an answer of events does when its store, or its reader, fails in the middle."""

import asyncio
from typing import Any, cast

import pytest
from starlette.requests import ClientDisconnect
from starlette.types import Message, Scope

from query_api import metrics
from query_api.events.ahead import Start
from query_api.events.answer import EventsResponse
from query_api.events.bounds import EVERYTHING
from query_api.events.forms import JSON, ArrayForm
from query_api.events.service import Asked, EventService, PageStream, Window
from query_api.export.service import ExportService, ExportStream
from query_api.problems import Refusal
from query_api.sessions.repository import RecordedSessionRow
from tests.query_api.events.memory_store import MemoryStore
from tests.query_api.seeds import batch, event

SCOPE: Scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "asgi": {"spec_version": "2.4"}}


class _Session:
    connection_id, session_id = "shop", "019abf3c-5d80-7c3e-9f21-6b8d0e4a7c55"


ASKED = Asked(Window(cast(RecordedSessionRow, _Session()), "w"), EVERYTHING, None)


async def page_of(store: MemoryStore, limit_bytes: int = 1_000_000) -> PageStream:
    service = EventService(cast(Any, None), cast(Any, store))
    return await service.page(ASKED, Start(None), limit_bytes)


async def export_of(store: MemoryStore, page_bytes: int) -> ExportStream:
    service = EventService(cast(Any, None), cast(Any, store))
    return await ExportService(service, html_max_bytes=0).stream(ASKED, ArrayForm(), page_bytes)


BIG = [batch(event(at, "x" * 100_000), seq=at) for at in range(6)]


async def send_page(page: PageStream | ExportStream, send: Any, stall_timeout_ms: int = 10_000) -> None:
    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    await EventsResponse(page, {}, JSON, stall_timeout_ms)(SCOPE, receive, send)


async def test_a_store_that_is_down_is_a_refusal_before_anything_is_sent() -> None:
    store = MemoryStore(*BIG, fails_after=0)

    with pytest.raises(Refusal):
        await page_of(store)

    assert store.open_queries == 0


async def test_a_store_that_fails_in_the_middle_breaks_the_answer_off_and_is_counted() -> None:
    store, sent = MemoryStore(*BIG, fails_after=3), []
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
    store = MemoryStore(*BIG)
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
    store = MemoryStore(*BIG)

    async def send(message: Message) -> None:
        raise OSError("the client is gone")

    with pytest.raises(ClientDisconnect):
        await send_page(await page_of(store), send)

    assert store.open_queries == 0


async def test_a_page_that_is_full_ends_the_query_without_reading_on() -> None:
    store = MemoryStore(*BIG, fails_after=3)
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await send_page(await page_of(store, limit_bytes=150_000), send)

    assert sent[-1].get("more_body") is False
    assert store.open_queries == 0


async def test_small_batches_are_sent_together() -> None:
    store, bodies = MemoryStore(*(batch(event(at), seq=at) for at in range(500))), []

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body" and message["body"]:
            bodies.append(message["body"])

    await send_page(await page_of(store), send)

    assert len(bodies) == 1
    assert b"".join(bodies) == b'{"events":[' + b",".join(map(event, range(500))) + b'],"next_cursor":null}'


async def test_an_export_that_fails_on_a_later_page_is_broken_off_and_its_query_ended() -> None:
    store, sent = MemoryStore(*BIG, fails_after=5), []

    async def send(message: Message) -> None:
        sent.append(message)

    with pytest.raises(Refusal):
        await send_page(await export_of(store, page_bytes=1), send)

    assert len(sent) > 1, "it had begun"
    assert sent[-1].get("more_body") is True, "an end would make half an export look whole"
    assert store.open_queries == 0


async def test_an_export_has_one_query_open_at_a_time_and_none_at_its_end() -> None:
    store, most, text = MemoryStore(*BIG), 0, b""

    async def send(message: Message) -> None:
        nonlocal most, text
        most = max(most, store.open_queries)
        text += message.get("body", b"")

    await send_page(await export_of(store, page_bytes=150_000), send)

    assert text == b"[" + b",".join(each.payload for each in BIG) + b"]"
    assert most == 1
    assert store.open_queries == 0
