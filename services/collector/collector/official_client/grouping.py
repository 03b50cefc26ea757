"""Which messages of a socket become one batch: those of a while, or of some bytes, whichever is reached
first.

Pure: the time is handed in. An event is a message, and a record for each would cost the log and the
sessionizer a hundred times as much.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GroupLimits:
    wait_ms: int
    """From a group's first message until it is written."""
    most_bytes: int
    """With these a group is written at once; it may be over them by its last message."""
    most_messages: int


class Group:
    """The messages that were read and not yet written."""

    def __init__(self, limits: GroupLimits):
        self._limits = limits
        self._messages: list[bytes] = []
        self._bytes = 0
        self._due_at_ms: int | None = None

    @property
    def due_at_ms(self) -> int | None:
        """When it has to be written, if nothing more comes; None while it is empty."""
        return self._due_at_ms

    def add(self, message: bytes, now_ms: int) -> None:
        if self._due_at_ms is None:
            self._due_at_ms = now_ms + self._limits.wait_ms
        self._messages.append(message)
        self._bytes += len(message)

    def is_due(self, now_ms: int) -> bool:
        return self._due_at_ms is not None and (
            now_ms >= self._due_at_ms
            or self._bytes >= self._limits.most_bytes
            or len(self._messages) >= self._limits.most_messages
        )

    def take(self) -> list[bytes]:
        """Its messages, in the order in which they came; it is empty then."""
        messages, self._messages = self._messages, []
        self._bytes = 0
        self._due_at_ms = None
        return messages
