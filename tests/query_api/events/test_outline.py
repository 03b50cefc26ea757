"""Where a page can end, from what is known of batches without their text."""

from query_api.events.order import Place
from query_api.events.outline import Outline, Planning, just_before


def place(at: int) -> Place:
    return Place(at, 0, 0, 0, 0)


def planned(after: Place | None, *outlines: tuple[int, int], limit_bytes: int = 100) -> Planning:
    planning = Planning(after, limit_bytes)
    for begin, size in outlines:
        if planning.done:
            break
        planning.add(Outline(place(begin), place(begin), size))
    return planning


def test_a_page_ends_where_the_batch_begins_that_would_take_it_past_its_size() -> None:
    assert planned(None, (1, 60), (2, 40), (3, 1)).until == place(3)
    assert planned(None, (1, 60), (2, 41), (3, 1)).until == place(2)


def test_a_page_that_holds_all_has_no_end() -> None:
    planning = planned(None, (1, 60), (2, 40))

    assert planning.until is None
    assert not planning.done


def test_a_batch_larger_than_a_page_is_a_page() -> None:
    assert planned(None, (1, 500), (2, 500)).until == place(2)


def test_a_page_begins_a_batch_of_its_own_even_where_one_reaches_into_it() -> None:
    """What reaches in may hold nothing there; a page that holds nothing would be a call for nothing."""
    planning = planned(place(5), (1, 500), (6, 500), (7, 1))

    assert planning.until == place(7)
    assert planning.bounded


def test_many_batches_that_reach_in_are_more_than_can_be_told() -> None:
    planning = planned(place(5), (1, 60), (2, 60), (3, 60))

    assert not planning.bounded
    assert planning.done


def test_a_page_after_a_place_just_before_begins_with_it() -> None:
    assert place(4)._replace(idx=9) < just_before(place(5)) < place(5)
