"""Rule 5: late batches of completed sessions, and how long their state is kept."""

import pytest

from sessionizer.core.block import run_block
from sessionizer.core.state import Shard
from tests.builders.batches import DAY, HOUR, MINUTE, SECOND, T0, a_batch, a_tick
from tests.builders.logs import a_log
from tests.sessionizer.core.world import RULES, World

GAP = 30 * MINUTE
RETAIN = 2 * HOUR


def a_completed_session() -> World:
    world = World()
    world.feed(a_batch(T0, seq=0, events=3, raw_bytes=300))
    world.tick(T0 + 40 * MINUTE)
    assert world.only.status == "completed"
    return world


def test_a_late_batch_is_added_and_the_session_stays_completed() -> None:
    world = a_completed_session()
    before = world.only
    world.feed(a_batch(T0 + 10 * MINUTE, seq=1, delay_ms=35 * MINUTE, events=2, raw_bytes=50))
    after = world.only
    assert (after.status, after.completed_at, after.completion_reason) == (
        "completed",
        T0 + GAP,
        "inactivity",
    )
    assert (after.events, after.batches, after.raw_bytes) == (5, 2, 350)
    assert (after.first_event_at, after.last_event_at) == (T0, T0 + 10 * MINUTE)
    assert after.version == before.version + 1
    assert (world.last.counts.late, world.row(2).late) == (1, True)


def test_a_late_batch_from_before_its_start_moves_the_span_but_not_the_start() -> None:
    world = a_completed_session()
    world.feed(a_batch(T0 - 10 * MINUTE, seq=1, delay_ms=55 * MINUTE))
    assert (world.only.started_at, world.only.first_event_at) == (T0, T0 - 10 * MINUTE)


def test_a_batch_in_time_is_not_late() -> None:
    world = World()
    world.feed(a_batch(T0, seq=0), a_batch(T0 + MINUTE, seq=1))
    assert world.last.counts.late == 0


def test_state_is_kept_for_two_hours_then_a_late_batch_starts_a_session_of_its_own() -> None:
    kept_until = T0 + GAP + RETAIN + RULES.grace_ms
    for received_at, sessions in ((kept_until - 1, 1), (kept_until, 2)):
        world = a_completed_session()
        world.feed(a_batch(T0 + MINUTE, seq=1, delay_ms=received_at - T0 - MINUTE))
        assert len(world.sessions) == sessions


def test_a_forgotten_visitor_leaves_a_tombstone_and_nothing_else() -> None:
    world = a_completed_session()
    effects = world.tick(T0 + GAP + RETAIN + RULES.grace_ms)
    assert effects.changelog[0] == (b"shop/ann", None)
    assert (world.shard.visitors, world.shard.deadlines) == ({}, [])


def test_a_visitor_with_a_record_in_the_block_is_removed_in_the_next() -> None:
    """A tombstone tells no offset, so a repeat of the block would take its records for new ones."""
    world = World()
    effects = world.feed(a_batch(T0), a_tick(T0 + DAY))
    (key, value), _ = effects.changelog
    assert key == b"shop/ann"
    assert value is not None
    effects = world.tick(T0 + DAY + 1)
    assert effects.changelog[0] == (b"shop/ann", None)
    assert (world.shard.visitors, world.shard.deadlines) == ({}, [])


def test_late_batches_keep_the_state_for_as_long_again() -> None:
    """So the batches of a clock that is a year behind, without sent_at, are not a session each."""
    world = World()
    for seq in range(20):
        world.feed(a_batch(T0 + seq * HOUR // 60, seq=seq, clock_ms=-365 * DAY, sent=False))
    assert world.only.batches == 20


def test_the_three_last_sessions_of_a_visitor_are_kept() -> None:
    world = World()
    world.feed(*(a_batch(T0 + seq * 31 * MINUTE, seq=seq) for seq in range(5)))
    visitor = world.shard.find(b"shop/ann")
    assert visitor is not None
    assert [session.started_at for session in visitor.completed] == [
        T0 + seq * 31 * MINUTE for seq in (1, 2, 3)
    ]


def test_the_session_of_a_late_batch_is_the_last_one_touched() -> None:
    world = World()
    world.feed(*(a_batch(T0 + seq * 31 * MINUTE, seq=2 * seq) for seq in range(4)))
    world.feed(a_batch(T0, seq=1, delay_ms=95 * MINUTE), a_batch(T0 + 4 * 31 * MINUTE, seq=9))
    visitor = world.shard.find(b"shop/ann")
    assert visitor is not None
    assert T0 in [session.started_at for session in visitor.completed]


@pytest.mark.parametrize("step_ms", [MINUTE // 2, 3 * HOUR])
def test_what_is_due_is_done_in_the_order_in_which_it_fell_due(step_ms: int) -> None:
    """The fourth is over after two others are forgotten, so it pushes nothing out, in ticks or at once."""
    world = World()
    returned_at = T0 + GAP
    world.feed(a_batch(T0, seq=0), a_batch(returned_at, seq=1))
    for seq, hours in ((2, 5), (3, 10)):
        world.feed(a_batch(T0 - hours * HOUR, seq=seq, delay_ms=returned_at - T0 + hours * HOUR))
    for seq, minutes in ((4, 29), (5, 58), (6, 87), (7, 89)):
        world.feed(a_batch(returned_at + minutes * MINUTE, seq=seq))
    last_at = returned_at + 89 * MINUTE
    end = returned_at + 119 * MINUTE + 30 * SECOND + RULES.grace_ms
    for at in range(last_at + step_ms, end, step_ms):
        world.tick(at)
    world.tick(end)
    visitor = world.shard.find(b"shop/ann")
    assert visitor is not None
    assert [session.started_at for session in visitor.completed] == [T0, returned_at]


def test_deadlines_do_not_pile_up_with_a_visitor_who_closes_page_after_page() -> None:
    world = World()
    for seq in range(600):
        world.feed(a_batch(T0 + seq * MINUTE // 6, seq=seq, final=seq % 2 == 0))
        assert len(world.shard.deadlines) <= GAP // RULES.ended_after_ms + 1
    world.tick(T0 + 100 * MINUTE + GAP + RULES.grace_ms)
    assert world.only.status == "completed"
    assert len(world.shard.deadlines) == 1


def test_state_follows_the_active_visitors_not_all_that_ever_came() -> None:
    """100,000 visitors come once each, forty a minute; those of the last two and a half hours are known."""
    shard, most = Shard(0), 0
    for minute in range(2_500):
        batches = (a_batch(T0 + minute * MINUTE, visitor=f"v{minute}-{n}") for n in range(40))
        block = a_log((*batches, a_tick(T0 + minute * MINUTE)), shard.offset + 1)
        run_block(shard, block, block[-1].offset, RULES)
        most = max(most, len(shard.visitors))
    remembered_minutes = (GAP + RETAIN + RULES.grace_ms) // MINUTE
    assert most == 40 * (remembered_minutes + 1) - 40
    assert len(shard.deadlines) <= most
    assert shard.active_sessions == 40 * ((GAP + RULES.grace_ms) // MINUTE)
