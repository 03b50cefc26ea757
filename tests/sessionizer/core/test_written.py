"""Which blocks are written, and which are read again instead after a restart."""

import pytest

from sessionizer.core.written import UNWRITTEN_RECORDS, must_be_written


@pytest.mark.parametrize("position", [0, 7, 1_000_000])
def test_a_block_that_changed_something_is_written(position: int) -> None:
    assert must_be_written(changed=True, position=position, written=position - 1)


def test_a_block_that_changed_nothing_is_not_until_many_records_would_be_read_again() -> None:
    last = 100 + UNWRITTEN_RECORDS
    assert not must_be_written(changed=False, position=last - 1, written=100)
    assert must_be_written(changed=False, position=last, written=100)


def test_the_first_block_of_a_partition_is_written_so_that_lost_state_can_be_told_from_none() -> None:
    assert must_be_written(changed=False, position=0, written=-1)
    assert not must_be_written(changed=False, position=1, written=0)
