from benchmarks.collector.memory import growth_of


def test_memory_that_stays_has_grown_by_nothing_whatever_the_start_was() -> None:
    assert growth_of([1, 50, 200, 200, 190, 200, 180, 200, 190]) == 1


def test_memory_that_goes_on_growing_is_seen() -> None:
    assert growth_of([100, 100, 100, 200, 200, 200, 300, 300, 300]) == 1.5
