"""One record of the log, applied to its partition's state: the way of a batch through rules 1 to 10."""

from sessionizer.core.effects import Effects
from sessionizer.core.record import Record
from sessionizer.core.rules import Rules
from sessionizer.core.state import Shard


def step(shard: Shard, record: Record, effects: Effects, rules: Rules) -> None:
    """Apply one readable record; offsets rise from call to call. What follows is added to `effects`."""
    raise NotImplementedError
