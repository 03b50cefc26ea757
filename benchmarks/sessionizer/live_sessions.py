"""State of many live sessions, as the changelog would hold it after their first batches. Pure.

The core itself makes the state of one visitor from five batches; the others' differ in names and ids.
"""

import random
from collections.abc import Iterator, Sequence

from benchmarks.sessionizer.envelopes import (
    CONNECTION,
    PARTITIONS,
    ROUND_MS,
    Body,
    Record,
    batch,
)
from schemas.envelope import visitor_key
from schemas.topic import BATCHES
from sessionizer.core.block import run_block
from sessionizer.core.record import Record as ReadRecord
from sessionizer.core.rules import Rules
from sessionizer.core.state import Shard, decode_visitor, encode_visitor

BATCHES_BEFORE = 5
RULES = Rules(topic=BATCHES, grace_ms=120_000, ended_after_ms=30_000, retain_ms=7_200_000)
_ID_BYTES = 16


def live_sessions(names: Sequence[str], first_received_at: int, opening: Body) -> Iterator[Record]:
    """A changelog record a visitor; none of them has seen a record of the log that follows."""
    draw = random.Random(3)
    model = decode_visitor(_one(names[0], first_received_at, opening))
    session = model.active
    assert session is not None
    (window,) = session.windows
    (seen,) = model.seen.values()
    model.offset = -1
    for number, name in enumerate(names):
        session.id = session.id[:8] + draw.randbytes(_ID_BYTES - 8)
        window.id = batch(name, 0, first_received_at, None, None).window
        model.seen = {window.id: seen}
        yield Record(
            number % PARTITIONS, visitor_key(CONNECTION, name), encode_visitor(model), first_received_at
        )


def _one(name: str, first_received_at: int, opening: Body) -> bytes:
    shard, key = Shard(0), visitor_key(CONNECTION, name)
    facts = opening.prepared.summary
    records = [
        ReadRecord(
            offset=seq,
            key=key,
            envelope=batch(name, seq, first_received_at + seq * ROUND_MS, facts if seq == 0 else None, None),
        )
        for seq in range(BATCHES_BEFORE)
    ]
    run_block(shard, records, len(records) - 1, RULES)
    return shard.visitors[key]
