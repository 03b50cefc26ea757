"""A partition that does not move while records wait is stuck; idle, slow and recovering ones are not."""

import math
from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sessionizer.worker.liveness import Limits, PartitionSample, WorkerSample, followed, judge

LIMITS = Limits(stuck_after_s=60, unready_after_s=180, session_timeout_s=10)


def a_worker(
    at_s: float, *positions_and_ends: tuple[int, int], ready: bool = True, age_s: float = 1, prepared: int = 0
) -> WorkerSample:
    return WorkerSample(
        at_s=at_s,
        ready=ready,
        heartbeat_age_s=age_s,
        prepared=prepared,
        partitions={number: PartitionSample(*each) for number, each in enumerate(positions_and_ends)},
    )


def healthy(samples: Sequence[WorkerSample]) -> bool:
    watched = followed(samples)
    assert watched is not None
    return judge(watched, LIMITS).healthy


def test_idle_it_is_healthy_however_long() -> None:
    assert healthy([a_worker(at, (9, 10)) for at in range(0, 10_000, 10)])


def test_slow_but_moving_it_is_healthy_however_far_behind() -> None:
    assert healthy([a_worker(at, (at // 50, 1_000_000)) for at in range(0, 1_000, 10)])


def test_a_partition_that_does_not_move_while_lag_grows_is_named() -> None:
    samples = [a_worker(at, (9, 11 + at), (at, at + 1)) for at in range(0, 61, 10)]
    assert healthy(samples[:-1])
    watched = followed(samples)
    assert watched is not None
    verdict = judge(watched, LIMITS)
    assert not verdict.healthy
    assert [(each.partition, each.position, each.lag, each.for_s) for each in verdict.stuck] == [
        (0, 9, 61, 60)
    ]
    assert verdict.reasons == ("partitions that do not move: 0",)


def test_it_is_healthy_again_once_it_moves() -> None:
    samples = [a_worker(at, (9, 11 + at)) for at in range(0, 100, 10)]
    assert not healthy(samples)
    assert healthy([*samples, a_worker(100, (10, 200))])


def test_what_was_idle_for_long_is_given_its_time_when_a_record_comes() -> None:
    idle = [a_worker(at, (9, 10)) for at in range(0, 500, 10)]
    behind = [a_worker(at, (9, 11)) for at in range(500, 561, 10)]
    assert healthy([*idle, *behind[:-1]])
    assert not healthy([*idle, *behind])


def test_a_partition_that_comes_back_begins_anew() -> None:
    stuck = [a_worker(at, (9, 20)) for at in range(0, 100, 10)]
    assert healthy([*stuck, a_worker(100), a_worker(110, (9, 20))])


def test_a_heartbeat_older_than_the_session_timeout_is_a_reason_of_its_own() -> None:
    assert healthy([a_worker(0, (9, 10), age_s=10)])
    assert not healthy([a_worker(0, (9, 10), age_s=10.1)])


def test_expelled_it_is_joining_again() -> None:
    """Between the expulsion and the giving up of what it owned."""
    assert healthy([a_worker(0, (9, 10), age_s=math.inf)])


def test_before_it_has_partitions_it_is_healthy_until_a_bound() -> None:
    samples = [a_worker(at, ready=False, age_s=math.inf) for at in range(0, 191, 10)]
    assert healthy(samples[:-1])
    assert not healthy(samples)
    assert healthy([*samples, a_worker(200)])


def test_a_recovery_that_goes_on_is_healthy_however_long_it_takes() -> None:
    samples = [a_worker(at, ready=False, prepared=at // 100) for at in range(0, 5_000, 10)]
    assert healthy(samples)
    standing = [a_worker(5_000 + at, ready=False, prepared=49) for at in range(0, 191, 10)]
    assert not healthy([*samples, *standing])


def test_recovering_it_may_be_out_of_touch_with_the_group() -> None:
    """aiokafka sends no heartbeats while it waits for an assignment."""
    assert healthy([a_worker(0, ready=False, age_s=30)])


steps = st.lists(
    st.tuples(
        st.integers(1, 45), st.integers(0, 2).map(lambda n: max(0, n - 1)), st.integers(0, 2), st.booleans()
    ),
    min_size=1,
    max_size=30,
)


@given(steps)
@example([(1, 0, 1, False), (45, 0, 0, False), (20, 0, 1, False)])
def test_it_is_stuck_if_and_only_if_records_waited_and_nothing_moved_all_the_while(
    given_steps: list[tuple[int, int, int, bool]],
) -> None:
    """Against the plain definition, over whole histories: time, moved by, grown by, caught up."""
    at, position, end = 0, 9, 10
    history: list[tuple[int, int, int]] = []
    for seconds, moved, grown, caught_up in given_steps:
        at += seconds
        end += grown
        position = end - 1 if caught_up else min(end - 1, position + moved)
        history.append((at, position, end))
    samples = [a_worker(at, (position, end)) for at, position, end in history]

    now = history[-1][0]
    unmoved = [
        all(p == history[-1][1] and p < e - 1 for _, p, e in history[begin:])
        and now - history[begin][0] >= LIMITS.stuck_after_s
        for begin in range(len(history))
    ]
    assert healthy(samples) is not any(unmoved)


@pytest.mark.parametrize("end", [0, 5, 10])
def test_a_log_that_is_shorter_than_the_position_is_no_lag(end: int) -> None:
    assert PartitionSample(position=9, end=end).lag == 0
