"""A page that is read while its session is looked up: sooner, and otherwise as if nothing had been begun."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest

from query_api.events.ahead import AT_ONCE, Ahead, Room, Stretch
from query_api.events.bounds import EVERYTHING, Bounds
from query_api.events.repository import WindowKey
from query_api.events.service import EventService, PageStream
from query_api.problems import Reason, Refusal
from tests.query_api.events.memory_store import MemoryStore
from tests.query_api.events.test_service import Session
from tests.query_api.kinds import FULL_SNAPSHOT, META
from tests.query_api.seeds import batch, event

FOUND = Session([0])
BATCHES = [
    batch(event(0, "meta", META), event(1, "snapshot", FULL_SNAPSHOT), seq=0),
    batch(event(2), seq=1),
    batch(event(3, "later meta", META), event(4, "later", FULL_SNAPSHOT), seq=2),
]


class Sessions:
    """Knows where every session is; `look_up` says whether it is there."""

    def __init__(self, look_up: Callable[[], Awaitable[Session]]) -> None:
        self._look_up = look_up

    def connection_of(self, tenant: str, session_id: str) -> str:
        return FOUND.connection_id

    async def recorded(self, tenant: str, session_id: str) -> Session:
        return await self._look_up()


async def there() -> Session:
    return FOUND


async def not_there() -> Session:
    # As from a store: by then what was begun beside it has begun.
    await asyncio.sleep(0)
    raise Refusal(Reason.UNKNOWN_SESSION)


def service_of(store: MemoryStore, look_up: Callable[[], Awaitable[Session]] = there) -> EventService:
    return EventService(cast(Any, Sessions(look_up)), cast(Any, store))


async def page_of(
    service: EventService, bounds: Bounds = EVERYTHING, session_id: str = FOUND.session_id
) -> PageStream:
    """As the endpoint does it."""
    async with service.ahead("demo", session_id, "w", bounds, None) as ahead:
        window = await service.window("demo", session_id, "w")
        asked = service.asked(window, bounds)
        return await service.page(asked, await service.start(asked, ahead), 1_000_000, ahead)


async def text_of(page: PageStream) -> bytes:
    try:
        return b"".join([piece async for piece in page])
    finally:
        await page.aclose()


def events_of(*texts: bytes) -> bytes:
    return b'{"events":[' + b",".join(texts) + b'],"next_cursor":null}'


@pytest.mark.parametrize("bounds", [EVERYTHING, Bounds(at=2), Bounds(at=9, to_at=10)])
async def test_the_first_batch_is_there_before_the_session_is(bounds: Bounds) -> None:
    store = MemoryStore(*BATCHES)

    async def when_read() -> Session:
        async with asyncio.timeout(60):
            while not store.payloads_given:
                await asyncio.sleep(0)
        return FOUND

    page = await page_of(service_of(store, when_read), bounds)

    assert store.queries_of_batches == 1, "it was not read a second time"
    assert b'"type": 2' in await text_of(page)
    assert store.open_queries == 0


@pytest.mark.parametrize("bounds", [EVERYTHING, Bounds(at=2), Bounds(at=9)])
async def test_of_a_session_that_is_not_there_nothing_comes_and_the_query_is_ended(bounds: Bounds) -> None:
    store = MemoryStore(*BATCHES)

    with pytest.raises(Refusal) as refused:
        await page_of(service_of(store, not_there), bounds)

    assert refused.value.reason is Reason.UNKNOWN_SESSION
    assert store.open_queries == 0


async def test_a_query_that_is_still_being_opened_is_ended_too() -> None:
    store = MemoryStore(*BATCHES, opens=asyncio.Event())

    with pytest.raises(Refusal):
        await page_of(service_of(store, not_there))

    assert store.open_queries == 0


async def test_what_failed_ahead_is_not_told_of_a_session_that_is_not_there() -> None:
    with pytest.raises(Refusal) as refused:
        await page_of(service_of(MemoryStore(*BATCHES, fails_after=0), not_there))

    assert refused.value.reason is Reason.UNKNOWN_SESSION


async def test_what_failed_ahead_is_a_refusal_of_a_session_that_is_there() -> None:
    with pytest.raises(Refusal) as refused:
        await page_of(service_of(MemoryStore(*BATCHES, fails_after=0)))

    assert refused.value.reason is Reason.CLICKHOUSE_UNAVAILABLE


async def test_a_snapshot_before_the_window_plays_is_not_where_it_begins() -> None:
    """Ahead it is not known since when it plays: a snapshot without a Meta event is no beginning."""
    first = event(0, "no meta came before", FULL_SNAPSHOT)
    store = MemoryStore(batch(first, seq=0), BATCHES[2])

    async def plays_later() -> Session:
        return Session([4])

    page = await page_of(service_of(store, plays_later), Bounds(at=2))

    assert await text_of(page) == events_of(event(3, "later meta", META), event(4, "later", FULL_SNAPSHOT))
    assert store.open_queries == 0


async def test_what_was_read_of_another_stretch_is_not_taken() -> None:
    store = MemoryStore(*BATCHES)
    window = WindowKey("shop", FOUND.session_id, "w")
    whole, rest = Stretch(window, None, None), Stretch(window, BATCHES[0].end, None)

    async with Ahead(cast(Any, store), Room()) as ahead:
        ahead.read(rest)
        taken = await ahead.take(whole)

    assert taken is None
    assert store.open_queries == 0


async def test_no_more_than_so_many_are_read_ahead_and_the_others_read_behind() -> None:
    store = MemoryStore(*BATCHES)
    looked_up = asyncio.Event()

    async def late() -> Session:
        await looked_up.wait()
        return FOUND

    service = service_of(store, late)
    calls = [asyncio.create_task(page_of(service)) for _ in range(AT_ONCE + 3)]
    for _ in range(20):
        await asyncio.sleep(0)
    ahead = store.open_queries
    looked_up.set()
    texts = [await text_of(page) for page in await asyncio.gather(*calls)]

    assert ahead == AT_ONCE
    assert set(texts) == {events_of(*(each.payload for each in BATCHES))}
    assert store.open_queries == 0
    again = await page_of(service)
    assert service._room.left == AT_ONCE, "all have given their room back"
    await again.aclose()


async def test_a_reader_who_goes_while_the_session_is_looked_up_leaves_no_query_open() -> None:
    store = MemoryStore(*BATCHES)

    async def never() -> Session:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    call = asyncio.create_task(page_of(service_of(store, never)))
    while not store.open_queries:
        await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call

    assert store.open_queries == 0
