"""Whatever a visitor's clock says, sessions stay sane, raw times are kept, and time is the collector's."""

from hypothesis import given
from hypothesis import strategies as st

from sessionizer.core.block import run_block
from sessionizer.core.state import Shard
from tests.builders.batches import DAY, HOUR, MINUTE, SECOND, T0, a_batch
from tests.builders.logs import Log, a_log, in_blocks
from tests.builders.tables import tables_of
from tests.sessionizer.core.random_logs import GAP, MAXIMUM, RULES, block_sizes, thorough

YEAR = 365 * DAY
moments = st.one_of(
    st.integers(0, 10_413_791_999_999),
    st.sampled_from([0, T0 - 20 * YEAR, T0 - YEAR, T0 - HOUR, T0, T0 + MINUTE, T0 + HOUR, T0 + 50 * YEAR]),
)


@st.composite
def any_clocks(draw: st.DrawFn) -> Log:
    """Batches in order of their arrival, with client times that have nothing to do with it."""
    now, batches = T0, []
    for seq in range(draw(st.integers(1, 20))):
        now += draw(st.sampled_from([0, SECOND, MINUTE, GAP, 3 * HOUR, 8 * HOUR]))
        first, last = sorted((draw(moments), draw(moments)))
        batches.append(
            a_batch(
                now,
                visitor=draw(st.sampled_from("ab")),
                window=draw(st.sampled_from("xy")),
                seq=seq,
                first_at=first,
                last_at=last,
                sent_at=draw(st.one_of(st.none(), moments)),
                gap_ms=GAP,
                max_session_ms=MAXIMUM,
            )
        )
    return a_log(batches)


@thorough
@given(any_clocks(), block_sizes())
def test_sessions_stay_sane_and_raw_times_are_kept(log: Log, sizes: list[int]) -> None:
    tables = tables_of(log, RULES, sizes)
    received = {record.offset: record.envelope.received_at for record in log}
    assert len(tables.recordings) == len(log), "every batch is somebody's"
    for row in tables.recordings.values():
        assert row.batch is log[row.offset].envelope
        assert row.batch.last_at + row.skew_ms <= received[row.offset], (
            "nothing happens after it was received"
        )
    for session in tables.sessions.values():
        rows = [row for row in tables.recordings.values() if row.session_id == session.session_id]
        assert 0 <= session.first_event_at <= session.last_event_at <= max(received[r.offset] for r in rows)
        assert session.last_event_at - session.first_event_at <= MAXIMUM
        assert session.batches == len(rows)


@thorough
@given(any_clocks(), block_sizes())
def test_nothing_pushes_the_watermark_ahead_of_the_collectors_clock(log: Log, sizes: list[int]) -> None:
    shard = Shard(0)
    newest = 0
    for block in in_blocks(log, sizes):
        newest = max(newest, *(record.envelope.received_at for record in block))
        run_block(shard, block, block[-1].offset, RULES)
        assert shard.watermark == newest - RULES.grace_ms
