"""Rule 7: seqs of a window that were passed over, and their arrival after all.

A window's seqs run on from session to session. A session misses those that were passed over when a batch of
its own arrived; from where a window began before anything is remembered of it, nobody can tell, so what is
below the lowest seq seen is not missing (ADR 13).
"""

from sessionizer.core import seqs
from sessionizer.core.assign import window_of
from sessionizer.core.state import Session, Visitor, Window

MOST_RUNS = 64
"""Runs of missing seqs listed for a window; past that the lowest are only counted."""


def is_missing(visitor: Visitor, window_id: str, seq: int) -> bool:
    """Whether some session of the visitor misses this seq."""
    windows = (window_of(session, window_id) for session in visitor.sessions())
    return any(window is not None and seqs.contains(window.missing, seq) for window in windows)


def passed_over(seen: list[int], seq: int) -> tuple[int, int] | None:
    """The run of seqs that this one is found to have passed over: low and end; None where there is none."""
    if not seen:
        return None
    if seq > seen[-1]:
        return seen[-1], seq
    if seq + 1 < seen[0]:
        return seq + 1, seen[0]
    return None


def note_missing(window: Window, low: int, end: int) -> None:
    """Have the window miss a run of seqs."""
    seqs.add_run(window.missing, low, end)
    if len(window.missing) > 2 * MOST_RUNS:
        window.unlisted += window.missing[1] - window.missing[0]
        del window.missing[:2]


def arrived(visitor: Visitor, window_id: str, seq: int) -> Session | None:
    """Close a missing seq that arrived; gives the session that missed it, None where none did."""
    for session in visitor.sessions():
        window = window_of(session, window_id)
        if window is not None and seqs.remove(window.missing, seq):
            return session
    return None
