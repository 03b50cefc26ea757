"""Rule 6: a batch, or an event of a batch without seq, that was seen already."""

import pytest

from tests.builders.batches import HOUR, MINUTE, SECOND, T0, a_batch
from tests.sessionizer.core.world import World


def test_a_seq_seen_already_is_dropped_and_counted() -> None:
    world = World()
    world.feed(a_batch(T0, seq=0))
    before = world.only
    effects = world.feed(a_batch(T0, seq=0, delay_ms=5 * SECOND))
    assert (effects.assigned, effects.sessions, effects.counts.duplicate_batches) == ([], [], 1)
    assert world.only == before


def test_the_same_seq_of_another_window_or_visitor_is_another_batch() -> None:
    world = World()
    world.feed(a_batch(T0), a_batch(T0, window="w2"), a_batch(T0, visitor="bob"))
    assert world.last.counts.batches == 3


def test_a_seq_of_a_completed_session_is_still_known() -> None:
    world = World()
    world.feed(a_batch(T0, seq=0), a_batch(T0 + HOUR, seq=1))
    effects = world.feed(a_batch(T0, seq=0, delay_ms=HOUR))
    assert effects.counts.duplicate_batches == 1


def test_a_retry_from_another_clock_is_known_by_its_seq() -> None:
    """Its times would put it into another session; what was seen is asked first."""
    world = World()
    world.feed(a_batch(T0, seq=0), a_batch(T0 + HOUR, seq=1))
    assert world.feed(a_batch(T0 + 2 * HOUR, seq=0)).counts.duplicate_batches == 1


def test_without_seq_the_batch_id_tells() -> None:
    world = World()
    batch = a_batch(T0, seq=None)
    assert world.feed(batch, batch).counts.duplicate_batches == 1
    assert world.only.batches == 1


def test_events_of_earlier_batches_are_taken_out() -> None:
    world = World()
    world.feed(a_batch(T0, seq=None, hashes=[1, 2, 3]))
    world.feed(a_batch(T0 + SECOND, seq=None, hashes=[2, 9, 3, 8], raw_bytes=1_000))
    row = world.row(1)
    assert (row.taken_out, row.events, row.raw_bytes) == ((0, 2), 2, 500)
    assert (world.only.events, world.only.raw_bytes) == (5, 600)
    assert world.only.windows[0].events == 5
    assert world.last.counts.duplicate_events == 2


def test_equal_events_of_one_batch_are_distinct() -> None:
    world = World()
    world.feed(a_batch(T0, seq=None, hashes=[7, 7, 7]))
    assert (world.row(0).taken_out, world.only.events) == ((), 3)


def test_a_batch_of_which_nothing_is_left_is_dropped() -> None:
    world = World()
    world.feed(a_batch(T0, seq=None, hashes=[1, 2]), a_batch(T0, seq=None, hashes=[3]))
    effects = world.feed(a_batch(T0, seq=None, hashes=[3, 1]))
    assert (effects.assigned, effects.counts.duplicate_batches) == ([], 1)


def test_hashes_of_another_window_do_not_count() -> None:
    world = World()
    world.feed(a_batch(T0, seq=None, hashes=[1]), a_batch(T0, seq=None, window="w2", hashes=[1]))
    assert world.only.events == 2


def test_hashes_of_a_window_count_across_its_sessions() -> None:
    world = World()
    world.feed(a_batch(T0, seq=None, hashes=[1]), a_batch(T0 + HOUR, seq=None, hashes=[1, 2]))
    assert world.row(1).taken_out == (0,)


@pytest.mark.parametrize(("others", "taken_out"), [(4_095, (0,)), (4_096, ())])
def test_the_last_4096_events_of_a_window_are_remembered(others: int, taken_out: tuple[int, ...]) -> None:
    world = World()
    world.feed(a_batch(T0, seq=None, hashes=[10**9]))
    for at in range(0, others, 1_024):
        world.feed(a_batch(T0, seq=None, hashes=range(at, min(at + 1_024, others))))
    world.feed(a_batch(T0, seq=None, hashes=[10**9, 10**9 + 1]))
    assert world.row(world.next_offset - 1).taken_out == taken_out


def test_a_window_that_numbers_nothing_has_no_missing_seqs() -> None:
    world = World()
    world.feed(*(a_batch(T0 + at, seq=None, hashes=[at]) for at in range(5)))
    assert world.only.windows[0].missing == 0


def test_what_is_remembered_of_a_window_is_bounded() -> None:
    """Every second seq is lost, and every batch without seq is new."""
    world = World()
    for at in range(300):
        world.feed(a_batch(T0 + at * SECOND, seq=2 * at), a_batch(T0 + at * SECOND, window="w2", seq=None))
    assert len(world.shard.visitors[b"shop/ann"]) < 5_000


def test_past_64_runs_a_missing_seq_is_still_taken_and_a_known_one_still_dropped() -> None:
    world = World()
    world.feed(*(a_batch(T0 + at * SECOND, seq=2 * at) for at in range(66)))
    effects = world.feed(a_batch(T0, seq=0), a_batch(T0, seq=2), a_batch(T0 + MINUTE, seq=3))
    assert effects.counts.duplicate_batches == 2
    assert effects.counts.arrived == 1
    assert world.feed(a_batch(T0 + MINUTE, seq=3)).counts.duplicate_batches == 1
