"""An event a line, in the bytes that are stored."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_api.events.forms import ArrayForm, Form, LinesForm, PageForm, lines
from tests.query_api.seeds import event

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(anything, min_size=1, max_size=5), st.booleans())
def test_a_line_is_an_event_as_it_is_stored(values: list[object], ascii_only: bool) -> None:
    events = [json.dumps(value, ensure_ascii=ascii_only).encode() for value in values]

    written = lines(b",".join(events))

    assert written == b"".join(each + b"\n" for each in events)


def test_bytes_are_not_written_anew() -> None:
    odd = (
        rb'{ "type" : 3,"data":{"t":"\u00fc\ud83d\ude00\n}, {\"type\":3", "n":1.0e2 ,'
        rb'"big":12345678901234567890123},"timestamp":1e1}'
    )

    assert lines(odd + b" , " + event(1)) == odd + b"\n" + event(1) + b"\n"


@given(anything)
def test_an_event_over_several_lines_is_put_on_one(value: object) -> None:
    pretty = json.dumps(value, indent=1).replace("\n", "\r\n").encode()

    one, *rest = lines(pretty).split(b"\n")

    assert rest == [b""]
    assert b"\r" not in one
    assert json.loads(one) == value


def test_a_raw_line_break_in_a_string_is_no_json_so_none_can_be_lost() -> None:
    with pytest.raises(msgspec.DecodeError):
        msgspec.json.decode(b'["a\nb"]', type=list[str])


@pytest.mark.parametrize("piece", [b'{"a":1', b'{"a":1}}', b"{},,{}"])
def test_what_is_no_list_of_events_is_an_error_and_not_a_line(piece: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        lines(piece)


def written(form: Form, *pieces: list[bytes], next_cursor: str | None = None) -> bytes:
    middle = [text for each in pieces for text in form.pieces(each)]
    return b"".join([form.begin(), *middle, form.end(next_cursor)])


def test_each_form_around_the_same_events() -> None:
    one, two, three = event(1), event(2), event(3)
    pieces = [[one + b"," + two], [], [three]]
    events = [json.loads(each) for each in (one, two, three)]

    assert json.loads(written(PageForm(), *pieces, next_cursor="c")) == {"events": events, "next_cursor": "c"}
    assert json.loads(written(PageForm())) == {"events": [], "next_cursor": None}
    assert json.loads(written(ArrayForm(), *pieces)) == events
    assert written(ArrayForm()) == b"[]"
    assert written(LinesForm(), *pieces) == one + b"\n" + two + b"\n" + three + b"\n"
    assert written(LinesForm()) == b""
