"""Rule 2: at the maximum a session is completed, and the next batch starts a new one."""

import pytest

from tests.builders.batches import DAY, HOUR, MINUTE, T0, a_batch
from tests.sessionizer.core.world import World


def a_long_visit(world: World, until_ms: int, step_ms: int = 20 * MINUTE, maximum_ms: int = DAY) -> None:
    for seq in range(until_ms // step_ms + 1):
        world.feed(a_batch(T0 + seq * step_ms, seq=seq, max_session_ms=maximum_ms))


def test_the_default_maximum_is_a_day() -> None:
    world = World()
    a_long_visit(world, until_ms=25 * HOUR)
    day, rest = world.sessions
    assert (day.status, day.completion_reason, day.completed_at) == ("completed", "max_duration", T0 + DAY)
    assert day.last_event_at == T0 + DAY - 20 * MINUTE
    assert (rest.started_at, rest.status) == (T0 + DAY, "active")


@pytest.mark.parametrize(("at_ms", "sessions"), [(HOUR - 1, 1), (HOUR, 2)])
def test_exactly_the_maximum_is_a_new_session(at_ms: int, sessions: int) -> None:
    world = World()
    a_long_visit(world, until_ms=40 * MINUTE, maximum_ms=HOUR)
    world.feed(a_batch(T0 + at_ms, seq=3, max_session_ms=HOUR))
    assert len(world.sessions) == sessions


def test_the_maximum_completes_without_a_further_batch() -> None:
    world = World()
    a_long_visit(world, until_ms=40 * MINUTE, maximum_ms=HOUR)
    world.tick(T0 + HOUR + world.rules.grace_ms - 1)
    assert world.only.status == "active"
    world.tick(T0 + HOUR + world.rules.grace_ms)
    assert (world.only.status, world.only.completion_reason) == ("completed", "max_duration")
    assert world.only.completed_at == T0 + HOUR


def test_a_batch_before_the_start_cannot_stretch_a_session_over_the_maximum() -> None:
    world = World()
    a_long_visit(world, until_ms=40 * MINUTE, maximum_ms=HOUR)
    world.feed(a_batch(T0 - 20 * MINUTE, seq=50, delay_ms=HOUR, max_session_ms=HOUR))
    assert [session.batches for session in world.sessions] == [1, 3]


def test_one_event_with_a_senseless_timestamp_cannot_stretch_a_session_over_the_maximum() -> None:
    world = World()
    world.feed(a_batch(T0, seq=0, lasts_ms=10 * 365 * DAY))
    assert world.only.last_event_at - world.only.first_event_at == DAY
    assert world.only.windows[0].first_at == T0 - 10 * 365 * DAY
