"""What one viewer is told and has not taken yet: a bounded buffer between the shared reading and a socket."""

import asyncio
from collections import deque
from dataclasses import dataclass
from enum import Enum

from query_api.live.arrival import Arrival


class Ending(Enum):
    """Why nothing more comes from the shared reading."""

    FELL_BEHIND = "it took too little, and is to read for itself from where it is"
    GONE = "the session is no longer there"
    STOPPED = "the process stops, or the reading broke"


@dataclass(frozen=True)
class Completed:
    at: int
    """ms since the epoch, the collector's clock."""


class Viewer:
    """Holds at most `limit_bytes`, or one message. The bytes of a message are one object for all viewers."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._held: deque[tuple[Arrival, bytes]] = deque()
        self._held_bytes = 0
        self._changed = asyncio.Event()
        self.ending: Ending | Completed | None = None

    def offer(self, at: Arrival, message: bytes) -> bool:
        """False where it is not taken: the viewer has fallen behind, and what was held is let go."""
        if self._held and self._held_bytes + len(message) > self._limit_bytes:
            self._held.clear()
            self._held_bytes = 0
            self.end(Ending.FELL_BEHIND)
            return False
        self._held.append((at, message))
        self._held_bytes += len(message)
        self._changed.set()
        return True

    def end(self, ending: Ending | Completed) -> None:
        """What is held may still be taken."""
        self.ending = ending
        self._changed.set()

    def begin(self) -> None:
        """It is told again from now on."""
        self.ending = None

    def take(self) -> tuple[Arrival, bytes] | None:
        if not self._held:
            return None
        at, message = self._held.popleft()
        self._held_bytes -= len(message)
        return at, message

    async def changed(self) -> None:
        """Wait until something is offered, or it ends."""
        await self._changed.wait()
        self._changed.clear()
