"""Where blocks end: a property of the log, so that an unfinished block is cut again at the same record."""

from hypothesis import given
from hypothesis import strategies as st

from sessionizer.core.block import BlockEnds, BlockLimits, run_block
from sessionizer.core.state import POSITION_KEY, Position, Shard, decode_position
from tests.builders.batches import T0, a_batch, a_tick
from tests.builders.logs import a_log
from tests.sessionizer.core.world import RULES

LIMITS = BlockLimits(records=5, value_bytes=100)

Sizes = list[tuple[int, bool]]


def ends(records: Sizes, limits: BlockLimits = LIMITS) -> list[int]:
    cut = BlockEnds(limits)
    return [at for at, (size, tick) in enumerate(records) if cut.ends_with(size, is_tick=tick)]


def test_a_block_ends_with_a_tick() -> None:
    assert ends([(1, False), (1, True), (1, True), (1, False)]) == [1, 2]


def test_a_block_ends_with_its_nth_record() -> None:
    assert ends([(1, False)] * 12) == [4, 9]


def test_a_block_ends_with_the_record_that_reaches_the_bytes() -> None:
    assert ends([(60, False), (40, False), (99, False), (1, False), (5_000, False)]) == [1, 3, 4]


@given(st.lists(st.tuples(st.integers(0, 120), st.booleans())), st.data())
def test_from_any_end_on_the_ends_are_the_same(records: Sizes, data: st.DataObject) -> None:
    whole = ends(records)
    if whole:
        start = data.draw(st.sampled_from(whole)) + 1
        assert [start + at for at in ends(records[start:])] == [at for at in whole if at >= start]


def test_the_position_is_written_last_and_is_the_blocks_last_record_readable_or_not() -> None:
    shard = Shard(0)
    effects = run_block(shard, a_log([a_batch(T0), a_batch(T0, visitor="bob"), a_tick(T0 + 5)]), 7, RULES)
    keys = [key for key, _ in effects.changelog]
    assert keys == [b"shop/ann", b"shop/bob", POSITION_KEY]
    value = effects.changelog[-1][1]
    assert value is not None
    assert decode_position(value) == Position(7, T0 + 5 - RULES.grace_ms)
    assert shard.offset == 7


def test_a_session_that_changes_often_in_a_block_is_one_row_with_its_last_version() -> None:
    batches = [a_batch(T0 + seq, seq=seq) for seq in range(7)]
    effects = run_block(Shard(0), a_log(batches), 6, RULES)
    (version,) = effects.sessions
    assert (version.version, version.batches) == (7, 7)
