import pytest

from benchmarks.sessionizer.drain import Bounds, Drain, Sample, TooShort

BOUNDS = Bounds(warm_up_cpu_s=2, measured_cpu_s=4, longest_s=100)


def watched(samples: list[Sample], records: int = 10_000) -> tuple[Drain, int]:
    """The drain, and how many samples it took."""
    drain = Drain(records, BOUNDS)
    for taken, sample in enumerate(samples, 1):
        if drain.enough(sample):
            return drain, taken
    return drain, len(samples)


def steady(seconds: int, per_s: int, share: float = 1.0) -> list[Sample]:
    """It starts after ten seconds, and has `share` of its core."""
    idle = [Sample(float(at), 3.0, 0) for at in range(10)]
    return idle + [Sample(10.0 + at, 3 + at * share, (at + 1) * per_s) for at in range(seconds)]


def test_time_before_the_first_record_is_not_measured() -> None:
    drain, _ = watched(steady(20, per_s=100))

    assert drain.rate().per_s == pytest.approx(100)


def test_the_warm_up_is_counted_in_processor_time() -> None:
    slow_at_first = [
        Sample(0, 0, 0),
        *(Sample(at, at / 2, at * 10) for at in range(1, 6)),  # 2 CPU s after the first: at 5
        *(Sample(at, at / 2, 50 + (at - 5) * 200) for at in range(6, 20)),
    ]

    drain, taken = watched(slow_at_first)

    assert drain.rate().per_s == pytest.approx(200)
    assert drain.rate().per_cpu_s == pytest.approx(400)
    assert slow_at_first[taken - 1].cpu_s == pytest.approx(0.5 + 2 + 4)


def test_what_follows_the_last_record_is_not_measured() -> None:
    samples = steady(5, per_s=100)
    waits = [Sample(samples[-1].at_s + at, samples[-1].cpu_s, 500) for at in range(1, 60)]

    drain, _ = watched(samples + waits)

    assert drain.rate().per_s == pytest.approx(100)


def test_it_ends_with_the_log() -> None:
    samples = steady(20, per_s=100)

    _, taken = watched(samples, records=500)

    assert samples[taken - 1].records == 500


def test_who_only_waits_is_not_waited_for() -> None:
    _, taken = watched(steady(500, per_s=1, share=0.001))

    assert taken == 10 + 101


def test_a_log_that_ends_within_the_warm_up_gives_no_figure() -> None:
    drain, _ = watched(steady(20, per_s=100), records=200)

    with pytest.raises(TooShort):
        drain.rate()
