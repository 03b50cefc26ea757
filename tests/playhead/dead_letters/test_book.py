"""What the topic's records, in their order, say of each dead letter."""

import pytest

from playhead.dead_letters.problems import NoSuchLetter
from tests.playhead.dead_letters.letters import T0, FakeRecord, a_book, a_letter_record, a_mark_record, at


def test_a_letter_waits_until_its_mark() -> None:
    book = a_book(a_letter_record(at(5)), a_letter_record(at(6), offset=1))
    assert [(held.letter.position, held.mark) for held in book] == [(at(5), None), (at(6), None)]
    book.apply(a_mark_record(at(5), at(99), offset=2, replayed_at=T0 + 1))
    first, second = book
    assert first.mark is not None
    assert (first.mark.replayed_at, first.mark.replayed_to) == (T0 + 1, at(99))
    assert second.mark is None


def test_of_several_marks_the_last_counts() -> None:
    (held,) = a_book(
        a_letter_record(at(5)), a_mark_record(at(5), at(7)), a_mark_record(at(5), at(8), replayed_at=T0 + 9)
    )
    assert held.mark is not None
    assert held.mark.replayed_to == at(8)


def test_a_letter_that_was_sent_twice_is_one() -> None:
    (held,) = a_book(a_letter_record(at(5)), a_letter_record(at(5), offset=1, put_aside_at=T0 + 1))
    assert (held.offset, held.put_aside_at) == (0, T0)


def test_records_at_the_same_place_of_two_logs_are_two_letters() -> None:
    old, new = a_letter_record(at(5)), a_letter_record(at(5), offset=1, recorded_at=T0 + 1)
    book = a_book(old, new, a_mark_record(at(5), at(9), recorded_at=T0 + 1))
    assert [held.mark is not None for held in book] == [False, True]
    with pytest.raises(NoSuchLetter, match=rf"{at(5)}@{T0} or {at(5)}@{T0 + 1}"):
        book.named(str(at(5)))
    assert book.named(f"{at(5)}@{T0}").offset == 0
    assert book.named(f"{at(5)}@{T0 + 1}").offset == 1


def test_a_mark_whose_letter_is_gone_is_no_letter() -> None:
    assert list(a_book(a_mark_record(at(5), at(6)))) == []


def test_what_is_neither_letter_nor_mark_is_counted() -> None:
    book = a_book(FakeRecord(0, 0, T0, b"key", b"value", ()), a_letter_record(at(1)))
    assert (len(book), book.foreign) == (1, 1)


def test_letters_are_selected_by_reason_partition_and_time() -> None:
    book = a_book(
        a_letter_record(at(1)),
        a_letter_record(at(2), reason="no_value"),
        a_letter_record(at(1, partition=3), put_aside_at=T0 + 5),
    )
    assert [held.letter.position for held in book.select(reason="no_value")] == [at(2)]
    assert [held.letter.position for held in book.select(partition=3)] == [at(1, 3)]
    assert [held.letter.position for held in book.select(since=T0 + 5)] == [at(1, 3)]
    assert len(book.select()) == 3
    assert book.select(reason="wrong_key", partition=3, since=T0 + 6) == []


@pytest.mark.parametrize("name", ["x", "playhead.batches-0", f"{at(5)}@noon"])
def test_what_is_no_position_is_said(name: str) -> None:
    with pytest.raises(NoSuchLetter, match="is no position"):
        a_book(a_letter_record(at(5))).named(name)


@pytest.mark.parametrize("name", [str(at(6)), str(at(5, 1)), f"{at(5)}@1"])
def test_a_position_without_a_letter_is_said(name: str) -> None:
    with pytest.raises(NoSuchLetter, match="no dead letter stands for"):
        a_book(a_letter_record(at(5))).named(name)
