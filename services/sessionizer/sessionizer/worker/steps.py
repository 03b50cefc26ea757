"""The named steps of a block's commit (design.md section 6, "Commit order"), in their order.

Between any two of them the process may die; the fault tests kill it exactly there. In production nothing
listens.
"""

from collections.abc import Callable
from enum import StrEnum


class Step(StrEnum):
    BEFORE_INSERT = "before_insert"
    AFTER_RECORDINGS_INSERT = "after_recordings_insert"
    AFTER_SESSIONS_INSERT = "after_sessions_insert"
    AFTER_DEAD_LETTERS = "after_dead_letters"
    AFTER_SOME_CHANGELOG = "after_some_changelog"
    AFTER_CHANGELOG = "after_changelog"
    AFTER_POSITION = "after_position"
    AFTER_OFFSET = "after_offset"


Reached = Callable[[Step], None]


def nobody_listens(step: Step) -> None:
    """What production does at a step: nothing."""
