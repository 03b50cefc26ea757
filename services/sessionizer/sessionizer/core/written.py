"""Whether a block is written, or may be read again instead.

A block that changed nothing (a tick that no deadline waited for) comes to nothing when it is read again
after a restart: state, rows and watermark follow from the log. Writing its position would cost a transaction
a second for each partition where nobody records. A partition's first block is written, whatever it is:
without a position, a partition that was read has lost its state.
"""

UNWRITTEN_RECORDS = 30
"""So many records at most are read again because their position was not written."""


def must_be_written(*, changed: bool, position: int, written: int) -> bool:
    """Whether the block that ends at `position` is to be written.

    Args:
        changed: it asks for more than its position: state, dead letters.
        position: offset of its last record.
        written: the position that is written, -1 before the first.
    """
    return changed or written < 0 or position - written >= UNWRITTEN_RECORDS
