"""How much a connection may send in a second."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.problems import Reason, Refused
from collector.rate import Rate, RateLimits

NO_LIMIT = Rate(0, 1)


def admitted(limits: RateLimits, connection: str, now_s: float) -> int | None:
    """None, or the seconds after which to come again."""
    try:
        limits.admit(connection, now_s)
    except Refused as refused:
        return refused.retry_after_s
    return None


def test_the_reason_is_said():
    limits = RateLimits(Rate(1, 1), NO_LIMIT)
    limits.admit("shop", 0.0)
    with pytest.raises(Refused) as refused:
        limits.admit("shop", 0.0)
    assert refused.value.reason is Reason.rate_limited


@pytest.mark.parametrize(("requests", "after"), [(2, None), (3, None), (4, 1)])
def test_a_burst_is_admitted_and_no_more(requests, after):
    limits = RateLimits(Rate(2, 3), NO_LIMIT)
    *_, last = [admitted(limits, "shop", 100.0) for _ in range(requests)]
    assert last == after


@pytest.mark.parametrize(("wait_s", "after"), [(0.499, 1), (0.5, None), (0.501, None)])
def test_after_the_time_of_one_request_one_is_admitted(wait_s, after):
    limits = RateLimits(Rate(2, 1), NO_LIMIT)
    assert admitted(limits, "shop", 0.0) is None
    assert admitted(limits, "shop", wait_s) == after


def test_one_connection_does_not_use_up_anothers_rate():
    limits = RateLimits(Rate(1, 1), Rate(1, 1))
    limits.admit("shop", 0.0)
    limits.spend("shop", 10)
    assert admitted(limits, "shop", 0.0) is not None
    assert admitted(limits, "other", 0.0) is None


@pytest.mark.parametrize(("spent", "after"), [(999, None), (1_000, 1), (1_001, 1), (11_000, 101)])
def test_bytes_beyond_the_burst_are_waited_for_in_full(spent, after):
    limits = RateLimits(NO_LIMIT, Rate(100, 1_000))
    limits.admit("shop", 0.0)
    limits.spend("shop", spent)
    assert admitted(limits, "shop", 0.0) == after
    if after is not None:
        assert admitted(limits, "shop", after) is None


def test_a_pause_saves_up_the_burst_and_no_more():
    limits = RateLimits(Rate(10, 2), NO_LIMIT)
    assert [admitted(limits, "shop", 1_000_000.0) is None for _ in range(3)] == [True, True, False]


def test_what_is_refused_is_not_counted():
    limits = RateLimits(Rate(1, 1), NO_LIMIT)
    limits.admit("shop", 0.0)
    for _ in range(100):
        assert admitted(limits, "shop", 0.5) == 1
    assert admitted(limits, "shop", 1.0) is None


def test_without_a_rate_everything_is_admitted():
    limits = RateLimits(NO_LIMIT, NO_LIMIT)
    for _ in range(1_000):
        limits.admit("shop", 0.0)
        limits.spend("shop", 10**9)
    assert admitted(limits, "shop", 0.0) is None


@given(
    st.integers(1, 50),
    st.integers(1, 50),
    st.lists(st.floats(0, 2, allow_nan=False), min_size=1, max_size=200),
)
def test_never_more_than_burst_and_rate(per_s, burst, pauses):
    limits = RateLimits(Rate(per_s, burst), NO_LIMIT)
    now_s, count = 0.0, 0
    for pause_s in pauses:
        now_s += pause_s
        count += admitted(limits, "shop", now_s) is None
    assert count <= burst + per_s * now_s + 1e-6
    assert count >= min(len(pauses), burst)


@given(st.integers(1, 50), st.integers(1, 10**6))
def test_who_waits_as_told_is_admitted(per_s, spent):
    limits = RateLimits(NO_LIMIT, Rate(per_s, 1))
    limits.admit("shop", 0.0)
    limits.spend("shop", spent)
    wait_s = admitted(limits, "shop", 0.0)
    assert wait_s is not None
    assert wait_s - 1 < spent / per_s <= wait_s
    assert admitted(limits, "shop", wait_s + 1e-6) is None
