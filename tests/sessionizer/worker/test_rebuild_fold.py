"""State that is made anew from the log is the state that was lost, also where the log's start is gone."""

from collections.abc import Iterable, Mapping, Sequence

from hypothesis import given
from hypothesis import strategies as st

from schemas.envelope import Envelope, encode
from sessionizer.core import seqs
from sessionizer.core.block import BlockLimits, run_block
from sessionizer.core.record import Record
from sessionizer.core.rules import Rules
from sessionizer.core.state import Seen, Shard, Visitor, decode_visitor
from sessionizer.worker.rebuild_fold import Fold, Remembered, carry_over, joined
from tests.builders.batches import HOUR, MINUTE, T0, a_batch, a_tick
from tests.builders.logs import a_log
from tests.sessionizer.core.random_logs import logs
from tests.sessionizer.worker.records import FetchedRecord

RULES = Rules(topic="playhead.batches")
LIMITS = BlockLimits(records=5, value_bytes=1 << 20)


def fetched(log: Iterable[Record]) -> list[FetchedRecord]:
    return [FetchedRecord(record.offset, record.key, encode(record.envelope)) for record in log]


def folded(
    records: Sequence[FetchedRecord],
    cut: Mapping[bytes, Mapping[str, Seen]] | None = None,
    left_out: Iterable[tuple[int, int | None]] = (),
) -> tuple[Shard, Fold]:
    shard = Shard(0)
    fold = Fold(shard, LIMITS, RULES, cut or {}, set(left_out))
    fold.take(records)
    fold.finish(records[-1].offset)
    return shard, fold


def told(shard: Shard) -> dict[bytes, Visitor]:
    """What is remembered; not when a visitor was looked at, which depends on where blocks end."""
    found = {}
    for key, value in shard.visitors.items():
        visitor = decode_visitor(value)
        if visitor.active or visitor.completed or visitor.erased:
            visitor.due = visitor.changes = visitor.offset = 0
            found[key] = visitor
    return found


@given(logs())
def test_the_same_log_gives_the_same_state(log: list[Record]) -> None:
    was = Shard(0)
    run_block(was, log, log[-1].offset, RULES)
    again, _ = folded(fetched(log))
    assert told(again) == told(was)
    assert (again.offset, again.watermark) == (was.offset, was.watermark)
    assert again.active_sessions == was.active_sessions


def test_what_cannot_be_read_or_became_a_dead_letter_is_in_no_session() -> None:
    records = fetched(a_log([a_batch(T0, seq=0), a_batch(T0 + 1, seq=1), a_batch(T0 + 2, seq=2)]))
    records += [FetchedRecord(3, b"shop/ann", b"\xc1"), FetchedRecord(4, b"shop/ann", None)]
    shard, _ = folded(records, left_out=[(1, T0)])
    ann = shard.find(b"shop/ann")
    assert ann is not None
    assert ann.active is not None
    assert ann.active.batches == 2
    assert shard.offset == 4


def test_a_dead_letter_of_a_log_that_was_made_anew_is_another_record() -> None:
    shard, _ = folded(fetched(a_log([a_batch(T0)])), left_out=[(0, T0 - 1)])
    assert shard.active_sessions == 1


def a_cut_log(envelopes: Sequence[Envelope], at: int) -> tuple[Shard, Shard, Fold]:
    """State by the whole log, and by the log from `at` on with what the tables have of sessions before."""
    log = a_log(envelopes)
    was = Shard(0)
    rows = run_block(was, log, log[-1].offset, RULES).assigned
    of_before = {row.session_id for row in rows if row.offset < at}
    seen: dict[bytes, dict[str, Seen]] = {}
    for row in rows:
        if row.session_id in of_before and row.batch.seq is not None:
            of_session = seen.setdefault(row.session_id, {})
            seqs.add(of_session.setdefault(row.batch.window, Seen()).seqs, row.batch.seq)
    remembered = [
        Remembered(key, session, seen[session.id])
        for key, value in was.visitors.items()
        for session in decode_visitor(value).sessions()
        if session.id in of_before
    ]
    again, fold = folded(fetched(log[at:]), {each.key: each.seen for each in remembered})
    carry_over(again, remembered, log[-1].offset, RULES)
    return was, again, fold


def test_a_session_that_began_before_the_logs_start_goes_on_under_its_own_id() -> None:
    envelopes = [a_batch(T0 + n * MINUTE, seq=n) for n in range(6)]
    was, again, fold = a_cut_log(envelopes, 3)
    assert fold.passed_over == 3
    assert told(again) == told(was)
    assert again.active_sessions == 1


def test_a_repeat_of_a_batch_from_before_the_start_begins_no_session() -> None:
    first = a_batch(T0, seq=0)
    envelopes = [first, a_batch(T0 + MINUTE, seq=1), first, a_tick(T0 + MINUTE)]
    was, again, fold = a_cut_log(envelopes, 2)
    assert fold.passed_over == 1
    assert told(again) == told(was)


def test_what_is_passed_over_still_carries_time() -> None:
    envelopes = [a_batch(T0, seq=0), a_batch(T0 + MINUTE, seq=1)]
    was, again, _ = a_cut_log(envelopes, 1)
    assert again.watermark == was.watermark


def test_the_next_session_of_such_a_visitor_has_the_id_that_it_had() -> None:
    envelopes: list[Envelope] = [a_batch(T0, seq=0), a_batch(T0 + MINUTE, seq=1)]
    envelopes += [a_batch(T0 + HOUR, seq=2), a_batch(T0 + HOUR + MINUTE, seq=3)]
    was, again, _ = a_cut_log(envelopes, 1)
    assert told(again)[b"shop/ann"].active == told(was)[b"shop/ann"].active
    assert [s.id for s in told(again)[b"shop/ann"].completed] == [
        s.id for s in told(was)[b"shop/ann"].completed
    ]


def test_a_session_that_is_long_over_is_not_remembered_again() -> None:
    log = a_log([a_batch(T0, seq=0), a_tick(T0 + HOUR), a_tick(T0 + 10 * HOUR)])
    was = Shard(0)
    run_block(was, log[:2], 1, RULES)
    ann = was.find(b"shop/ann")
    assert ann is not None
    (session,) = ann.completed
    again, _ = folded(fetched(log[2:]))
    assert carry_over(again, [Remembered(b"shop/ann", session, {})], 2, RULES) == 0
    assert again.find(b"shop/ann") is None


def test_a_session_that_is_carried_over_is_completed_when_it_is_due() -> None:
    log = a_log([a_batch(T0, seq=0), a_batch(T0 + 1, seq=1)])
    was = Shard(0)
    run_block(was, log, 1, RULES)
    session = decode_visitor(was.visitors[b"shop/ann"]).active
    assert session is not None
    again, _ = folded(fetched(a_log([a_tick(T0 + 2)], 2)))
    assert carry_over(again, [Remembered(b"shop/ann", session, {"w1": Seen([0, 2])})], 2, RULES) == 1
    effects = run_block(again, a_log([a_tick(T0 + HOUR)], 3), 3, RULES)
    assert effects.counts.completed == {"inactivity": 1}
    assert again.active_sessions == 0


@given(st.sets(st.integers(0, 60)), st.sets(st.integers(0, 60)))
def test_what_was_seen_before_and_since_is_joined(before: set[int], since: set[int]) -> None:
    assert numbers(joined(Seen(runs(before)), Seen(runs(since)))) == before | since


def test_a_run_longer_than_anyone_could_count_is_joined_at_once() -> None:
    assert joined(Seen([0, 1 << 52]), Seen([7, 9])).seqs == [0, 1 << 52]


def runs(numbers: set[int]) -> list[int]:
    bounds = []
    for number in sorted(numbers):
        if bounds and bounds[-1] == number:
            bounds[-1] = number + 1
        else:
            bounds += [number, number + 1]
    return bounds


def numbers(seen: Seen) -> set[int]:
    return {n for low, end in zip(seen.seqs[::2], seen.seqs[1::2], strict=True) for n in range(low, end)}
