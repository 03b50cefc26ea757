"""The sockets of this process: how many there may be, what they hold in memory, and how they end together.

Knows asyncio; nothing of messages.
"""

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Protocol

from collector.admit import BytesInFlight
from collector.problems import Reason, Refused


class Interruptible(Protocol):
    def interrupt(self) -> None:
        """It shall look at once whether it has to stop."""


class OpenSockets:
    def __init__(self, *, most: int, most_waiting_bytes: int):
        self._most = most
        self._open: set[Interruptible] = set()
        self._stopping = asyncio.Event()
        self._none_open = asyncio.Event()
        self._none_open.set()
        self._stuck = 0
        self.waiting = BytesInFlight(most_waiting_bytes)
        """Messages that are being received, and those that the broker does not have yet."""

    def __len__(self) -> int:
        return len(self._open)

    @property
    def stopping(self) -> bool:
        return self._stopping.is_set()

    def check_room(self) -> None:
        """Whether one more may be opened.

        Raises:
            Refused: overloaded, or broker_unavailable. A client sends all that it kept as soon as a socket
                opens, so none is opened while what others sent cannot be written.
        """
        if self.stopping:
            raise Refused(Reason.overloaded, "the collector is stopping")
        if len(self._open) >= self._most:
            raise Refused(Reason.overloaded, f"more than {self._most} sockets are open")
        if self._stuck:
            raise Refused(Reason.broker_unavailable, "what open sockets sent cannot be written")

    @contextlib.contextmanager
    def opened(self, socket: Interruptible) -> Iterator[None]:
        """The socket is open until the end of this context."""
        self._open.add(socket)
        self._none_open.clear()
        try:
            yield
        finally:
            self._open.discard(socket)
            if not self._open:
                self._none_open.set()

    @contextlib.contextmanager
    def stuck(self) -> Iterator[None]:
        """What a socket sent could not be written, and is tried again until the end of this context."""
        self._stuck += 1
        try:
            yield
        finally:
            self._stuck -= 1

    async def wait(self, wait_s: float) -> None:
        """So long, but not beyond the beginning of the stop."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), wait_s)

    async def stop(self, patience_s: float) -> None:
        """Open no more, let each close once what it read is in the log, and return when all have.

        Those that have not after `patience_s` are left as they are.
        """
        self._stopping.set()
        for socket in tuple(self._open):
            socket.interrupt()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._none_open.wait(), patience_s)
