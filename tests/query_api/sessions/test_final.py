import pytest

from query_api.sessions.filters import Filters
from query_api.sessions.final import final_settings, written

DAY_MS = 86_400_000


@pytest.mark.parametrize(
    ("filters", "covered_ms", "threads"),
    [
        (Filters(status="active", visitor="ann"), DAY_MS, 1),
        (Filters(), DAY_MS + 1, None),
        (Filters(), None, None),
        (Filters(url="cart"), DAY_MS, None),
        (Filters(has=frozenset({"error"})), DAY_MS, None),
    ],
)
def test_of_a_day_one_thread_is_enough_unless_events_are_read(
    filters: Filters, covered_ms: int | None, threads: int | None
) -> None:
    assert final_settings(filters, covered_ms).get("max_threads") == threads


def test_they_are_written_as_sql() -> None:
    assert written({"max_threads": 1, "readonly": 2}) == "SETTINGS max_threads = 1, readonly = 2"
