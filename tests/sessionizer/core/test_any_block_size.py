"""Any block size gives the rows that the oracle gives; and what holds of every log."""

from unittest.mock import patch

from hypothesis import given

from sessionizer.core.block import run_block
from sessionizer.core.rules import Rules
from sessionizer.core.state import Shard
from tests.builders.logs import Log, in_blocks
from tests.builders.tables import Tables, tables_of
from tests.sessionizer.core.oracle import OracleSession, oracle_sessions
from tests.sessionizer.core.random_logs import RULES, block_sizes, logs, thorough


@thorough
@given(logs(), block_sizes())
def test_any_block_size_gives_the_same_rows(log: Log, sizes: list[int]) -> None:
    assert tables_of(log, RULES, sizes) == tables_of(log, RULES)


@thorough
@given(logs(), block_sizes())
def test_it_does_not_matter_how_many_visitors_are_open_at_a_time(log: Log, sizes: list[int]) -> None:
    """One at a time is closed and opened again all along; else these logs have too few to close any."""
    one, all_ = Shard(0), Shard(0)
    for block in in_blocks(log, sizes):
        with patch("sessionizer.core.state.MOST_OPEN", 1):
            found = run_block(one, block, block[-1].offset, RULES)
        expected = run_block(all_, block, block[-1].offset, RULES)
        assert (found.assigned, found.sessions) == (expected.assigned, expected.sessions)
        assert found.changelog == expected.changelog
        assert (one.visitors, one.deadlines) == (all_.visitors, all_.deadlines)


@thorough
@given(logs(), block_sizes())
def test_the_rows_are_the_oracles(log: Log, sizes: list[int]) -> None:
    tables = tables_of(log, RULES, sizes)
    expected = oracle_sessions(log, RULES)
    assert len(tables.sessions) == len(expected)
    by_offset = {row.offset: row for row in tables.recordings.values()}
    assert len(by_offset) == sum(len(session.taken) for _, session in expected)
    for key, session in expected:
        agree(tables, by_offset, key, session)


def agree(tables: Tables, by_offset: dict, key: bytes, session: OracleSession) -> None:  # type: ignore[type-arg]
    session_id = by_offset[session.first.offset].session_id
    for taken in session.taken:
        row = by_offset[taken.offset]
        assert (row.session_id, row.skew_ms, row.events, row.raw_bytes) == (
            session_id,
            taken.skew_ms,
            taken.events,
            taken.raw_bytes,
        )
    row = tables.of_session(session_id)
    assert f"{row.connection_id}/{session.first.batch.visitor}".encode() == key
    assert row.version == session.version
    assert (row.completed_at, row.completion_reason) == (session.completed_at, session.reason)
    assert row.status == ("active" if session.completed_at is None else "completed")
    assert (row.started_at, row.first_event_at, row.last_event_at) == (
        session.first.start,
        session.first_at,
        session.last_at,
    )
    assert row.events == sum(t.events for t in session.taken)
    assert row.batches == len(session.taken)
    assert row.raw_bytes == sum(t.raw_bytes for t in session.taken)
    told = [t.batch.visitor_id for t in session.taken if t.batch.visitor_id]
    assert row.visitor_id == (told[0] if told else session.first.batch.visitor)
    metas = sorted(
        (t.batch.meta_at + t.skew_ms, t.batch.href) for t in session.taken if t.batch.meta_at is not None
    )
    assert row.landing_url == (metas[0][1] if metas else "")
    assert sorted(w.id for w in row.windows) == sorted(session.window_ids())
    for window in row.windows:
        batches = [t.batch for t in session.of_window(window.id)]
        window_metas = [b.meta_at for b in batches if b.meta_at is not None]
        snapshots = [at for b in batches for at in b.full_snapshots_at]
        playable = [at for at in snapshots if window_metas and at >= min(window_metas)]
        missing = sorted(session.missing.get(window.id, set()))
        assert window.playable_at == min(playable, default=None)
        assert window.first_at == min(b.first_at for b in batches)
        assert window.last_at == max(b.last_at for b in batches)
        assert window.skew_ms == session.of_window(window.id)[0].skew_ms
        assert window.events == sum(t.events for t in session.of_window(window.id))
        assert window.batches == len(batches)
        assert (window.missing, list(window.missing_seqs)) == (len(missing), missing)
        assert window.ended == session.closed(window.id)
    assert row.replayable == any(w.playable_at is not None for w in row.windows)


@thorough
@given(logs(), block_sizes())
def test_what_holds_at_every_block(log: Log, sizes: list[int]) -> None:
    """A completed session stays so; versions rise; the watermark never goes back."""
    shard, seen, watermark = Shard(0), {}, 0
    for block in in_blocks(log, sizes):
        effects = run_block(shard, block, block[-1].offset, RULES)
        assert shard.watermark >= watermark
        watermark = shard.watermark
        assert len({v.session_id for v in effects.sessions}) == len(effects.sessions)
        for new in effects.sessions:
            old = seen.get(new.session_id)
            seen[new.session_id] = new
            assert new.expires_on * 86_400_000 > log[0].envelope.received_at
            if old is None:
                continue
            assert new.version > old.version
            assert (new.started_at, new.expires_on, new.user_agent) == (
                old.started_at,
                old.expires_on,
                old.user_agent,
            )
            assert new.events >= old.events
            if old.status == "completed":
                assert (new.status, new.completed_at, new.completion_reason) == (
                    "completed",
                    old.completed_at,
                    old.completion_reason,
                )


@thorough
@given(logs())
def test_a_visitor_has_one_active_session_and_three_retained_at_most(log: Log) -> None:
    rules = Rules(topic="playhead.batches", retain_ms=10**12)
    tables = tables_of(log, rules)
    shard = Shard(0)
    for block in in_blocks(log, [1]):
        run_block(shard, block, block[-1].offset, rules)
        for key in shard.visitors:
            visitor = shard.find(key)
            assert visitor is not None
            assert len(visitor.completed) <= rules.retained_sessions
    for visitor_id in "ab":
        of_visitor = [v for v in tables.sessions.values() if v.visitor_id == visitor_id]
        assert sum(v.status == "active" for v in of_visitor) <= 1
    assert shard.active_sessions == sum(v.status == "active" for v in tables.sessions.values())
