"""Rule 10: a session is replayable once some window has a Meta followed by a FullSnapshot."""

from hypothesis import given
from hypothesis import strategies as st

from tests.builders.batches import DAY, MINUTE, SECOND, T0, a_batch
from tests.builders.events import a_batch_of, a_click, a_full_snapshot, a_meta
from tests.sessionizer.core.random_logs import thorough
from tests.sessionizer.core.world import World


def test_meta_then_full_snapshot_is_playable_from_the_snapshot() -> None:
    world = World()
    world.feed(a_batch_of([a_meta(T0), a_full_snapshot(T0 + 5), a_click(T0 + 9)]))
    assert world.only.replayable
    assert world.only.windows[0].playable_at == T0 + 5


def test_neither_alone_is_playable_nor_a_snapshot_before_the_meta() -> None:
    for events in ([a_meta(T0)], [a_full_snapshot(T0)], [a_full_snapshot(T0), a_meta(T0 + 1)]):
        world = World()
        world.feed(a_batch_of(events))
        assert (world.only.replayable, world.only.windows[0].playable_at) == (False, None)


def test_in_one_millisecond_the_meta_counts_as_first() -> None:
    world = World()
    world.feed(a_batch_of([a_meta(T0), a_full_snapshot(T0)]))
    assert world.only.windows[0].playable_at == T0


def test_an_earlier_meta_that_arrives_later_makes_the_snapshot_before_playable() -> None:
    world = World()
    world.feed(a_batch_of([a_full_snapshot(T0 + 5)], seq=1))
    world.feed(a_batch_of([a_meta(T0 + MINUTE), a_full_snapshot(T0 + MINUTE + 5)], seq=2))
    assert world.only.windows[0].playable_at == T0 + MINUTE + 5
    world.feed(a_batch_of([a_meta(T0)], seq=0, received_at=T0 + 2 * MINUTE, sent_at=T0 + 2 * MINUTE))
    assert world.only.windows[0].playable_at == T0 + 5


def test_a_snapshot_of_one_window_does_not_follow_the_meta_of_another() -> None:
    world = World()
    world.feed(a_batch_of([a_meta(T0)], window="w1"), a_batch_of([a_full_snapshot(T0 + 5)], window="w2"))
    assert not world.only.replayable


def test_it_is_told_on_the_visitors_own_clock() -> None:
    world = World()
    events = [a_meta(T0 - DAY), a_full_snapshot(T0 - DAY + 5)]
    world.feed(a_batch_of(events, received_at=T0 + 7, sent_at=T0 - DAY + 7))
    (window,) = world.only.windows
    assert (window.playable_at, window.skew_ms) == (T0 - DAY + 5, DAY)


Kinds = list[tuple[str, int]]


@thorough
@given(
    st.lists(st.tuples(st.sampled_from(["meta", "snapshot"]), st.integers(0, 9)), max_size=9).flatmap(
        st.permutations
    )
)
def test_it_is_exact_in_any_order_of_arrival(events: Kinds) -> None:
    world = World()
    world.feed(a_batch(T0 + 20 * SECOND, seq=99))
    for seq, (kind, second) in enumerate(events):
        at = T0 + second * SECOND
        event = a_meta(at) if kind == "meta" else a_full_snapshot(at)
        world.feed(a_batch_of([event], seq=seq, received_at=T0 + 20 * SECOND, sent_at=T0 + 20 * SECOND))
    metas = [at for kind, at in events if kind == "meta"]
    playable = [at for kind, at in events if kind == "snapshot" and metas and at >= min(metas)]
    expected = T0 + min(playable) * SECOND if playable else None
    assert world.only.windows[0].playable_at == expected


def test_of_many_snapshots_without_a_meta_the_last_is_kept_so_a_late_meta_still_finds_one() -> None:
    world = World()
    for seq in range(1, 41):
        world.feed(a_batch_of([a_full_snapshot(T0 + seq * SECOND)], seq=seq))
    world.feed(a_batch_of([a_meta(T0 + 30 * SECOND)], seq=0, received_at=T0 + MINUTE))
    assert world.only.windows[0].playable_at == T0 + 40 * SECOND
    assert len(world.shard.visitors[b"shop/ann"]) < 600
