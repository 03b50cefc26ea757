"""The logs and states that the sessionizer is measured with are such as it meets."""

from collections import Counter
from itertools import groupby

from benchmarks.sessionizer.envelopes import EVENTS, PARTITIONS, Load, bodies_near, opening, visitor_names
from benchmarks.sessionizer.live_sessions import BATCHES_BEFORE, RULES, live_sessions
from playhead.checkout import RECORDINGS
from playhead.player.recording import read_folder
from schemas.envelope import Batch, decode, visitor_key
from sessionizer.core.block import run_block
from sessionizer.core.record import Record
from sessionizer.core.state import Shard, decode_visitor
from sessionizer.sink.payload import events_text

T0 = 1_764_000_000_000
OPENING = opening(read_folder(RECORDINGS))
MAX_BYTES = 1 << 26


def batches(load: Load) -> list[Batch]:
    found = [decode(record.value) for record in load.records()]
    assert all(isinstance(one, Batch) for one in found)
    return found  # type: ignore[return-value]


def test_each_visitor_sends_once_a_round_in_its_own_partition() -> None:
    load = Load(40, 3, T0, OPENING)
    records = list(load.records())

    assert len(records) == load.envelopes == 120
    for start in range(0, 120, 40):
        assert len({record.key for record in records[start : start + 40]}) == 40
    assert max(Counter((record.key, record.partition) for record in records).values()) == 3
    assert {record.partition for record in records} == set(range(PARTITIONS))


def test_the_core_takes_the_whole_log_as_one_session_a_visitor() -> None:
    load = Load(40, 3, T0, OPENING)
    records = [
        Record(offset, record.key, decode(record.value)) for offset, record in enumerate(load.records())
    ]

    effects = run_block(Shard(0), records, len(records) - 1, RULES)

    assert effects.rejected == []
    assert (effects.counts.batches, effects.counts.started, effects.counts.duplicate_batches) == (120, 40, 0)
    assert effects.counts.events == 120 * EVENTS
    assert all(session.replayable for session in effects.sessions)


def test_payloads_hold_the_events_that_the_envelope_tells_of() -> None:
    bodies = bodies_near(read_folder(RECORDINGS), 20_000)

    for one in batches(Load(10, 1, T0, OPENING, bodies, first_seq=1)):
        text = events_text(one.payload, one.encoding, MAX_BYTES)
        assert 10_000 < one.raw_bytes == len(text) + 2 < 30_000


def test_events_are_the_envelopes_one_by_one() -> None:
    load = Load(7, 2, T0, OPENING)
    runs = [(key, list(run)) for key, run in groupby(load.events(), key=lambda record: record.key)]

    assert sum(len(run) for _, run in runs) == load.envelopes * EVENTS
    assert all(len(run) % EVENTS == 0 for _, run in runs)


def test_live_sessions_go_on_in_the_log_that_follows() -> None:
    names = visitor_names(20)
    shard = Shard(0)
    for record in live_sessions(names, T0, OPENING):
        shard.apply(record.key, record.value)
    shard.rebuild_deadlines()
    assert shard.active_sessions == 20
    load = Load(20, 2, T0 + 25_000, OPENING, first_seq=BATCHES_BEFORE, names=names)
    records = [
        Record(offset, record.key, decode(record.value)) for offset, record in enumerate(load.records())
    ]

    effects = run_block(shard, records, len(records) - 1, RULES)

    assert (effects.counts.batches, effects.counts.started, effects.counts.missing) == (40, 0, 0)
    assert {session.batches for session in effects.sessions} == {BATCHES_BEFORE + 2}
    assert {visitor_key("bench", name) for name in names} == set(shard.visitors)
    assert all(len(decode_visitor(state).seen) == 1 for state in shard.visitors.values())
