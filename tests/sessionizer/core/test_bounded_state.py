"""State follows the visitors that are active, however many have come and gone."""

import os

from sessionizer.core.block import run_block
from sessionizer.core.rules import Rules
from sessionizer.core.state import Shard
from tests.builders.batches import HOUR, MINUTE, SECOND, T0, a_batch
from tests.builders.logs import a_log

VISITORS = int(os.environ.get("VISITORS", "20000"))
"""`VISITORS=10000000` is the long run; it takes some minutes."""
BLOCK = 500
GAP = 5 * MINUTE
RULES = Rules(topic="playhead.batches", grace_ms=MINUTE, retain_ms=HOUR // 2)


def test_visitors_who_come_once_are_forgotten() -> None:
    shard = Shard(0)
    entries = 0
    active = (GAP + RULES.grace_ms) // SECOND + BLOCK
    remembered = active + RULES.retain_ms // SECOND + BLOCK
    for start in range(0, VISITORS, BLOCK):
        batches = [
            a_batch(T0 + n * SECOND, visitor=str(n), gap_ms=GAP)
            for n in range(start, min(start + BLOCK, VISITORS))
        ]
        log = a_log(batches, start)
        effects = run_block(shard, log, log[-1].offset, RULES)
        entries += len(effects.changelog)
        assert shard.active_sessions <= active
        assert len(shard.visitors) <= remembered
        assert len(shard.deadlines) <= 2 * remembered
    assert shard.active_sessions >= GAP // SECOND, "the bound would hold of an empty state too"
    assert entries > 2 * VISITORS, "a state and a tombstone for nearly every visitor"


def test_one_visitor_who_never_stops_is_one_entry() -> None:
    shard = Shard(0)
    largest = 0
    for start in range(0, 4_000, BLOCK):
        batches = [
            a_batch(T0 + n * 10 * SECOND, seq=n, gap_ms=GAP, max_session_ms=HOUR)
            for n in range(start, start + BLOCK)
        ]
        log = a_log(batches, start)
        run_block(shard, log, log[-1].offset, RULES)
        largest = max(largest, sum(map(len, shard.visitors.values())))
    assert len(shard.visitors) == 1
    assert largest < 2_000
    assert len(shard.deadlines) < 50
