"""The short way of the usual batch does what the rules do: logs run both ways give the same."""

from typing import Any
from unittest.mock import patch

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.envelope import Batch, Envelope
from sessionizer.core.block import run_block
from sessionizer.core.state import Shard
from sessionizer.core.usual import took_usual
from tests.builders.batches import HOUR, MINUTE, SECOND, T0, a_batch, a_tick, an_erasure
from tests.builders.logs import Log, a_log, in_blocks
from tests.sessionizer.core.random_logs import GAP, MAXIMUM, RULES, block_sizes, logs, thorough

RULE_WAY = "sessionizer.core.step.took_usual"

odd = st.sampled_from(
    [
        {"final": True},
        {"seq": 3},
        {"delay_ms": 25 * MINUTE},
        {"delay_ms": GAP - 1},
        {"lasts_ms": 30 * MINUTE},
        {"lasts_ms": MAXIMUM},
        {"clock_ms": HOUR},
        {"clock_ms": -HOUR},
        {"sent": False},
        {"visitor_id": "anna"},
        {"seq": None, "hashes": (1, 2)},
        {"gap_ms": MINUTE},
    ]
)
passing = st.sampled_from([0, 1, SECOND, 5 * SECOND, MINUTE, GAP - 1, GAP, GAP + 1, 39 * MINUTE, 2 * HOUR])


@st.composite
def mostly_usual(draw: st.DrawFn) -> Log:
    """A visitor's windows that send one numbered batch after another, and now and then something else."""
    now, seqs = T0, {"x": 0, "y": 0}
    log: list[Envelope] = []
    for _ in range(draw(st.integers(5, 40))):
        now += draw(passing)
        window = draw(st.sampled_from("xxxy"))
        facts: dict[str, Any] = {"window": window, "seq": seqs[window], "lasts_ms": 500}
        kind = draw(st.integers(0, 12))
        if kind == 0:
            log.append(a_tick(now))
            continue
        if kind == 1:
            log.append(an_erasure(now))
            continue
        if kind == 2:
            facts |= draw(st.sampled_from([{"meta_at": now, "href": "https://shop.example/2"}, {}]))
            facts |= draw(st.sampled_from([{"full_snapshots_at": (now,)}, {}]))
        elif kind < 5:
            facts |= draw(odd)
        if facts["seq"] == seqs[window]:
            seqs[window] += draw(st.sampled_from([1, 1, 1, 1, 2]))
        if seqs[window] == 1:
            facts |= {"full_snapshots_at": (now,)} if not facts.keys() & {"clock_ms", "last_at"} else {}
        log.append(a_batch(now, **{"gap_ms": GAP, "max_session_ms": MAXIMUM, **facts}))
    return a_log(log)


def both_ways(log: Log, sizes: list[int]) -> tuple[int, int]:
    """How many batches went the short way, of how many; fails where the two ways differ."""
    short = 0

    def counted(*args: Any) -> bool:
        nonlocal short
        took = took_usual(*args)
        short += took
        return took

    one, other = Shard(0), Shard(0)
    for block in in_blocks(log, sizes):
        last = block[-1].offset
        with patch(RULE_WAY, counted):
            usual = run_block(one, block, last, RULES)
        with patch(RULE_WAY, lambda *_: False):
            ruled = run_block(other, block, last, RULES)
        assert usual.assigned == ruled.assigned
        assert usual.sessions == ruled.sessions
        assert usual.announced == ruled.announced
        assert usual.changelog == ruled.changelog
        assert usual.counts == ruled.counts
        assert (one.watermark, one.active_sessions) == (other.watermark, other.active_sessions)
    one.rebuild_deadlines()
    other.rebuild_deadlines()
    assert one.deadlines == other.deadlines
    return short, len(log)


@thorough
@given(mostly_usual(), block_sizes())
def test_both_ways_give_the_same(log: Log, sizes: list[int]) -> None:
    both_ways(log, sizes)


@thorough
@given(logs(), block_sizes())
def test_both_ways_give_the_same_where_little_is_usual(log: Log, sizes: list[int]) -> None:
    both_ways(log, sizes)


def an_overlap() -> list[Envelope]:
    """A session at its maximum gets a late batch that reaches into the next one: both hold what follows."""
    first = [a_batch(T0 + n * 5 * MINUTE, seq=n) for n in range(8)]
    second = [
        a_batch(T0 + 41 * MINUTE, seq=8, lasts_ms=3 * MINUTE),
        a_batch(T0 + 41 * MINUTE + SECOND, seq=9),
    ]
    late = a_batch(T0 + 39 * MINUTE, window="y", seq=0, delay_ms=3 * MINUTE)
    return [*first, *second, late, a_batch(T0 + 38 * MINUTE + 30 * SECOND, seq=10, delay_ms=4 * MINUTE)]


def an_erased_past() -> list[Envelope]:
    """A session that began before the erasure of what was before it, and a batch from before that moment."""
    began = a_batch(T0 + 3 * MINUTE, seq=1, lasts_ms=2 * MINUTE)
    late = a_batch(T0 + 90 * SECOND, seq=2, delay_ms=2 * MINUTE)
    return [a_batch(T0, seq=0), an_erasure(T0 + 2 * MINUTE), began, late]


def a_second_page() -> list[Envelope]:
    opened = a_batch(T0, seq=0, meta_at=T0, href="https://shop.example/1", full_snapshots_at=(T0,))
    earlier = {"meta_at": T0 - SECOND, "href": "https://shop.example/0", "full_snapshots_at": (T0 - SECOND,)}
    return [
        opened,
        a_batch(T0 + SECOND, seq=1, lasts_ms=SECOND),
        a_batch(T0, seq=2, lasts_ms=SECOND, **earlier),
    ]


@pytest.mark.parametrize("log", [an_overlap(), an_erased_past(), a_second_page()])
def test_both_ways_give_the_same_where_it_is_close(log: list[Envelope]) -> None:
    kept = {"gap_ms": GAP, "max_session_ms": MAXIMUM}
    both_ways(a_log(msgspec.structs.replace(e, **kept) if isinstance(e, Batch) else e for e in log), [1])


def test_both_ways_give_the_same_where_a_completed_session_is_nearer() -> None:
    """The gap was made longer meanwhile: late batches open a session before one that is completed already."""
    settings = {"gap_ms": 30 * MINUTE, "max_session_ms": 4 * HOUR}
    completed = a_batch(T0, window="y", gap_ms=MINUTE, max_session_ms=4 * HOUR)
    log = [
        completed,
        a_tick(T0 + MINUTE + RULES.grace_ms),
        a_batch(T0 - 5 * MINUTE, window="x", seq=0, delay_ms=8 * MINUTE, **settings),
        a_batch(T0 - 30 * SECOND, window="x", seq=1, delay_ms=4 * MINUTE, **settings),
    ]
    assert both_ways(a_log(log), [1]) == (0, 4)


def two_windows(*last: Batch) -> list[Envelope]:
    opened = [
        a_batch(T0, window="y", seq=0, full_snapshots_at=(T0,)),
        a_batch(T0 + 20 * SECOND, window="x", seq=0, full_snapshots_at=(T0 + 20 * SECOND,)),
    ]
    return [*opened, *last]


@pytest.mark.parametrize(
    ("log", "short"),
    [
        # The clock jumps by less than the gap: what was received cannot have happened later.
        ([a_batch(T0, seq=0), a_batch(T0 + 5 * SECOND, seq=1, clock_ms=10 * SECOND)], 1),
        # Of another window, and overtaken by what the session has: its end does not go back.
        (two_windows(a_batch(T0 + 10 * SECOND, window="y", seq=1, delay_ms=15 * SECOND)), 1),
        # It begins before what its window has, in the session's span.
        (two_windows(a_batch(T0 + 30 * SECOND, window="x", seq=1, lasts_ms=15 * SECOND)), 1),
        # The first batch that tells who it is.
        ([a_batch(T0, seq=0), a_batch(T0 + SECOND, seq=1, visitor_id="anna")], 1),
        # With it the watermark reaches the end of the gap, to the ms: the session is completed first.
        ([a_batch(T0, seq=0), a_batch(T0 + GAP - 1, seq=1, delay_ms=RULES.grace_ms + 1)], 0),
    ],
)
def test_both_ways_give_the_same_at_the_edges_of_what_is_usual(log: list[Envelope], short: int) -> None:
    kept = {"gap_ms": GAP, "max_session_ms": MAXIMUM}
    edge = [msgspec.structs.replace(e, **kept) if isinstance(e, Batch) else e for e in log]
    assert both_ways(a_log(edge), [1]) == (short, len(log))


@pytest.mark.parametrize("size", [1, 7, 100])
def test_a_visit_goes_the_short_way(size: int) -> None:
    """All but its first batch: else the properties above would show nothing."""
    visit = [a_batch(T0, seq=0, full_snapshots_at=(T0,))]
    visit += [a_batch(T0 + n * 5 * SECOND, seq=n, lasts_ms=4_000) for n in range(1, 50)]
    assert both_ways(a_log(visit), [size]) == (49, 50)
