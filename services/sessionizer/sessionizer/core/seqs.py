"""Sets of seqs as runs: [low, end, low, end, …], ascending, each end the first seq that is not in the run.

So a window whose batches all arrive is one run, however long it lives. A number is in the set where an odd
count of bounds is at or below it.
"""

from bisect import bisect_right


def contains(runs: list[int], seq: int) -> bool:
    return bisect_right(runs, seq) % 2 == 1


def add(runs: list[int], seq: int) -> None:
    """Put one seq in; in place."""
    at = bisect_right(runs, seq)
    if at % 2:
        return
    joins_left = at > 0 and runs[at - 1] == seq
    joins_right = at < len(runs) and runs[at] == seq + 1
    if joins_left and joins_right:
        del runs[at - 1 : at + 1]
    elif joins_left:
        runs[at - 1] = seq + 1
    elif joins_right:
        runs[at] = seq
    else:
        runs[at:at] = (seq, seq + 1)


def add_run(runs: list[int], low: int, end: int) -> None:
    """Put a run in that touches no other; in place."""
    at = bisect_right(runs, low)
    runs[at:at] = (low, end)


def remove(runs: list[int], seq: int) -> bool:
    """Take one seq out, in place; false where it was not in."""
    at = bisect_right(runs, seq)
    if at % 2 == 0:
        return False
    low, end = runs[at - 1], runs[at]
    rest = ([low, seq] if low < seq else []) + ([seq + 1, end] if seq + 1 < end else [])
    runs[at - 1 : at + 1] = rest
    return True


def count(runs: list[int]) -> int:
    return sum(runs[1::2]) - sum(runs[::2])


def lowest(runs: list[int], limit: int) -> tuple[int, ...]:
    """The lowest seqs of the set, `limit` at most."""
    found: list[int] = []
    for low, end in zip(runs[::2], runs[1::2], strict=True):
        found.extend(range(low, min(end, low + limit - len(found))))
    return tuple(found)
