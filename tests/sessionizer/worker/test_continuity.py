"""When a worker may go on from the state that it found, and what it says when it may not."""

import pytest

from sessionizer.core.state import Shard
from sessionizer.worker.continuity import (
    Committed,
    commit_note,
    lost_state,
    noted_partitions,
    other_count,
)


def a_shard(partition: int, offset: int) -> Shard:
    shard = Shard(partition)
    shard.offset = offset
    return shard


def test_the_count_that_was_noted_is_right_and_none_noted_says_nothing() -> None:
    assert other_count(4, [4, 4, 0]) is None
    assert other_count(4, []) is None


@pytest.mark.parametrize("noted", [[4], [0, 4], [8, 4, 8]])
def test_another_count_is_refused_in_words_that_name_both_and_the_way_out(noted: list[int]) -> None:
    refused = other_count(8, noted)
    assert refused is not None
    assert "has 8 partitions, and had 4" in refused
    assert "playhead-sessionizer rebuild" in refused


@pytest.mark.parametrize("partitions", [1, 4, 64])
def test_a_commits_note_tells_the_count(partitions: int) -> None:
    assert noted_partitions(commit_note(partitions)) == partitions


@pytest.mark.parametrize("note", ["", "partitions=", "partitions=x", "other", "partitions=4;x"])
def test_a_note_of_something_else_tells_none(note: str) -> None:
    assert noted_partitions(note) == 0


def test_a_first_start_has_lost_nothing() -> None:
    assert lost_state([a_shard(0, -1), a_shard(1, -1)], {}) is None
    assert lost_state([a_shard(0, -1)], {0: Committed(0, 4)}) is None


def test_with_its_position_a_partition_has_lost_nothing_whatever_is_committed() -> None:
    assert lost_state([a_shard(0, 3)], {0: Committed(9, 4)}) is None


def test_a_partition_that_was_read_and_has_no_position_has_lost_its_state() -> None:
    committed = {0: Committed(5, 4), 1: Committed(1, 4)}
    lost = lost_state([a_shard(0, 4), a_shard(1, -1), a_shard(2, -1)], committed)
    assert lost is not None
    assert "partitions [1]" in lost
    assert "playhead-sessionizer rebuild" in lost


def test_what_another_worker_has_is_not_looked_at() -> None:
    assert lost_state([a_shard(0, 4)], {1: Committed(9, 4)}) is None
