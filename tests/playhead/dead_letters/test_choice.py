"""What is put back, what is left out, and what is refused."""

import pytest

from playhead.dead_letters.choice import Choice, by_name, by_reason
from playhead.dead_letters.problems import NoSuchLetter, NotReplayable
from schemas.dead_letter import Position
from tests.playhead.dead_letters.letters import T0, FakeRecord, a_book, a_letter_record, a_mark_record, at

GARBAGE = a_letter_record(at(1), offset=1, reason="not_msgpack")
WAITING = a_letter_record(at(2), offset=2)
BACK = a_letter_record(at(3), offset=3)
MARK = a_mark_record(at(3), at(30), offset=4)
CUT = a_letter_record(at(5), offset=5, whole_bytes=20_000_000)
EMPTY = a_letter_record(at(6), offset=6, reason="no_value", record_key=None, value=None)
OLD = a_letter_record(at(7), offset=7, recorded_at=T0 - 1)
TIMELESS = a_letter_record(at(8), offset=8, recorded_at=None, put_aside_at=T0 - 1)
EVERYTHING = (GARBAGE, WAITING, BACK, MARK, CUT, EMPTY, OLD, TIMELESS)


def positions(choice: Choice) -> list[Position]:
    return [held.letter.position for held in choice.put_back]


def of_all(*records: FakeRecord, again: bool = False, old: bool = False, hopeless: bool = False) -> Choice:
    return by_reason(a_book(*records), again=again, oldest_at=None if old else T0, hopeless=hopeless)


def of_names(
    *names: Position, records: tuple[FakeRecord, ...] = EVERYTHING, again: bool = False, old: bool = False
) -> Choice:
    return by_name(a_book(*records), [str(n) for n in names], again=again, oldest_at=None if old else T0)


def test_of_all_what_waits_is_put_back_and_the_rest_is_told() -> None:
    choice = of_all(*EVERYTHING)
    assert positions(choice) == [at(2)]
    assert sum(number for _, number in choice.left_out) == 6


def test_again_takes_what_was_put_back() -> None:
    assert positions(of_all(WAITING, BACK, MARK, again=True)) == [at(2), at(3)]


def test_old_takes_what_may_have_been_erased() -> None:
    assert positions(of_all(WAITING, OLD, TIMELESS, old=True)) == [at(2), at(7), at(8)]


def test_a_reason_that_is_named_takes_the_hopeless_but_not_the_empty_and_the_cut() -> None:
    choice = of_all(*EVERYTHING, hopeless=True)
    assert positions(choice) == [at(1), at(2)]


def test_names_are_put_back_once_each_in_the_order_of_the_log() -> None:
    assert positions(of_names(at(2), at(1), at(2))) == [at(1), at(2)]


@pytest.mark.parametrize(
    ("position", "why"),
    [
        (at(3), "was put back at 2025-11-24 16:00:00.000Z, as playhead.batches-0-30; --again"),
        (at(5), "too large"),
        (at(6), "neither key nor value"),
        (at(7), "--old puts it back"),
        (at(8), "--old puts it back"),
    ],
)
def test_a_name_that_cannot_be_put_back_refuses_all_of_them(position: Position, why: str) -> None:
    with pytest.raises(NotReplayable, match=why):
        of_names(at(2), position)


def test_again_and_old_lift_their_own_refusal_only() -> None:
    assert positions(of_names(at(3), again=True)) == [at(3)]
    assert positions(of_names(at(7), at(8), old=True)) == [at(7), at(8)]
    for position in (at(5), at(6)):
        with pytest.raises(NotReplayable):
            of_names(position, again=True, old=True)


def test_a_name_without_a_letter_refuses_all_of_them() -> None:
    with pytest.raises(NoSuchLetter):
        of_names(at(2), at(1_000))
