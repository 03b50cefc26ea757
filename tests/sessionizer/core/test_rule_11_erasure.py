"""Rule 11: an erasure takes a visitor or a session out of state and rows; what comes late is dropped."""

import pytest

from schemas.envelope import Erasure
from sessionizer.core.erase import MOST_MARKERS
from tests.builders.batches import DAY, HOUR, MINUTE, SECOND, T0, a_batch, a_tick, an_erasure
from tests.sessionizer.core.world import World

KEY = b"shop/ann"


@pytest.fixture
def world() -> World:
    return World()


def test_a_visitors_rows_and_state_are_gone_and_another_visitors_stay(world: World) -> None:
    world.feed(a_batch(T0), a_batch(T0, visitor="bob"))
    world.feed(an_erasure(T0 + MINUTE))
    assert [s.visitor for s in world.sessions] == ["bob"]
    assert [row.batch.visitor for row in world.tables.recordings.values()] == ["bob"]
    visitor = world.shard.find(KEY)
    assert visitor is not None
    assert (visitor.sessions(), visitor.seen, world.shard.active_sessions) == ([], {}, 1)


def test_rows_of_the_same_block_are_never_written(world: World) -> None:
    effects = world.feed(
        a_batch(T0, seq=0), a_batch(T0 + SECOND, seq=1), a_batch(T0, visitor="bob"), an_erasure(T0 + MINUTE)
    )
    assert [row.batch.visitor for row in effects.assigned] == ["bob"]
    assert [version.visitor for version in effects.sessions] == ["bob"]
    (erasing,) = effects.erasures
    assert list(erasing.withheld.values()) == [[2, 2]]


def test_who_goes_on_after_it_begins_a_new_session(world: World) -> None:
    world.feed(a_batch(T0, seq=0))
    before = world.only.session_id
    effects = world.feed(an_erasure(T0 + MINUTE), a_batch(T0 + 2 * MINUTE, seq=1))
    assert world.only.session_id != before
    assert world.only.batches == 1
    assert effects.erasures[0].stays == (world.only.session_id,)


def test_a_repeated_block_does_not_erase_what_began_after_the_erasure(world: World) -> None:
    effects = world.feed(a_batch(T0, seq=0), an_erasure(T0 + MINUTE), a_batch(T0 + 2 * MINUTE, seq=1))
    rows = dict(world.tables.recordings)
    world.tables.insert(str(world.next_offset), effects)
    assert world.tables.recordings == rows
    assert len(rows) == 1


def test_late_batches_of_what_was_erased_are_dropped_for_seven_days(world: World) -> None:
    world.feed(a_batch(T0, seq=0), an_erasure(T0 + MINUTE))
    late = a_batch(T0 + 30 * SECOND, seq=1, delay_ms=7 * DAY)
    assert world.feed(late).counts.erased == 1
    assert world.sessions == []
    world.tick(T0 + MINUTE + 7 * DAY + world.rules.grace_ms)
    assert world.feed(a_batch(T0 + 40 * SECOND, seq=2, delay_ms=8 * DAY)).counts.erased == 0
    assert world.only.batches == 1


def test_the_marker_goes_and_nothing_is_remembered(world: World) -> None:
    world.feed(a_batch(T0), an_erasure(T0 + MINUTE))
    world.tick(T0 + MINUTE + 7 * DAY + world.rules.grace_ms)
    assert world.shard.visitors == {}
    assert (KEY, None) in world.last.changelog


def test_one_session_goes_and_the_others_stay(world: World) -> None:
    world.feed(a_batch(T0, seq=0))
    first = world.only.session_id
    world.feed(a_batch(T0 + HOUR, seq=1))
    world.feed(an_erasure(T0 + 61 * MINUTE, session_id=first))
    assert world.only.session_id == world.session_of(1).session_id != first
    assert world.feed(a_batch(T0 + MINUTE, seq=2, delay_ms=62 * MINUTE)).counts.erased == 1
    assert world.feed(a_batch(T0 + 62 * MINUTE, seq=3)).counts.erased == 0
    assert world.only.batches == 2


def test_a_batch_nearer_to_a_session_that_stayed_is_that_sessions(world: World) -> None:
    world.feed(a_batch(T0, seq=0))
    first = world.only.session_id
    world.feed(a_batch(T0 + 40 * MINUTE, seq=1))
    world.feed(an_erasure(T0 + 41 * MINUTE, session_id=first))
    between = {"delay_ms": 30 * MINUTE}
    assert world.feed(a_batch(T0 + 15 * MINUTE, seq=2, **between)).counts.erased == 1
    assert world.feed(a_batch(T0 + 25 * MINUTE, seq=3, **between)).counts.erased == 0
    assert world.only.batches == 2


def test_an_active_session_may_be_erased_and_what_follows_is_a_new_one(world: World) -> None:
    world.feed(a_batch(T0, seq=0))
    world.feed(an_erasure(T0 + MINUTE, session_id=world.only.session_id))
    assert world.shard.active_sessions == 0
    world.feed(a_batch(T0 + 2 * MINUTE, seq=1))
    assert (world.only.status, world.only.batches) == ("active", 1)


def test_a_session_whose_state_is_forgotten_is_marked_by_the_span_of_its_row(world: World) -> None:
    world.feed(a_batch(T0, seq=0))
    old = world.only.session_id
    world.tick(T0 + 12 * HOUR)
    world.tick(T0 + 12 * HOUR)
    assert world.shard.visitors == {}
    world.feed(an_erasure(T0 + 12 * HOUR, session_id=old, span=(T0, T0)))
    assert world.sessions == []
    assert world.feed(a_batch(T0 + MINUTE, seq=1, delay_ms=13 * HOUR)).counts.erased == 1


def test_an_unknown_session_without_a_span_leaves_nothing_behind(world: World) -> None:
    effects = world.feed(an_erasure(T0, session_id=bytes(16)))
    assert len(effects.erasures) == 1
    world.tick(T0 + SECOND)
    world.tick(T0 + 2 * SECOND)
    assert world.shard.visitors == {}


def test_markers_are_bounded_and_still_hold_what_they_held(world: World) -> None:
    spans = [(T0 + n * HOUR, T0 + n * HOUR + MINUTE) for n in range(MOST_MARKERS + 3)]
    for n, span in enumerate(spans):
        world.feed(an_erasure(T0 + 30 * HOUR, session_id=bytes([n] * 16), span=span))
    visitor = world.shard.find(KEY)
    assert visitor is not None
    assert len(visitor.erased) == MOST_MARKERS
    for n, (first_at, _) in enumerate(spans):
        late = a_batch(first_at, seq=n, delay_ms=31 * HOUR - n * HOUR)
        assert world.feed(late).counts.erased == 1


def test_a_replay_of_the_log_erases_again(world: World) -> None:
    log = [a_batch(T0, seq=0), an_erasure(T0 + MINUTE), a_batch(T0 + 2 * MINUTE, seq=1), a_tick(T0 + DAY)]
    world.feed(*log)
    again = World()
    for envelope in log:
        again.feed(envelope)
    assert again.tables == world.tables


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"visitor": "bob"}, "wrong_key"),
        ({"erasure_id": b"short"}, "impossible_identity"),
        ({"session_id": b"short"}, "impossible_identity"),
        ({"tenant": ""}, "impossible_identity"),
        ({"received_at": -1}, "impossible_time"),
        ({"session_id": bytes(16), "first_at": T0}, "impossible_time"),
        ({"session_id": bytes(16), "first_at": T0, "last_at": T0 - 1}, "impossible_time"),
        ({"first_at": T0, "last_at": T0}, "impossible_time"),
    ],
)
def test_an_impossible_erasure_is_a_dead_letter(
    world: World, changed: dict[str, object], reason: str
) -> None:
    good = an_erasure(T0)
    values = {name: getattr(good, name) for name in good.__struct_fields__} | changed
    effects = world.feed_under(KEY, Erasure(**values))
    assert [rejected.reason for rejected in effects.rejected] == [reason]
    assert (effects.erasures, world.shard.watermark) == ([], 0)
