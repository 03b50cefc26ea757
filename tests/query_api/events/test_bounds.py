import pytest

from query_api.events.bounds import EVERYTHING, Bounds
from query_api.events.order import Place
from query_api.problems import Reason, Refusal


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        (Bounds(at=1, from_at=1), "at, from"),
        (Bounds(at=2, to_at=1), "before at"),
        (Bounds(from_at=2, to_at=1), "before from"),
    ],
)
def test_bounds_that_do_not_go_together_are_refused_and_named(bounds: Bounds, words: str) -> None:
    with pytest.raises(Refusal) as refused:
        bounds.check()

    assert refused.value.reason is Reason.BAD_PARAMETER
    assert words in refused.value.detail


@pytest.mark.parametrize(
    "bounds", [EVERYTHING, Bounds(at=1, to_at=1), Bounds(from_at=1, to_at=1), Bounds(to_at=0), Bounds(at=0)]
)
def test_bounds_that_go_together_are_taken(bounds: Bounds) -> None:
    bounds.check()


def test_from_and_to_lie_before_every_event_of_their_ms() -> None:
    bounds = Bounds(from_at=5, to_at=9)
    first_of_ms = Place(5, -1, 0, 0, 0)

    assert Place(4, 2**62, 9, 9, 9) < (bounds.after or ()) < first_of_ms
    assert Place(8, 2**62, 9, 9, 9) < (bounds.until or ()) < first_of_ms._replace(at=9)
    assert EVERYTHING.after is EVERYTHING.until is None


def test_two_lists_have_one_scope_only_where_all_bounds_are_equal() -> None:
    all_bounds = [Bounds(at, from_at, to) for at in (None, 1) for from_at in (None, 1) for to in (None, 1)]

    assert len({bounds.scope for bounds in all_bounds}) == len(all_bounds)
