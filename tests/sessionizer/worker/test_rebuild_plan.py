"""What a rebuild is going to do, and when it must not."""

import pytest

from sessionizer.worker.continuity import Committed
from sessionizer.worker.rebuild_plan import PartitionPlan, RebuildRefused, plan_rebuild, told


def test_the_log_is_read_again_from_its_start_to_where_the_worker_was() -> None:
    plans = plan_rebuild({0: (0, 50), 1: (7, 90)}, {0: Committed(40, 2), 1: Committed(80, 2)}, {}, {1: 3})
    assert plans == [
        PartitionPlan(partition=0, start=0, read_to=40, replaced=0, noted=2),
        PartitionPlan(partition=1, start=7, read_to=80, replaced=3, noted=2),
    ]
    assert [plan.records for plan in plans] == [40, 73]


def test_a_position_that_is_there_tells_more_than_a_commit_before_it() -> None:
    (plan,) = plan_rebuild({0: (0, 50)}, {0: Committed(40, 1)}, {0: (42, 1)}, {})
    assert plan.read_to == 43


def test_a_position_past_the_end_is_of_another_log() -> None:
    (plan,) = plan_rebuild({0: (0, 50)}, {}, {0: (50, 1)}, {})
    assert plan.read_to == 0


def test_a_partition_that_nobody_read_is_left_to_the_worker() -> None:
    (plan,) = plan_rebuild({0: (0, 50)}, {}, {}, {})
    assert (plan.read_to, plan.records) == (0, 0)


def test_nothing_is_read_again_where_the_log_has_nothing_of_it() -> None:
    (plan,) = plan_rebuild({0: (60, 60)}, {0: Committed(40, 1)}, {}, {})
    assert (plan.read_to, plan.records) == (40, 0)


def test_a_log_that_lost_its_end_is_refused() -> None:
    with pytest.raises(RebuildRefused, match="read up to 51 and ends at 50"):
        plan_rebuild({0: (0, 50)}, {0: Committed(51, 1)}, {}, {})


def test_it_is_told_that_sessions_become_two_where_the_count_has_changed() -> None:
    log, committed = {0: (0, 9), 1: (0, 9)}, {0: Committed(9, 1)}
    *partitions, count = told(plan_rebuild(log, committed, {}, {}))
    assert len(partitions) == 2
    assert "there were 1 partitions, and there are 2" in count
    assert "begins a second session" in count


def test_nothing_is_told_of_it_where_it_has_not() -> None:
    assert len(told(plan_rebuild({0: (0, 9)}, {0: Committed(9, 1)}, {0: (8, 1)}, {}))) == 1
