"""A worker that the broker has not heard of within the session timeout writes nothing more."""

from typing import NoReturn

import pytest

from sessionizer.worker.fence import Fence


class Ended(BaseException):
    pass


def end(reason: str, **facts: object) -> NoReturn:
    raise Ended(reason, facts)


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def fence(clock: Clock) -> Fence:
    return Fence(10_000, clock, end)


def test_before_it_is_a_member_it_may_not_write(fence: Fence) -> None:
    with pytest.raises(Ended):
        fence.check("insert")


def test_it_may_write_until_the_session_timeout_is_over(fence: Fence, clock: Clock) -> None:
    fence.heard(clock.now)
    clock.now += 10
    fence.check("insert")
    clock.now += 0.001
    with pytest.raises(Ended):
        fence.check("insert")


def test_a_heartbeat_counts_from_when_it_was_sent(fence: Fence, clock: Clock) -> None:
    fence.heard(clock.now)
    fence.heard(clock.now - 5)
    clock.now += 8
    fence.check("insert")
    fence.heard(clock.now)
    clock.now += 8
    fence.check("insert")


def test_expelled_it_may_not_write_until_it_is_a_member_again(fence: Fence, clock: Clock) -> None:
    fence.heard(clock.now)
    fence.expelled()
    with pytest.raises(Ended):
        fence.check("write state")
    fence.heard(clock.now)
    fence.check("write state")


def test_an_expulsion_is_told_once_and_only_of_a_member(clock: Clock) -> None:
    told: list[str] = []
    fence = Fence(10_000, clock, end, lambda: told.append("expelled"))
    fence.expelled()
    assert told == []
    fence.heard(clock.now)
    fence.expelled()
    fence.expelled()
    assert told == ["expelled"]


@pytest.mark.parametrize(
    ("age_s", "reason"),
    [
        (2, "another worker has this worker's instance id"),
        (11, "no heartbeat within the session timeout"),
    ],
)
def test_replaced_it_ends_and_says_by_whom(fence: Fence, clock: Clock, age_s: int, reason: str) -> None:
    fence.heard(clock.now)
    clock.now += age_s
    with pytest.raises(Ended) as ended:
        fence.replaced("pod-0")
    assert ended.value.args == (reason, {"instance_id": "pod-0", "heartbeat_age_s": age_s})


def test_refused_by_the_group_it_ends(fence: Fence) -> None:
    with pytest.raises(Ended) as ended:
        fence.cannot_join(OSError("not authorized"))
    assert ended.value.args == ("the group cannot be joined", {"error": "OSError('not authorized')"})


def test_it_tells_without_ending_whether_it_may_write(fence: Fence, clock: Clock) -> None:
    assert not fence.holds()
    fence.heard(clock.now)
    clock.now += 10
    assert fence.holds()
    clock.now += 0.001
    assert not fence.holds()


def test_a_partition_taken_over_ends_it_whatever_its_heartbeat_says(fence: Fence, clock: Clock) -> None:
    fence.heard(clock.now)
    with pytest.raises(Ended) as ended:
        fence.taken_over(3, OSError("fenced"))
    assert ended.value.args == (
        "another worker has taken its partition over",
        {"partition": 3, "error": "OSError('fenced')"},
    )
