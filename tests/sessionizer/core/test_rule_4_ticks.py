"""Rule 4: time comes from the log, and in an idle partition from its ticks."""

from tests.builders.batches import HOUR, MINUTE, T0, a_batch, a_tick
from tests.sessionizer.core.world import World


def test_a_tick_completes_the_sessions_of_an_idle_partition() -> None:
    world = World()
    world.feed(a_batch(T0), a_batch(T0, visitor="bob"))
    effects = world.tick(T0 + HOUR)
    assert len(effects.sessions) == 2
    assert {session.status for session in world.sessions} == {"completed"}
    assert effects.counts.ticks == 1


def test_a_tick_assigns_nothing_and_changes_no_visitor() -> None:
    world = World()
    world.feed(a_batch(T0))
    effects = world.tick(T0 + MINUTE)
    assert (effects.assigned, effects.sessions, list(effects.changed)) == ([], [], [])
    assert [key for key, _ in effects.changelog] == [b"\x00position"]


def test_a_backlog_after_an_outage_completes_nothing_falsely() -> None:
    """The sessionizer was down for two hours; the collector received all the while. The ticks come after."""
    world = World()
    backlog = [a_batch(T0 + at * MINUTE, seq=at) for at in range(120)]
    world.feed(*backlog)
    assert (world.only.status, world.only.batches) == ("active", 120)
    world.tick(T0 + 120 * MINUTE)
    assert world.only.status == "active"


def test_an_old_tick_changes_nothing() -> None:
    world = World()
    world.feed(a_batch(T0 + HOUR))
    world.feed(a_tick(T0), a_batch(T0 + HOUR + MINUTE, seq=1))
    assert world.only.status == "active"
