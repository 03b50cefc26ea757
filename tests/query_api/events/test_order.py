"""The order of a window's events, against a naive sort."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_api.events.order import Batch, Page, Place, cut
from tests.query_api.seeds import batch, event


def naive(batches: list[Batch]) -> list[bytes]:
    """Every event on its own, sorted by its place."""
    return [raw for _, raw in sorted(pair for each in batches for pair in cut(each))]


def pages(batches: list[Batch], limit_bytes: int) -> list[list[bytes]]:
    """What a caller gets who follows the cursors: the pieces of each page."""
    found, after = [], None
    while True:
        page = Page(after, limit_bytes)
        pieces: list[bytes] = []
        for each in sorted(batches, key=lambda one: one.begin):
            if after is not None and each.end <= after:
                continue
            if page.full:
                break
            pieces += page.add(each)
        pieces += page.close()
        found.append(pieces)
        if not page.full:
            return found
        after = page.last


def text(pieces: list[bytes]) -> list[bytes]:
    """The events' own bytes, however they were put into pieces."""
    return [raw for piece in pieces for _, raw in cut(batch_of(piece))]


def batch_of(piece: bytes) -> Batch:
    return Batch(0, 0, 0, 0, 0, 0, False, piece)


@st.composite
def windows(draw: st.DrawFn) -> list[Batch]:
    """Batches of one window, with few times, so that they overlap and tie."""
    contents = draw(st.lists(st.lists(st.integers(0, 12), min_size=1, max_size=5), max_size=8))
    numbered = draw(st.booleans())
    arrival = draw(st.permutations(range(len(contents))))
    found = []
    for number, times in enumerate(contents):
        events = [
            event(
                at + draw(st.sampled_from([0, 0, 0.25, 0.75])),
                f"{number}.{idx}" + "x" * draw(st.integers(0, 9)),
            )
            for idx, at in enumerate(draw(st.sampled_from([times, sorted(times)])))
        ]
        made = batch(*events, seq=number if numbered else -1, offset=arrival[number])
        # The engine may call an ordered batch unordered, never the other way round.
        found.append(made._replace(in_order=made.in_order and draw(st.booleans())))
    return found


@given(windows(), st.sampled_from([1, 60, 150, 400, 1_000_000]))
def test_pages_hold_every_event_once_in_its_place(batches: list[Batch], limit_bytes: int) -> None:
    found = pages(batches, limit_bytes)

    assert [raw for pieces in found for raw in text(pieces)] == naive(batches)


@given(windows(), st.sampled_from([1, 60, 150, 400]))
def test_a_page_is_over_its_limit_only_with_a_single_piece(batches: list[Batch], limit_bytes: int) -> None:
    for pieces in pages(batches, limit_bytes):
        assert len(pieces) <= 1 or sum(map(len, pieces)) <= limit_bytes


@given(windows(), st.sampled_from([1, 150]))
def test_every_page_but_a_lone_first_holds_something(batches: list[Batch], limit_bytes: int) -> None:
    found = pages(batches, limit_bytes)

    assert all(found) or (found == [[]] and not batches)


def test_batches_in_order_that_do_not_overlap_pass_on_as_stored() -> None:
    given_batches = [batch(event(10 * n), event(10 * n + 9), seq=n) for n in range(4)]

    (pieces,) = pages(given_batches, 1_000_000)

    assert pieces == [each.payload for each in given_batches]


def test_a_batch_is_passed_on_as_stored_to_the_last_byte_whatever_stands_between_its_events() -> None:
    stored = batch(event(1), event(2), seq=0)._replace(payload=event(1) + b" ,\n " + event(2))

    (pieces,) = pages([stored], 1_000_000)

    assert pieces == [stored.payload]


def test_batches_that_touch_in_one_ms_are_kept_apart_by_their_seq() -> None:
    first, second = batch(event(1), event(5, "a"), seq=0), batch(event(5, "b"), event(9), seq=1)

    (pieces,) = pages([second, first], 1_000_000)

    assert pieces == [first.payload, second.payload]


def test_a_later_seq_that_touches_in_one_ms_waits_for_the_earlier_one() -> None:
    later, earlier = batch(event(1), event(5, "b"), seq=7), batch(event(5, "a"), event(9), seq=3)

    (pieces,) = pages([later, earlier], 1_000_000)

    assert text(pieces) == [event(1), event(5, "a"), event(5, "b"), event(9)]


def test_without_seqs_the_order_of_arrival_decides_between_equal_times() -> None:
    second, first = batch(event(5, "b"), offset=8), batch(event(5, "a"), offset=3)

    (pieces,) = pages([second, first], 1_000_000)

    assert text(pieces) == [event(5, "a"), event(5, "b")]


def test_a_clock_that_was_set_back_inside_a_batch_is_put_right() -> None:
    (pieces,) = pages([batch(event(20), event(10), event(30), seq=0)], 1_000_000)

    assert text(pieces) == [event(10), event(20), event(30)]


def test_times_are_compared_in_whole_ms_as_the_tables_hold_them() -> None:
    (pieces,) = pages([batch(event(10.75, "a"), event(10.25, "b"), seq=0)], 1_000_000)

    assert text(pieces) == [event(10.75, "a"), event(10.25, "b")]


def test_the_bytes_of_a_merged_event_are_those_that_were_stored() -> None:
    odd = (
        rb'{ "type" : 3,"data":{"t":"\u00fc\ud83d\ude00", "n":1.0e2 ,'
        rb'"big":12345678901234567890123},"timestamp":1e1}'
    )
    unordered = Batch(10, 20, 0, 0, 0, 2, False, event(20) + b"," + odd)

    (pieces,) = pages([unordered], 1_000_000)

    assert pieces == [odd, event(20)]


def test_a_window_whose_batches_all_overlap_never_has_more_waiting_than_two_pages_and_a_batch() -> None:
    limit_bytes = 2_000
    batches = [batch(event(0), *(event(100 + n, "x" * 50) for _ in range(9)), seq=n) for n in range(50)]
    page = Page(None, limit_bytes)
    most = 0
    for each in batches:
        page.add(each)
        most = max(most, page._waiting_bytes)
        assert page._waiting_bytes == sum(len(raw) for _, raw in page._waiting)

    assert most <= 2 * limit_bytes + max(len(each.payload) for each in batches)


def test_a_batch_that_reaches_past_what_was_let_go_waits_for_it() -> None:
    """The huge event has its place inside the second batch, and comes on the next page."""
    huge = event(100, "x" * 3_000)
    batches = [batch(event(0), huge, seq=0), batch(event(50), event(200), seq=1)]

    first, *others = pages(batches, 1_000)

    assert text(first) == [event(0), event(50)]
    assert [raw for pieces in others for raw in text(pieces)] == [huge, event(200)]


def test_a_payload_that_is_no_list_of_events_is_an_error_and_not_silence() -> None:
    page = Page(None, 1_000)
    page.add(batch(event(1))._replace(payload=b'{"type":3,"data":{}}', in_order=False))

    with pytest.raises(Exception, match="timestamp"):
        page.close()


def test_places_sort_as_the_design_says() -> None:
    assert sorted(
        [Place(2, 0, 0, 0, 0), Place(1, 5, 0, 0, 1), Place(1, 5, 0, 0, 0), Place(1, 4, 0, 9, 7)]
    ) == [
        Place(1, 4, 0, 9, 7),
        Place(1, 5, 0, 0, 0),
        Place(1, 5, 0, 0, 1),
        Place(2, 0, 0, 0, 0),
    ]
    assert json.loads(event(1))["timestamp"] == 1
