"""Rule 1: a batch belongs to the session whose span, widened by the gap on both sides, holds it."""

import pytest

from tests.builders.batches import HOUR, MINUTE, T0, a_batch
from tests.sessionizer.core.world import World

GAP = 30 * MINUTE


@pytest.mark.parametrize(("after_ms", "sessions"), [(GAP - 1, 1), (GAP, 2), (GAP + 1, 2)])
def test_exactly_the_gap_after_is_a_new_session(after_ms: int, sessions: int) -> None:
    world = World()
    world.feed(a_batch(T0, seq=0))
    world.feed(a_batch(T0 + after_ms, seq=1))
    assert len(world.sessions) == sessions


@pytest.mark.parametrize(("before_ms", "sessions"), [(GAP - 1, 1), (GAP, 2), (GAP + 1, 2)])
def test_exactly_the_gap_before_is_a_new_session(before_ms: int, sessions: int) -> None:
    world = World()
    world.feed(a_batch(T0, seq=1))
    world.feed(a_batch(T0 - before_ms, seq=0, delay_ms=before_ms))
    assert len(world.sessions) == sessions


def test_the_span_grows_so_a_visit_may_last_longer_than_the_gap() -> None:
    world = World()
    for seq in range(10):
        world.feed(a_batch(T0 + seq * 20 * MINUTE, seq=seq))
    assert world.only.last_event_at - world.only.first_event_at == 180 * MINUTE
    assert world.only.batches == 10


def test_of_two_sessions_the_nearer_edge_takes_the_batch() -> None:
    world = World()
    world.feed(a_batch(T0, seq=0), a_batch(T0 + 50 * MINUTE, seq=3))
    world.feed(a_batch(T0 + 24 * MINUTE, seq=1, delay_ms=26 * MINUTE))
    world.feed(a_batch(T0 + 38 * MINUTE, seq=2, delay_ms=12 * MINUTE))
    assert world.session_of(2).session_id == world.session_of(0).session_id
    assert world.session_of(3).session_id == world.session_of(1).session_id


def test_of_equal_edges_the_earlier_session_takes_the_batch() -> None:
    world = World()
    world.feed(a_batch(T0, seq=0), a_batch(T0 + 50 * MINUTE, seq=2))
    world.feed(a_batch(T0 + 25 * MINUTE, seq=1, delay_ms=25 * MINUTE))
    assert world.session_of(2).session_id == world.session_of(0).session_id


def test_sessions_are_never_merged() -> None:
    """A batch that fills the space between two sessions goes to one of them, and both remain."""
    world = World()
    world.feed(a_batch(T0, seq=0), a_batch(T0 + 40 * MINUTE, seq=2))
    world.feed(a_batch(T0 + 20 * MINUTE, seq=1, delay_ms=20 * MINUTE))
    world.feed(a_batch(T0 + 41 * MINUTE, seq=3))
    assert [session.batches for session in world.sessions] == [2, 2]


def test_two_windows_of_a_visitor_are_one_session_and_two_visitors_are_two() -> None:
    world = World()
    world.feed(a_batch(T0, window="tab-1"), a_batch(T0 + MINUTE, window="tab-2"), a_batch(T0, visitor="bob"))
    ann, bob = sorted(world.sessions, key=lambda session: session.visitor_id)
    assert [window.id for window in ann.windows] == ["tab-1", "tab-2"]
    assert (ann.visitor_id, bob.visitor_id) == ("ann", "bob")


def test_a_window_can_be_in_two_sessions() -> None:
    world = World()
    world.feed(a_batch(T0, seq=0), a_batch(T0 + HOUR, seq=1))
    assert [[window.id for window in session.windows] for session in world.sessions] == [["w1"], ["w1"]]


def test_the_gap_is_that_of_the_batch_which_started_the_session() -> None:
    """A replay of the log gives the same sessions whatever the connection's settings are today."""
    world = World()
    world.feed(a_batch(T0, seq=0, gap_ms=5 * MINUTE))
    world.feed(a_batch(T0 + 6 * MINUTE, seq=1, gap_ms=GAP))
    world.feed(a_batch(T0 + 26 * MINUTE, seq=2, gap_ms=5 * MINUTE))
    assert [session.batches for session in world.sessions] == [1, 2]


def test_a_newer_session_completes_the_one_before_at_once() -> None:
    """ADR 10: a visitor has one active session, its newest."""
    world = World()
    world.feed(a_batch(T0, seq=0), a_batch(T0 + GAP, seq=1))
    before, after = world.sessions
    assert (before.status, before.completion_reason, before.completed_at) == (
        "completed",
        "inactivity",
        T0 + GAP,
    )
    assert after.status == "active"


def test_a_session_from_before_the_active_one_is_born_completed() -> None:
    world = World()
    world.feed(a_batch(T0 + HOUR, seq=1), a_batch(T0, seq=0, delay_ms=HOUR))
    before, after = world.sessions
    assert (before.status, before.completion_reason, before.completed_at) == (
        "completed",
        "inactivity",
        T0 + GAP,
    )
    assert before.version == 1
    assert after.status == "active"


def test_a_session_has_256_windows_at_most() -> None:
    world = World()
    world.feed(*(a_batch(T0 + at, window=f"tab-{at}") for at in range(257)))
    assert [len(session.windows) for session in world.sessions] == [256, 1]
    world.feed(a_batch(T0 + 7, window="tab-7", seq=1))
    assert world.sessions[0].batches == 257
