"""Rule 10: from when on a window can be played, exact in whatever order its batches arrive.

rrweb's player needs a Meta followed by a FullSnapshot. The earliest FullSnapshot at or after the earliest
Meta is that moment. All times are the visitor's clock.
"""

from bisect import insort

from schemas.envelope import Batch
from sessionizer.core.state import Window

MOST_WAITING = 16
"""FullSnapshots remembered without a Meta before them. rrweb writes them in pairs, so one or two is usual."""


def note_snapshots(window: Window, batch: Batch) -> None:
    """Take the batch's Meta and FullSnapshots into the window."""
    earlier_meta = batch.meta_at is not None and (window.meta_at is None or batch.meta_at < window.meta_at)
    if earlier_meta:
        window.meta_at = batch.meta_at
    if not earlier_meta and not batch.full_snapshots_at:
        return
    for at in batch.full_snapshots_at:
        if at not in window.waiting:
            insort(window.waiting, at)
    if window.meta_at is not None:
        after = [at for at in window.waiting if at >= window.meta_at]
        if after:
            # What is playable stays so: an earlier Meta only adds snapshots that come before.
            window.playable_at = min(after[0], after[0] if window.playable_at is None else window.playable_at)
            window.waiting = window.waiting[: -len(after)]
    if len(window.waiting) > MOST_WAITING:
        # The last one stays, so that a late Meta still finds a snapshot after it.
        del window.waiting[MOST_WAITING - 1 : -1]
