"""One reading for all who see a session, over a store in memory."""

import asyncio
from typing import Any, cast

import pytest

from query_api.live.arrival import BEFORE_ALL, Arrival
from query_api.live.viewer import Completed, Ending, Viewer
from query_api.live.watch import Watch
from query_api.problems import Refusal
from tests.query_api.live.stored import KEY, PARTITION, Store

HOUR_MS = 3_600_000


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def watch(store: Store) -> Watch:
    """It looks when the test says so."""
    return Watch(cast(Any, store), poll_ms=HOUR_MS, read_bytes=12, now=lambda: 5_000)


def offsets(viewer: Viewer) -> list[int]:
    found = []
    while (told := viewer.take()) is not None:
        found.append(told[0].offset)
    return found


async def test_everybody_is_told_what_arrives_with_one_reading(store: Store, watch: Watch) -> None:
    viewers = [Viewer(10_000) for _ in range(200)]
    assert all(watch.join(viewer, KEY, BEFORE_ALL) for viewer in viewers)
    await watch.look()
    store.asked.clear()
    for offset in (5, 6, 7):
        store.arrive(offset)

    await watch.look()
    await watch.look()
    await watch.look()

    assert all(offsets(viewer) == [5, 6, 7] for viewer in viewers)
    assert store.asked == ["news", "next", "news", "news"]
    await watch.close()


async def test_all_viewers_are_told_the_same_bytes(store: Store, watch: Watch) -> None:
    viewers = [Viewer(10_000) for _ in range(3)]
    for viewer in viewers:
        watch.join(viewer, KEY, BEFORE_ALL)
    store.arrive(1)
    await watch.look()

    told = [viewer.take() for viewer in viewers]

    assert len({id(each[1]) for each in told if each is not None}) == 1
    await watch.close()


async def test_more_than_one_reading_holds_is_read_in_several(store: Store, watch: Watch) -> None:
    viewer = Viewer(10_000)
    watch.join(viewer, KEY, BEFORE_ALL)
    for offset in range(10):
        store.arrive(offset, "xx")

    await watch.look()

    assert offsets(viewer) == list(range(10))
    await watch.close()


async def test_who_is_behind_the_others_has_to_read_first(store: Store, watch: Watch) -> None:
    watch.join(Viewer(10_000), KEY, BEFORE_ALL)
    store.arrive(5)
    await watch.look()
    late = Viewer(10_000)

    assert not watch.join(late, KEY, Arrival(PARTITION, 4))
    assert watch.join(late, KEY, Arrival(PARTITION, 5))
    assert offsets(late) == []
    await watch.close()


async def test_one_that_falls_behind_does_not_hold_up_the_others(store: Store, watch: Watch) -> None:
    slow, quick = Viewer(1), Viewer(10_000)
    for viewer in (slow, quick):
        watch.join(viewer, KEY, BEFORE_ALL)
    store.arrive(1)
    store.arrive(2)

    await watch.look()

    assert (offsets(slow), slow.ending) == ([], Ending.FELL_BEHIND)
    assert (offsets(quick), quick.ending) == ([1, 2], None)
    assert watch.join(slow, KEY, Arrival(PARTITION, 2))
    store.arrive(3)
    await watch.look()
    assert offsets(slow) == [3]
    await watch.close()


async def test_the_completion_comes_behind_all_that_arrived(store: Store, watch: Watch) -> None:
    viewer = Viewer(10_000)
    watch.join(viewer, KEY, BEFORE_ALL)
    store.arrive(1)
    store.complete(77)

    await watch.look()

    assert viewer.ending == Completed(77)
    assert offsets(viewer) == [1]
    store.asked.clear()
    await watch.look()
    assert "next" not in store.asked, "nobody sees it any more"
    await watch.close()


async def test_a_session_that_is_gone_ends(store: Store, watch: Watch) -> None:
    viewer = Viewer(10_000)
    watch.join(viewer, KEY, BEFORE_ALL)
    store.there = False
    await watch.look()
    assert viewer.ending is Ending.GONE
    await watch.close()


async def test_while_the_store_is_away_nobody_is_ended_and_then_nothing_is_lost(
    store: Store, watch: Watch
) -> None:
    viewer = Viewer(10_000)
    watch.join(viewer, KEY, BEFORE_ALL)
    store.arrive(1)
    store.away = True
    with pytest.raises(Refusal):
        await watch.look()
    assert viewer.ending is None

    store.away = False
    await watch.look()
    assert offsets(viewer) == [1]
    await watch.close()


async def test_it_looks_by_itself_while_there_is_a_viewer(store: Store) -> None:
    watch = Watch(cast(Any, store), poll_ms=1, read_bytes=4)
    viewer = Viewer(10_000)
    watch.join(viewer, KEY, BEFORE_ALL)
    store.arrive(1)
    await viewer.changed()
    assert offsets(viewer) == [1]

    watch.leave(viewer, KEY)
    looking = watch._looking
    assert looking is not None
    await looking
    asked = len(store.asked)
    await asyncio.sleep(0)
    assert len(store.asked) == asked

    store.arrive(2)
    watch.join(viewer, KEY, Arrival(PARTITION, 1))
    await viewer.changed()
    assert offsets(viewer) == [2]
    await watch.close()


async def test_a_looking_that_breaks_ends_its_viewers_and_the_next_one_looks_again(store: Store) -> None:
    watch = Watch(cast(Any, store), poll_ms=1, read_bytes=4)
    viewer = Viewer(10_000)
    whole = store.news
    store.news = None  # type: ignore[assignment,method-assign]
    watch.join(viewer, KEY, BEFORE_ALL)
    await viewer.changed()
    assert viewer.ending is Ending.STOPPED

    store.news = whole  # type: ignore[method-assign]
    store.arrive(1)
    watch.join(viewer, KEY, BEFORE_ALL)
    await viewer.changed()
    assert offsets(viewer) == [1]
    await watch.close()


async def test_a_stop_ends_everybody_and_lets_nobody_in(watch: Watch) -> None:
    before, after = Viewer(10), Viewer(10)
    watch.join(before, KEY, BEFORE_ALL)
    watch.stop()
    watch.join(after, KEY, BEFORE_ALL)
    assert before.ending is after.ending is Ending.STOPPED
    await watch.close()
