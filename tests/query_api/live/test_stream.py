"""One viewer's stream over a store in memory: what is stored, what is told, and from one to the other."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from query_api.live.arrival import BEFORE_ALL, Arrival
from query_api.live.repository import EVERYTHING
from query_api.live.stream import Limits, LiveStream
from query_api.live.viewer import Viewer
from query_api.live.watch import Watch
from tests.query_api.live.sse import Message, Reader
from tests.query_api.live.stored import KEY, PARTITION, Store

HOUR_MS = 3_600_000


async def no_meta(window_id: str, at: int) -> bytes:
    return b""


async def opened(
    store: Store,
    watch: Watch,
    *,
    last: Arrival = BEFORE_ALL,
    buffer_bytes: int = 10_000,
    read_bytes: int = 4,
    heartbeat_ms: int = HOUR_MS,
    longest_ms: int = HOUR_MS,
    left: Callable[[], None] = lambda: None,
) -> LiveStream:
    return LiveStream(
        repository=cast(Any, store),
        watch=watch,
        key=KEY,
        viewer=Viewer(buffer_bytes),
        last=last,
        beginning=EVERYTHING,
        first=await store.next(KEY, last, EVERYTHING, read_bytes),
        completed_at=store.completed_at,
        meta_before=no_meta,
        limits=Limits(read_bytes, heartbeat_ms, longest_ms),
        left=left,
    )


@asynccontextmanager
async def watching(store: Store) -> AsyncIterator[Watch]:
    """It looks all the time."""
    watch = Watch(cast(Any, store), poll_ms=0, read_bytes=4)
    try:
        yield watch
    finally:
        await watch.close()


class Seen:
    """What a viewer has read of a stream."""

    def __init__(self, stream: LiveStream) -> None:
        self._pieces = aiter(stream)
        self.reader = Reader()
        self.messages: list[Message] = []

    async def take(self) -> bool:
        """False at the end."""
        piece = await anext(self._pieces, None)
        if piece is None:
            return False
        self.messages += self.reader.feed(piece)
        return True

    async def until(self, offset: int) -> None:
        while not self.offsets or self.offsets[-1] < offset:
            assert await self.take()

    async def to_the_end(self) -> None:
        while await self.take():
            pass

    @property
    def offsets(self) -> list[int]:
        return [each.offset for each in self.messages if each.event == "batch"]


async def test_first_what_is_stored_then_what_arrives_then_the_completion() -> None:
    store = Store()
    for offset in (3, 4, 9):
        store.arrive(offset)
    async with watching(store) as watch:
        seen = Seen(await opened(store, watch))
        await seen.until(9)
        store.arrive(12)
        await seen.until(12)
        store.complete(99)
        await seen.to_the_end()

    assert seen.offsets == [3, 4, 9, 12]
    assert [each.event for each in seen.messages] == [*["batch"] * 4, "completed"]
    assert seen.messages[-1].data == {"completed_at": 99}
    assert seen.reader.retry_ms == 2_000


async def test_a_completed_session_gives_what_is_stored_and_that_it_is_completed_without_a_look() -> None:
    store = Store()
    for offset in range(5):
        store.arrive(offset)
    store.complete(5)
    async with watching(store) as watch:
        seen = Seen(await opened(store, watch))
        await seen.to_the_end()

    assert seen.offsets == [0, 1, 2, 3, 4]
    assert seen.messages[-1].event == "completed"
    assert "news" not in store.asked


async def test_a_slow_viewer_is_let_go_reads_what_is_stored_and_is_told_again() -> None:
    store = Store()
    async with watching(store) as watch:
        stream = await opened(store, watch, buffer_bytes=1)
        seen = Seen(stream)
        store.arrive(0)
        await seen.until(0)
        for offset in range(1, 30):
            store.arrive(offset)
        while not stream._viewer.ending:
            await asyncio.sleep(0)
        await seen.until(29)
        store.arrive(30)
        await seen.until(30)

    assert seen.offsets == list(range(31))


async def test_what_arrives_between_reading_and_joining_is_neither_lost_nor_doubled() -> None:
    store = Store()
    store.arrive(0)
    async with watching(store) as watch:
        first, second = Seen(await opened(store, watch)), Seen(await opened(store, watch))
        await first.until(0)
        # The second has been given its first page, and has not looked at it when these are told to the first.
        store.arrive(1)
        await first.until(1)
        store.arrive(2)
        await first.until(2)
        await second.until(2)
        store.complete(1)
        await first.to_the_end()
        await second.to_the_end()

    assert first.offsets == second.offsets == [0, 1, 2]


async def test_one_that_is_ahead_of_the_others_is_not_told_again() -> None:
    store = Store()
    store.arrive(0)
    # It looks when the test says so.
    watch = Watch(cast(Any, store), poll_ms=HOUR_MS, read_bytes=100)
    first = Seen(await opened(store, watch, read_bytes=100))
    await first.until(0)
    joining = asyncio.create_task(first.take())
    while not watch._followed:
        await asyncio.sleep(0)
    await watch.look()
    store.arrive(1)
    second = Seen(await opened(store, watch, read_bytes=100))
    await second.until(1)
    also_joining = asyncio.create_task(second.take())
    while len(watch._followed[KEY].viewers) < 2:
        await asyncio.sleep(0)

    await watch.look()
    store.arrive(2)
    await watch.look()
    await asyncio.gather(joining, also_joining)
    for seen in (first, second):
        await seen.until(2)
    await watch.close()

    assert first.offsets == second.offsets == [0, 1, 2]


async def test_a_heartbeat_while_nothing_happens() -> None:
    store = Store()
    async with watching(store) as watch:
        seen = Seen(await opened(store, watch, heartbeat_ms=1))
        while seen.reader.heartbeats < 3:
            await seen.take()
    assert seen.offsets == []


async def test_it_ends_after_its_longest_time_and_can_be_resumed() -> None:
    store = Store()
    async with watching(store) as watch:
        seen = Seen(await opened(store, watch, longest_ms=1))
        await seen.to_the_end()
    assert "completed" not in [each.event for each in seen.messages]


async def test_a_stop_ends_it_without_a_completion() -> None:
    store = Store()
    async with watching(store) as watch:
        seen = Seen(await opened(store, watch))
        store.arrive(0)
        await seen.until(0)
        watch.stop()
        await seen.to_the_end()
    assert [each.event for each in seen.messages] == ["batch"]


async def test_a_stop_ends_one_that_still_reads_what_is_stored() -> None:
    store = Store()
    for offset in range(100):
        store.arrive(offset)
    async with watching(store) as watch:
        seen = Seen(await opened(store, watch))
        await seen.until(3)
        watch.stop()
        await seen.to_the_end()
    assert len(seen.offsets) < 10


async def test_while_the_store_is_away_there_are_heartbeats_and_then_it_goes_on() -> None:
    store = Store()
    for offset in range(9):
        store.arrive(offset)
    async with watching(store) as watch:
        seen = Seen(await opened(store, watch, heartbeat_ms=1))
        await seen.until(0)
        store.away = True
        while seen.reader.heartbeats < 3:
            await seen.take()
        store.away = False
        await seen.until(8)

    assert seen.offsets == list(range(9))


async def test_a_large_message_is_handed_on_in_pieces() -> None:
    store = Store()
    store.arrive(0, "x" * 300_000)
    async with watching(store) as watch:
        sizes = []
        async for piece in await opened(store, watch, longest_ms=HOUR_MS):
            sizes.append(len(piece))
            if sum(sizes) > 300_000:
                watch.stop()
    assert max(sizes) == 64 * 1024


async def test_closing_it_lets_its_place_go_once() -> None:
    store, left = Store(), []
    async with watching(store) as watch:
        stream = await opened(store, watch, left=lambda: left.append(1))
        seen = Seen(stream)
        store.arrive(0)
        await seen.until(0)
        await stream.aclose()
        await stream.aclose()
        assert watch._followed == {}
    assert left == [1]


@hypothesis_settings(max_examples=60)
@given(
    steps=st.lists(st.sampled_from(["arrive", "take", "burst", "away", "back", "look"]), max_size=40),
    buffer_bytes=st.integers(1, 2_000),
    read_bytes=st.integers(1, 20),
    stored=st.integers(0, 8),
)
def test_whoever_is_how_slow_each_batch_comes_once_and_in_order(
    steps: list[str], buffer_bytes: int, read_bytes: int, stored: int
) -> None:
    async def run() -> None:
        store = Store()
        for offset in range(stored):
            store.arrive(offset)
        async with watching(store) as watch:
            seen = Seen(
                await opened(store, watch, buffer_bytes=buffer_bytes, read_bytes=read_bytes, heartbeat_ms=1)
            )
            for step in steps:
                match step:
                    case "arrive":
                        store.arrive(len(store.batches), "xyz")
                    case "burst":
                        for _ in range(7):
                            store.arrive(len(store.batches), "xyz" * 9)
                    case "take":
                        await seen.take()
                    case "away" | "back":
                        store.away = step == "away"
                    case "look":
                        for _ in range(5):
                            await asyncio.sleep(0)
            store.away = False
            store.complete(1)
            await seen.to_the_end()
        assert seen.offsets == list(range(len(store.batches)))
        assert seen.messages[-1].event == "completed"

    asyncio.run(run())


@pytest.mark.parametrize("resumed_at", range(6))
async def test_resumed_at_any_batch_it_gives_exactly_the_rest(resumed_at: int) -> None:
    store = Store()
    for offset in range(6):
        store.arrive(offset)
    store.complete(1)
    async with watching(store) as watch:
        seen = Seen(await opened(store, watch, last=Arrival(PARTITION, resumed_at)))
        await seen.to_the_end()
    assert seen.offsets == list(range(resumed_at + 1, 6))
