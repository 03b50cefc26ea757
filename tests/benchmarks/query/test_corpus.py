from benchmarks.query.corpus import batches_of, blocks
from benchmarks.query.grown_sessions import Growth
from benchmarks.query.rows_layout import COLUMNS, event_rows
from benchmarks.query.size import Size
from sessionizer.sink.row_binary import row_writer
from tests.benchmarks.query.recorded import pages

GROWTH = Growth(
    Size(tenants=2, sessions=60, corpus_events=2_000, long_ms=1, parts=5, period_ms=5 * 3_600_000),
    1_795_800_000_000,
    pages(),
)
SESSION = next(one for one in GROWTH.stretch(4) if one.recorded is not None)


def test_a_recorded_sessions_batches_hold_what_its_row_says() -> None:
    found = list(batches_of(SESSION, 100, GROWTH.expires_on))
    assert sum(batch.assigned.events for batch in found) == SESSION.events
    assert sum(batch.assigned.raw_bytes for batch in found) == SESSION.raw_bytes
    assert len(found) == SESSION.batches
    assert [batch.assigned.batch.seq for batch in found] == list(range(len(found)))
    assert [batch.assigned.offset for batch in found] == [100 + n for n in range(len(found))]
    assert found[0].assigned.batch.first_at == SESSION.started_at
    assert max(batch.assigned.batch.last_at for batch in found) == SESSION.last_at
    assert found[0].assigned.batch.full_snapshots_at[0] == SESSION.playable_at


def test_a_session_without_recording_has_no_batches() -> None:
    without = next(one for one in GROWTH.stretch(0) if one.recorded is None)
    assert list(batches_of(without, 0, GROWTH.expires_on)) == []


def test_the_events_of_a_batch_are_its_text_cut() -> None:
    for batch in batches_of(SESSION, 0, GROWTH.expires_on):
        events = list(batch.events())
        assert b",".join(text for _, text in events) == batch.text
        assert all(b'"timestamp":%d' % at in text for at, text in events)


def test_blocks_hold_all_batches_and_end_with_the_one_that_fills_them() -> None:
    found = list(batches_of(SESSION, 0, GROWTH.expires_on))
    most = SESSION.raw_bytes // 3
    cut = list(blocks(iter(found), most))
    assert [batch for block in cut for batch in block] == found
    for block in cut[:-1]:
        sizes = [len(batch.text) for batch in block]
        assert sum(sizes) >= most > sum(sizes[:-1])
    assert len(cut) >= 3


def test_a_batch_as_rows_has_its_events_in_order() -> None:
    batch = next(batches_of(SESSION, 0, GROWTH.expires_on))
    write = row_writer(list(COLUMNS.values()))
    expected = [
        write((SESSION.connection, SESSION.id, SESSION.window, at, 0, idx, text, GROWTH.expires_on))
        for idx, (at, text) in enumerate(batch.events())
    ]
    assert list(event_rows(batch)) == expected
