"""The named steps of a block's commit (design.md section 6, "Commit order"), in their order.

Between any two of them the process may die or be paused; the fault tests do it exactly there. In production
nothing listens.
"""

from collections.abc import Callable
from enum import StrEnum


class Step(StrEnum):
    AFTER_ERASURE = "after_erasure"
    """Only in a block with an erasure."""
    BEFORE_INSERT = "before_insert"
    AFTER_RECORDINGS_INSERT = "after_recordings_insert"
    AFTER_SESSIONS_INSERT = "after_sessions_insert"
    IN_TRANSACTION = "in_transaction"
    """The block's records are handed to the producer; the broker need not have any of them."""
    BEFORE_COMMIT = "before_commit"
    """The broker has them all, in an open transaction."""
    AFTER_COMMIT = "after_commit"
    AFTER_OFFSET = "after_offset"


Reached = Callable[[Step], None]


def nobody_listens(step: Step) -> None:
    """What production does at a step: nothing."""
