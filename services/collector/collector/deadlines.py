"""Time-outs that are all equally long, under one timer: what ends in time, as nearly all does, costs none.

Knows the loop's clock and nothing of what is late.
"""

import asyncio
from collections.abc import Callable, Hashable, Iterator
from typing import Generic, TypeVar

What = TypeVar("What", bound=Hashable)


class Deadlines(Generic[What]):
    """What has begun and has not ended, in the order in which it began. Of one loop.

    Args:
        late: is told what has had its time. It counts no more by then.
    """

    def __init__(self, after_s: float, late: Callable[[What], None]):
        self._after_s = after_s
        self._late = late
        self._due_s: dict[What, float] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, what: What) -> None:
        """Its time runs from now on, anew where it ran already."""
        # Kept, because asking for it is a system call.
        loop = self._loop = self._loop or asyncio.get_running_loop()
        self._due_s.pop(what, None)
        self._due_s[what] = due_s = loop.time() + self._after_s
        if self._timer is None:
            self._timer = loop.call_at(due_s, self._look, loop)

    def end(self, what: What) -> None:
        """It ended in time, or late, or never began."""
        self._due_s.pop(what, None)

    def __iter__(self) -> Iterator[What]:
        return iter(self._due_s)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now_s = loop.time()
        try:
            while self._due_s:
                what, due_s = next(iter(self._due_s.items()))
                if due_s > now_s:
                    break
                del self._due_s[what]
                self._late(what)
        finally:
            # Whatever became of one, the others have their time.
            first_s = next(iter(self._due_s.values()), None)
            self._timer = None if first_s is None else loop.call_at(first_s, self._look, loop)
