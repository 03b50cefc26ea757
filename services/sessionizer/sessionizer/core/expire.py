"""The end of a block: what the watermark has made due is done (rules 2, 3 and 5)."""

from sessionizer.core.effects import Effects
from sessionizer.core.rules import Rules
from sessionizer.core.state import Shard


def expire(shard: Shard, effects: Effects, rules: Rules) -> None:
    """Complete sessions and forget visitors whose deadline is at or before the watermark."""
    raise NotImplementedError
