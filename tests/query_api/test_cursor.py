import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_api.cursor import MAX_LENGTH, seal, unseal
from query_api.problems import Reason, Refusal


class Position(msgspec.Struct, array_like=True, frozen=True):
    at: int
    name: str


positions = st.builds(Position, st.integers(-(2**63), 2**63 - 1), st.text(max_size=64))
URL_SAFE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@given(positions, st.lists(st.text(), max_size=3))
def test_a_cursor_gives_its_position_back_to_its_own_list(position: Position, scope: list[str]) -> None:
    assert unseal(seal(position, *scope), Position, *scope) == position


@given(positions, st.data())
def test_a_cursor_changed_in_any_character_is_a_bad_parameter(
    position: Position, data: st.DataObject
) -> None:
    cursor = seal(position, "sessions")
    where = data.draw(st.integers(0, len(cursor) - 1))
    put = data.draw(st.sampled_from(URL_SAFE.replace(cursor[where], "")))

    with pytest.raises(Refusal) as refused:
        unseal(cursor[:where] + put + cursor[where + 1 :], Position, "sessions")

    assert refused.value.reason is Reason.BAD_PARAMETER


@given(st.text(max_size=MAX_LENGTH))
def test_no_other_text_is_a_cursor(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        unseal(text, Position, "sessions")

    assert refused.value.reason is Reason.BAD_PARAMETER


@pytest.mark.parametrize("other", [("sessions", "b"), ("events", "a"), ("sessions", "a", ""), ("sessions",)])
def test_a_cursor_of_one_list_is_none_of_another(other: tuple[str, ...]) -> None:
    cursor = seal(Position(1, "x"), "sessions", "a")

    with pytest.raises(Refusal):
        unseal(cursor, Position, *other)


def test_a_sealed_position_of_another_shape_is_a_bad_parameter() -> None:
    class Other(msgspec.Struct, array_like=True):
        at: str

    with pytest.raises(Refusal):
        unseal(seal(Other("x"), "sessions"), Position, "sessions")
