"""How far back the newest sessions are looked for: a short way first, further while a page is not full.

Newest first, a page lies at the end of the time that was asked for. Asked of all time, the engine reads of
each part of the table, and of each session the events that a filter on events needs; asked of the last day
it reads that day. Where a day is too little the way grows eightfold, so what was read in vain is little.

A page that is full within a reach is the page: every session that started later is in the reach too.
"""

from collections.abc import Hashable, Iterator
from itertools import chain

from query_api.sessions.recent import Recent

DAY_MS = 24 * 60 * 60 * 1000
REACHES_MS = (DAY_MS, 8 * DAY_MS, 64 * DAY_MS)
"""Behind them comes all there is."""


def starts(before_at: int, from_at: int | None, first: int = 0) -> Iterator[int | None]:
    """Since when to ask, one after the other: ever earlier, the last is `from_at` itself.

    Args:
        before_at: until when is asked, ms since the epoch, as all here.
        from_at: what the caller asked for; None for all time.
        first: the reach to begin with, in `REACHES_MS`; its length for all at once.
    """
    earliest = 0 if from_at is None else from_at
    within = (before_at - reach_ms for reach_ms in REACHES_MS[first:])
    return chain((start for start in within if start > earliest), (from_at,))


def enough(before_at: int, last_at: int | None) -> int:
    """Which reach, as `starts` takes it, would have been enough for a page.

    Args:
        last_at: when the page's last session started; None where the page is not full.
    """
    if last_at is None:
        return len(REACHES_MS)
    return sum(before_at - reach_ms > last_at for reach_ms in REACHES_MS)


class Remembered:
    """Which reach was enough the last time, by what was asked.

    It decides where a search begins, never what it finds; so it may be wrong, and forgets what is long ago.
    """

    def __init__(self, most: int = 1_024) -> None:
        self._reaches: Recent[Hashable, int] = Recent(most)

    def first(self, asked: Hashable) -> int:
        return self._reaches.get(asked) or 0

    def was_enough(self, asked: Hashable, reach: int) -> None:
        self._reaches.put(asked, reach)
