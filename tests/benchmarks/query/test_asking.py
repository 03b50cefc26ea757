import pytest

from benchmarks.query.asking import Times


@pytest.mark.parametrize(("share", "expected"), [(0.0, 1.0), (0.5, 51.0), (0.99, 100.0), (1.0, 100.0)])
def test_a_quantile_is_one_of_the_times(share: float, expected: float) -> None:
    assert Times([float(n) for n in range(100, 0, -1)]).at(share) == expected


def test_the_slowest_of_a_few_is_their_p99() -> None:
    assert Times([3.0, 1.0, 2.0]).p99 == 3.0
