"""Rule 7: missing seqs of a window are known and reported, and close when the batch arrives."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessionizer.core import seqs
from tests.builders.batches import HOUR, MINUTE, SECOND, T0, a_batch
from tests.sessionizer.core.random_logs import thorough
from tests.sessionizer.core.world import World


def fed(numbers: Sequence[int]) -> World:
    world = World()
    for seq in numbers:
        world.feed(a_batch(T0 + seq * SECOND, seq=seq, delay_ms=MINUTE))
    return world


@pytest.mark.parametrize(
    ("numbers", "missing"),
    [
        ([0, 1, 2], ()),
        ([0, 3], (1, 2)),
        ([0, 3, 1], (2,)),
        ([0, 3, 2, 1], ()),
        ([3, 0], (1, 2)),
        ([2, 1, 0], ()),
        ([0, 2, 4, 6], (1, 3, 5)),
    ],
)
def test_missing_seqs_are_reported_and_close(numbers: list[int], missing: tuple[int, ...]) -> None:
    (window,) = fed(numbers).only.windows
    assert (window.missing_seqs, window.missing) == (missing, len(missing))


@thorough
@given(st.permutations(range(8)).flatmap(lambda order: st.integers(1, 8).map(lambda n: order[:n])))
def test_the_order_of_arrival_does_not_matter(numbers: list[int]) -> None:
    (window,) = fed(numbers).only.windows
    assert set(window.missing_seqs) == set(range(min(numbers), max(numbers))) - set(numbers)


def test_they_are_counted_when_found_and_when_they_arrive() -> None:
    world = fed([0, 5])
    assert world.last.counts.missing == 4
    world.feed(a_batch(T0, seq=2))
    assert (world.last.counts.missing, world.last.counts.arrived) == (0, 1)


def test_a_tab_that_wakes_after_all_was_forgotten_misses_nothing() -> None:
    """ADR 13: where a window began before anything is remembered of it, nobody can tell."""
    assert fed([57, 58]).only.windows[0].missing == 0


def test_a_window_goes_on_counting_in_the_visitors_next_session() -> None:
    world = World()
    world.feed(a_batch(T0, seq=0), a_batch(T0 + HOUR, seq=1))
    assert [session.windows[0].missing for session in world.sessions] == [0, 0]


def test_a_seq_that_the_next_session_misses_closes_there_though_it_belongs_to_the_first() -> None:
    world = World()
    world.feed(a_batch(T0, seq=0), a_batch(T0 + HOUR, seq=2))
    assert [session.windows[0].missing_seqs for session in world.sessions] == [(), (1,)]
    version = world.sessions[1].version
    world.feed(a_batch(T0 + MINUTE, seq=1, delay_ms=HOUR))
    first, second = world.sessions
    assert (first.batches, second.batches) == (2, 1)
    assert second.windows[0].missing == 0
    assert second.version == version + 1


def test_a_seq_far_ahead_costs_nothing_and_lists_a_hundred() -> None:
    world = World()
    world.feed(a_batch(T0, seq=0), a_batch(T0 + SECOND, seq=2**40))
    (window,) = world.only.windows
    assert window.missing == 2**40 - 1
    assert window.missing_seqs == tuple(range(1, 101))


def test_past_64_runs_the_lowest_are_only_counted() -> None:
    (window,) = fed([2 * n for n in range(200)]).only.windows
    assert window.missing == 199
    assert len(window.missing_seqs) == 64


@thorough
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 12))))
def test_runs_are_a_set(changes: list[tuple[bool, int]]) -> None:
    runs: list[int] = []
    expected: set[int] = set()
    for put, seq in changes:
        if put:
            seqs.add(runs, seq)
            expected.add(seq)
        else:
            assert seqs.remove(runs, seq) == (seq in expected)
            expected.discard(seq)
        assert [seq for seq in range(15) if seqs.contains(runs, seq)] == sorted(expected)
        assert runs == sorted(set(runs)), "runs that touch are one"
        assert seqs.count(runs) == len(expected)
        assert seqs.lowest(runs, 3) == tuple(sorted(expected)[:3])
