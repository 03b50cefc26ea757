"""Rule 3: the watermark, and what it completes."""

import pytest

from sessionizer.core.rules import Rules
from tests.builders.batches import HOUR, MINUTE, SECOND, T0, a_batch, a_tick
from tests.sessionizer.core.world import World

GAP = 30 * MINUTE
GRACE = 2 * MINUTE


def test_the_watermark_is_grace_behind_the_newest_received_at_and_never_goes_back() -> None:
    world = World()
    world.feed(a_batch(T0, delay_ms=MINUTE))
    assert world.shard.watermark == T0 + MINUTE - GRACE
    world.tick(T0)
    assert world.shard.watermark == T0 + MINUTE - GRACE


def test_the_visitors_clock_does_not_move_the_watermark() -> None:
    world = World()
    world.feed(a_batch(T0, clock_ms=HOUR))
    assert world.shard.watermark == T0 - GRACE


def test_a_session_is_completed_when_the_watermark_reaches_last_plus_gap() -> None:
    world = World()
    world.feed(a_batch(T0))
    world.tick(T0 + GAP + GRACE - 1)
    assert (world.only.status, world.only.completion_reason, world.only.completed_at) == ("active", "", None)
    world.tick(T0 + GAP + GRACE)
    assert world.only.status == "completed"
    assert (world.only.completion_reason, world.only.completed_at) == ("inactivity", T0 + GAP)
    assert world.last.counts.completed == {"inactivity": 1}


def test_each_batch_puts_the_completion_off() -> None:
    world = World()
    world.feed(a_batch(T0, seq=0), a_batch(T0 + 20 * MINUTE, seq=1))
    world.tick(T0 + GAP + GRACE)
    assert world.only.status == "active"
    world.tick(T0 + 20 * MINUTE + GAP + GRACE)
    assert world.only.status == "completed"


def test_completion_is_a_version_and_nothing_more_happens_to_it() -> None:
    world = World()
    world.feed(a_batch(T0))
    world.tick(T0 + HOUR)
    assert world.only.version == 2
    assert world.tick(T0 + HOUR + MINUTE).sessions == []


def test_another_visitors_batch_completes_a_session_as_a_tick_does() -> None:
    world = World()
    world.feed(a_batch(T0))
    world.feed(a_batch(T0 + HOUR, visitor="bob"))
    assert [session.status for session in world.sessions] == ["completed", "active"]


def test_final_on_its_only_window_completes_a_session_after_30_s_of_stream_time() -> None:
    world = World()
    world.feed(a_batch(T0, seq=0), a_batch(T0 + MINUTE, seq=1, final=True))
    world.tick(T0 + MINUTE + 30 * SECOND - 1)
    assert world.only.status == "active"
    assert world.only.windows[0].ended
    world.tick(T0 + MINUTE + 30 * SECOND)
    assert (world.only.status, world.only.completion_reason) == ("completed", "ended")
    assert world.only.completed_at == T0 + MINUTE + 30 * SECOND


def test_one_open_window_keeps_a_session_active() -> None:
    world = World()
    world.feed(a_batch(T0, window="tab-1", final=True), a_batch(T0, window="tab-2"))
    world.tick(T0 + 20 * MINUTE)
    assert world.only.status == "active"
    world.feed(a_batch(T0 + 20 * MINUTE, window="tab-2", seq=1, final=True))
    world.tick(T0 + 20 * MINUTE + 30 * SECOND)
    assert world.only.completion_reason == "ended"


def test_a_visitor_who_is_back_within_30_s_goes_on_with_the_session() -> None:
    """A page of the same site was opened: another window, or the same with a later seq."""
    world = World()
    world.feed(a_batch(T0, window="tab-1", final=True), a_batch(T0 + 29 * SECOND, window="tab-2"))
    world.tick(T0 + MINUTE)
    assert world.only.status == "active"


def test_a_window_that_goes_on_after_final_is_open_again() -> None:
    world = World()
    world.feed(a_batch(T0, seq=0, final=True), a_batch(T0 + SECOND, seq=1))
    world.tick(T0 + 10 * MINUTE)
    assert not world.only.windows[0].ended
    assert world.only.status == "active"


def test_the_batch_before_final_may_arrive_after_it() -> None:
    world = World()
    world.feed(a_batch(T0 + SECOND, seq=1, final=True), a_batch(T0, seq=0, delay_ms=2 * SECOND))
    assert world.only.windows[0].ended
    world.tick(T0 + 2 * SECOND + 30 * SECOND)
    assert world.only.completion_reason == "ended"


def test_without_seq_the_last_batch_by_time_decides() -> None:
    world = World()
    world.feed(a_batch(T0 + SECOND, seq=None, final=True), a_batch(T0, seq=None, delay_ms=2 * SECOND))
    assert world.only.windows[0].ended
    world.feed(a_batch(T0 + 3 * SECOND, seq=None))
    assert not world.only.windows[0].ended


def test_a_visitor_who_is_back_after_the_session_ended_starts_a_new_one() -> None:
    """ADR 11: that is no late batch, and the completed session cannot become active."""
    world = World()
    world.feed(a_batch(T0, seq=0, final=True))
    world.feed(a_batch(T0 + 5 * MINUTE, seq=1))
    ended, back = world.sessions
    assert (ended.completion_reason, back.status) == ("ended", "active")


def test_a_gap_shorter_than_30_s_counts_before_final_does() -> None:
    world = World(Rules(topic="playhead.batches", grace_ms=0))
    world.feed(a_batch(T0, gap_ms=5 * SECOND, final=True))
    world.tick(T0 + 5 * SECOND)
    assert (world.only.completion_reason, world.only.completed_at) == ("inactivity", T0 + 5 * SECOND)


@pytest.mark.parametrize("with_ticks", [True, False])
def test_what_was_due_between_two_records_is_done_before_the_second(with_ticks: bool) -> None:
    world = World()
    ticks = [a_tick(T0 + at * MINUTE) for at in range(1, 70)] if with_ticks else []
    world.feed(a_batch(T0, seq=0), *ticks, a_batch(T0 + 20 * MINUTE, seq=1, delay_ms=50 * MINUTE))
    assert world.only.completed_at == T0 + GAP
    assert world.last.assigned[1].late
