"""How large a state is: of each partition, and of a live session. Pure."""

from collections.abc import Iterable

import msgspec

from sessionizer.core.state import Shard


class StateSize(msgspec.Struct, frozen=True):
    """Of a partition's state, or of several together."""

    visitors: int
    """Of whom something is remembered, active or not."""
    live_sessions: int
    bytes: int
    """Keys and values, as they are in the changelog and in a worker's memory."""

    @property
    def bytes_per_live_session(self) -> float | None:
        """Everything shared out among them, what is remembered of others too; None where none is live."""
        return self.bytes / self.live_sessions if self.live_sessions else None


def state_size(shard: Shard) -> StateSize:
    size = sum(len(key) + len(value) for key, value in shard.visitors.items())
    return StateSize(len(shard.visitors), shard.active_sessions, size)


def total(sizes: Iterable[StateSize]) -> StateSize:
    every = list(sizes)
    return StateSize(
        sum(size.visitors for size in every),
        sum(size.live_sessions for size in every),
        sum(size.bytes for size in every),
    )


def told(size: StateSize) -> str:
    """In one line, for a person."""
    each = size.bytes_per_live_session
    per_session = "" if each is None else f", {each:.0f} bytes per live session"
    return f"{size.visitors} visitors, {size.live_sessions} live sessions, {size.bytes} bytes{per_session}"
