"""The end of a block: what the watermark has made due is done (rules 2, 3 and 5)."""

import heapq

from sessionizer.core.effects import Effects
from sessionizer.core.lifecycle import next_due, settle
from sessionizer.core.rules import Rules
from sessionizer.core.state import NEVER, Shard


def expire(shard: Shard, effects: Effects, rules: Rules) -> None:
    """Complete sessions and forget visitors whose deadline is at or before the watermark."""
    deadlines = shard.deadlines
    again: list[bytes] = []
    while deadlines and deadlines[0][0] <= shard.watermark:
        due, key = heapq.heappop(deadlines)
        visitor = shard.find(key)
        if visitor is None or visitor.due != due:
            continue
        settle(shard, key, visitor, effects, rules)
        later = next_due(visitor, rules)
        if later != NEVER:
            shard.schedule(key, visitor, later)
        elif visitor.offset > shard.offset:
            # A tombstone tells no offset. Were the block repeated, this visitor's records in it would be
            # taken for new ones; so it is written without sessions now and removed in the next block.
            again.append(key)
        else:
            effects.visitor_changed(key, visitor)
            shard.forget(key)
    for key in again:
        if (visitor := shard.find(key)) is not None:
            shard.schedule(key, visitor, shard.watermark)
