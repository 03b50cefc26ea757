import pytest

from benchmarks.recorder.trace import Event, Start, start_of

URL = "http://shop/"


def task(at_ms: float, cpu_ms: float, *, thread: int = 1, name: str = "RunTask") -> Event:
    return {
        "name": name,
        "ph": "X",
        "pid": 7,
        "tid": thread,
        "ts": at_ms * 1_000,
        "dur": cpu_ms * 2_000,
        "tdur": cpu_ms * 1_000,
    }


def navigation(at_ms: float, url: str = URL) -> Event:
    data = {"documentLoaderURL": url}
    return {
        "name": "navigationStart",
        "ph": "R",
        "pid": 7,
        "tid": 1,
        "ts": at_ms * 1_000,
        "args": {"data": data},
    }


def test_tasks_count_by_their_processor_time_and_block_by_what_is_beyond_50_ms() -> None:
    events = [navigation(100), task(110, 20), task(200, 60), task(400, 80)]
    assert start_of(events, URL, 1_000) == Start(busy_ms=160, longest_ms=80, blocking_ms=40)


def test_only_the_pages_own_thread_after_its_navigation_and_within_the_span_counts() -> None:
    events = [
        task(50, 500),
        navigation(60, "about:blank"),
        navigation(100),
        task(110, 20),
        task(120, 500, thread=2),
        task(1_100, 500),
        task(130, 500, name="FunctionCall"),
    ]
    assert start_of(events, URL, 1_000) == Start(20, 20, 0)


def test_of_two_names_for_the_same_tasks_one_is_counted() -> None:
    events = [navigation(0), task(1, 20), task(1, 20, name="ThreadControllerImpl::RunTask")]
    assert start_of(events, URL, 1_000).busy_ms == 20
    assert start_of(events[:1] + events[2:], URL, 1_000).busy_ms == 20


@pytest.mark.parametrize("events", [[], [navigation(0)], [task(1, 20)]])
def test_a_trace_that_shows_nothing_is_no_measurement(events: list[Event]) -> None:
    with pytest.raises(ValueError, match="the trace has no"):
        start_of(events, URL, 1_000)
