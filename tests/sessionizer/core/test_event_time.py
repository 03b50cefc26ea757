"""Event time: the visitor's clock put on the collector's, pinned per session and window."""

import pytest

from sessionizer.core.clocks import event_time, own_skew_ms, start_time
from tests.builders.batches import DAY, HOUR, MINUTE, SECOND, T0, a_batch
from tests.sessionizer.core.world import World

YEAR = 365 * DAY


@pytest.mark.parametrize("clock_ms", [-3 * YEAR, -HOUR, 0, HOUR, 3 * YEAR])
def test_a_clock_that_is_off_by_years_makes_a_sane_session(clock_ms: int) -> None:
    world = World()
    world.feed(
        a_batch(T0, seq=0, lasts_ms=SECOND, clock_ms=clock_ms), a_batch(T0 + MINUTE, seq=1, clock_ms=clock_ms)
    )
    session = world.only
    assert (session.started_at, session.first_event_at, session.last_event_at) == (
        T0 - SECOND,
        T0 - SECOND,
        T0 + MINUTE,
    )
    assert session.windows[0].first_at == T0 - SECOND + clock_ms, "the visitor's own times are kept"
    assert session.windows[0].skew_ms == -clock_ms


def test_the_skew_is_that_of_the_windows_first_batch() -> None:
    """A slow upload does not move a window's later batches."""
    world = World()
    world.feed(a_batch(T0, seq=0, sent_at=T0 - 100))
    world.feed(a_batch(T0 + MINUTE, seq=1, delay_ms=20 * SECOND, sent_at=T0 + MINUTE))
    assert [world.row(offset).skew_ms for offset in (0, 1)] == [0, 0]
    assert world.only.last_event_at == T0 + MINUTE


def test_each_window_and_each_session_has_a_skew_of_its_own() -> None:
    world = World()
    world.feed(a_batch(T0, window="w1", clock_ms=HOUR), a_batch(T0, window="w2", clock_ms=-HOUR))
    world.feed(a_batch(T0 + 2 * HOUR, window="w1", seq=1, clock_ms=DAY))
    assert [world.row(offset).skew_ms for offset in (0, 1, 2)] == [-HOUR, HOUR, -DAY]


def test_without_sent_at_the_skew_is_0() -> None:
    assert own_skew_ms(a_batch(T0, clock_ms=-HOUR, sent=False)) == 0


def test_nothing_happens_after_it_was_received() -> None:
    world = World()
    world.feed(a_batch(T0, clock_ms=5 * YEAR, sent=False))
    assert (world.only.last_event_at, world.row(0).skew_ms) == (T0, -5 * YEAR)


def test_a_clock_set_forward_in_mid_session_stays_in_the_session() -> None:
    world = World()
    world.feed(
        a_batch(T0, seq=0),
        a_batch(T0 + MINUTE, seq=1, clock_ms=YEAR),
        a_batch(T0 + 2 * MINUTE, seq=2, clock_ms=YEAR),
    )
    assert world.only.last_event_at == T0 + 2 * MINUTE
    assert world.only.first_event_at == T0


def test_a_clock_set_back_in_mid_session_stays_in_the_session() -> None:
    """ADR 12: by the pinned skew no session holds the batch; by its own the session does."""
    world = World()
    world.feed(
        a_batch(T0, seq=0, clock_ms=YEAR), a_batch(T0 + MINUTE, seq=1), a_batch(T0 + 2 * MINUTE, seq=2)
    )
    assert world.only.last_event_at == T0 + 2 * MINUTE
    assert world.only.windows[0].skew_ms == -YEAR
    assert [world.row(offset).skew_ms for offset in (0, 1, 2)] == [-YEAR, 0, 0]


def test_a_slow_network_does_not_count_as_a_set_clock() -> None:
    """Exactly the gap apart by the pinned skew, a little less by its own: a new session all the same."""
    world = World()
    world.feed(a_batch(T0, seq=0, delay_ms=100, sent_at=T0))
    world.feed(a_batch(T0 + 30 * MINUTE, seq=1, delay_ms=100))
    assert [world.row(offset).skew_ms for offset in (0, 1)] == [100, 0]
    assert len(world.sessions) == 2


def test_batches_queued_offline_are_placed_when_they_happened() -> None:
    world = World()
    queued = [a_batch(T0 + n * MINUTE, seq=n, delay_ms=5 * HOUR - n * MINUTE) for n in range(10)]
    world.feed(*queued, a_batch(T0 + 5 * HOUR, seq=10))
    assert [session.batches for session in world.sessions] == [10, 1]
    assert world.sessions[0].last_event_at == T0 + 9 * MINUTE


def test_time_before_1970_is_1970() -> None:
    batch = a_batch(T0, sent=False, first_at=0, last_at=5, sent_at=T0 + YEAR)
    assert event_time(batch, own_skew_ms(batch)) == 0
    assert start_time(batch, 0) == 0
