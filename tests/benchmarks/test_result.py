import pytest

from benchmarks.result import Measure


def test_a_goal_is_for_the_value_unless_it_is_for_the_ratio() -> None:
    fast = Measure("m", 30, "u", peer="p", peer_value=10, goal=3, bound="at least", of_ratio=True)
    slow = Measure("m", 29, "u", peer="p", peer_value=10, goal=3, bound="at least", of_ratio=True)
    by_value = Measure("m", 29, "u", peer="p", peer_value=10, goal=3, bound="at least")

    assert (fast.holds, slow.holds, by_value.holds) == (True, False, True)


def test_a_goal_for_a_ratio_needs_a_peer() -> None:
    with pytest.raises(ValueError, match="nothing to compare"):
        _ = Measure("m", 30, "u", goal=3, of_ratio=True).holds
