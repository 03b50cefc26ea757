"""Records that are readable and impossible: named, passed, and without a trace in state and watermark."""

from typing import Any

import pytest

from schemas.envelope import Tick
from sessionizer.core.block import run_block
from sessionizer.core.record import Record
from sessionizer.core.state import Shard
from tests.builders.batches import T0, a_batch
from tests.builders.logs import a_log
from tests.sessionizer.core.world import RULES

CASES: list[tuple[str, dict[str, Any]]] = [
    ("impossible_identity", {"batch_id": b"short"}),
    ("impossible_identity", {"seq": -1}),
    ("impossible_identity", {"seq": 2**53}),
    ("impossible_identity", {"window": ""}),
    ("impossible_identity", {"visitor": ""}),
    ("impossible_identity", {"tenant": ""}),
    ("impossible_identity", {"connection": ""}),
    ("impossible_identity", {"connection": "a/b"}),
    ("impossible_time", {"received_at": -1}),
    ("impossible_time", {"received_at": 10**15}),
    ("impossible_time", {"first_at": -1}),
    ("impossible_time", {"last_at": 10**15}),
    ("impossible_time", {"first_at": T0 + 1}),
    ("impossible_time", {"sent_at": -1}),
    ("impossible_time", {"sent_at": 10**18}),
    ("impossible_time", {"meta_at": T0 + 1}),
    ("impossible_time", {"full_snapshots_at": (T0, T0 - 1)}),
    ("impossible_count", {"events": 0}),
    ("impossible_count", {"events": 2**32}),
    ("impossible_count", {"raw_bytes": -1}),
    ("impossible_count", {"raw_bytes": 2**41}),
    ("impossible_count", {"event_hashes": b"1234567"}),
    ("impossible_setting", {"gap_ms": 0}),
    ("impossible_setting", {"max_session_ms": 0}),
    ("impossible_setting", {"retention_days": 0}),
    ("impossible_setting", {"gap_ms": 2**60}),
    ("impossible_setting", {"max_session_ms": 2**60}),
    ("impossible_setting", {"retention_days": 10**6}),
]


@pytest.mark.parametrize(("reason", "fields"), CASES)
def test_an_impossible_batch_is_rejected_and_leaves_no_trace(reason: str, fields: dict[str, Any]) -> None:
    shard = Shard(0)
    effects = run_block(shard, a_log([a_batch(**fields)]), 0, RULES)
    assert [(rejected.offset, rejected.reason) for rejected in effects.rejected] == [(0, reason)]
    assert effects.rejected[0].detail
    assert (effects.assigned, effects.sessions, shard.visitors, shard.watermark) == ([], [], {}, 0)
    assert shard.offset == 0, "the partition goes on"


@pytest.mark.parametrize("key", [None, b"", b"shop/bob", b"shop/ann "])
def test_a_batch_under_another_key_is_rejected(key: bytes | None) -> None:
    effects = run_block(Shard(0), [Record(0, key, a_batch())], 0, RULES)
    assert [rejected.reason for rejected in effects.rejected] == ["wrong_key"]


@pytest.mark.parametrize("key", [b"", b"shop/ann"])
def test_a_tick_with_a_key_is_rejected(key: bytes) -> None:
    """It would not end a block: that is seen by the key alone."""
    shard = Shard(0)
    effects = run_block(shard, [Record(0, key, Tick(1, T0))], 0, RULES)
    assert [rejected.reason for rejected in effects.rejected] == ["wrong_key"]
    assert shard.watermark == 0


@pytest.mark.parametrize("received_at", [-1, 10**15])
def test_an_impossible_tick_is_rejected(received_at: int) -> None:
    shard = Shard(0)
    effects = run_block(shard, a_log([Tick(1, received_at)]), 0, RULES)
    assert [rejected.reason for rejected in effects.rejected] == ["impossible_time"]
    assert shard.watermark == 0


def test_the_bounds_themselves_are_possible() -> None:
    edge = a_batch(first_at=0, last_at=10_413_791_999_999, sent_at=0, seq=2**53 - 1, retention_days=10_000)
    effects = run_block(Shard(0), a_log([edge, Tick(1, 55_000 * 86_400_000 - 1)]), 1, RULES)
    assert effects.rejected == []
    assert effects.sessions[0].expires_on < 2**16
