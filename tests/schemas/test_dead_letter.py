"""What a dead letter tells, to its headers and back; and that the reasons are one closed list."""

from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import dead_letter
from schemas.dead_letter import (
    DETAIL_BYTES,
    REASONS,
    Letter,
    Mark,
    NotADeadLetter,
    Position,
    Reason,
    bounded_detail,
    is_hopeless,
    parse_position,
)

HERE = Position("playhead.batches", 3, 1234)
THERE = Position("playhead.batches", 0, 99)


def a_letter(**fields: object) -> Letter:
    known = {
        "position": HERE,
        "reason": "wrong_key",
        "detail": "why",
        "record_key": b"shop/ann",
        "recorded_at": 7,
        **fields,
    }
    return Letter(**known)  # type: ignore[arg-type]


def test_every_reason_has_its_meaning_and_there_are_no_others() -> None:
    assert tuple(REASONS) == get_args(Reason)
    assert all(meaning.means and meaning.remedy for meaning in REASONS.values())


def test_only_what_nothing_can_be_made_of_is_hopeless() -> None:
    assert {reason for reason in REASONS if is_hopeless(reason)} == {"no_value", "not_msgpack"}
    assert not is_hopeless("a_reason_of_a_later_version")


@pytest.mark.parametrize("record_key", [None, b"", b"shop/ann", b"\xff\x00" * 10])
def test_no_key_and_an_empty_key_are_told_apart(record_key: bytes | None) -> None:
    letter = a_letter(record_key=record_key)
    read = dead_letter.read(str(HERE).encode(), dead_letter.letter_headers(letter))
    assert read == letter


@pytest.mark.parametrize("fields", [{"recorded_at": None}, {"whole_bytes": 20_000_000}])
def test_what_a_letter_tells_is_read_back(fields: dict[str, object]) -> None:
    letter = a_letter(**fields)
    assert dead_letter.read(str(HERE).encode(), dead_letter.letter_headers(letter)) == letter


@pytest.mark.parametrize("recorded_at", [None, 0, 7])
def test_what_a_mark_tells_is_read_back(recorded_at: int | None) -> None:
    mark = Mark(position=HERE, recorded_at=recorded_at, replayed_at=8, replayed_to=THERE)
    assert dead_letter.read(str(HERE).encode(), dead_letter.mark_headers(mark)) == mark


@given(st.text(), st.integers(0, 2**31), st.integers(0, 2**63))
def test_a_position_is_read_from_its_text(topic: str, partition: int, offset: int) -> None:
    position = Position(topic or "t", partition, offset)
    assert parse_position(str(position)) == position


@pytest.mark.parametrize("text", ["", "a", "a-1", "-1-2", "a-1-", "a-1-x", "a-1--2", "a-1-²", "a-+1-2"])
def test_other_text_is_no_position(text: str) -> None:
    with pytest.raises(NotADeadLetter, match="is no position"):
        parse_position(text)


@given(st.text(alphabet=st.characters(), max_size=3_000))
def test_a_detail_is_bounded_and_text_whatever_it_holds(text: str) -> None:
    bounded = bounded_detail(text)
    assert len(bounded.encode()) <= DETAIL_BYTES
    if len(text.encode(errors="backslashreplace")) <= DETAIL_BYTES:
        assert bounded == text.encode(errors="backslashreplace").decode()


def test_a_detail_is_cut_between_characters_and_lone_surrogates_are_spelt_out() -> None:
    assert bounded_detail("a" + "€" * 1_000) == "a" + "€" * 333
    assert bounded_detail("\ud800") == "\\ud800"


@pytest.mark.parametrize(
    ("key", "headers"),
    [
        (None, [("reason", b"r"), ("detail", b"")]),
        (b"\xff-1-2", [("reason", b"r"), ("detail", b"")]),
        (b"t-1-2", []),
        (b"t-1-2", [("reason", b"r")]),
        (b"t-1-2", [("reason", b"\xff"), ("detail", b"")]),
        (b"t-1-2", [("reason", b"r"), ("detail", b""), ("recorded_at", b"today")]),
        (b"t-1-2", [("replayed_at", b"1")]),
        (b"t-1-2", [("replayed_at", b"1"), ("replayed_to", b"there")]),
    ],
)
def test_what_is_neither_letter_nor_mark_is_said(
    key: bytes | None, headers: Sequence[tuple[str, bytes]]
) -> None:
    with pytest.raises(NotADeadLetter):
        dead_letter.read(key, headers)


def test_the_operators_page_has_every_reason_as_it_is_here() -> None:
    page = (Path(__file__).parents[2] / "docs/dead-letters.md").read_text()
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    assert rows == [
        f"| `{reason}` | {meaning.means} | {meaning.remedy} |" for reason, meaning in REASONS.items()
    ]
