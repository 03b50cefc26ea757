"""What the query and the headers may say (the table of section 4 of design.md)."""

import contextlib
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.parameters import SEQ_MAX, check_media_type, content_encoding, parse
from collector.problems import Reason, Refused
from tests.collector.builders import KEY, parameters

GOOD = {"key": KEY, "visitor": "visitor-1", "window": "window-1"}
names = st.text("ABCxyz019_-", min_size=1, max_size=64)


def query(**more: str) -> bytes:
    return urlencode({**GOOD, **more}).encode()


def reason_of(text: bytes) -> Reason:
    with pytest.raises(Refused) as refused:
        parse(text)
    return refused.value.reason


def test_the_least_that_must_be_said():
    assert parse(query()) == parameters()


def test_all_that_can_be_said():
    said = query(seq="7", sent_at="1790000000000", final="1", consent="1", encoding="gzip")
    expected = parameters(seq=7, sent_at=1_790_000_000_000, final=True, consent=True, encoding="gzip")
    assert parse(said) == expected


@given(visitor=names, window=names, seq=st.none() | st.integers(0, SEQ_MAX))
def test_whatever_is_legal_is_read(visitor, window, seq):
    more = {} if seq is None else {"seq": str(seq)}
    assert parse(query(visitor=visitor, window=window, **more)) == parameters(
        visitor=visitor, window=window, seq=seq
    )


@given(st.binary(max_size=80))
def test_any_query_is_read_or_refused(text):
    with contextlib.suppress(Refused):
        parse(text)


def test_percent_signs_are_decoded():
    assert parse(b"key=key%2Dof-the-shop&visitor=%76isitor-1&window=window-1") == parameters()


def test_parameters_of_others_are_passed_over():
    assert parse(query(utm_source="mail", empty="")) == parameters()


@pytest.mark.parametrize(
    "text", [b"", b"visitor=v&window=w", b"key=&visitor=v&window=w", b"key&visitor=v&window=w"]
)
def test_without_a_key_nobody_is_known(text):
    assert reason_of(text) is Reason.unknown_key


@pytest.mark.parametrize("name", ["visitor", "window"])
@pytest.mark.parametrize("value", ["", "a b", "ä", "a" * 65, "a/b", "a\n", "a.b"])
def test_a_visitor_or_window_of_another_form_is_refused(name, value):
    assert reason_of(query(**{name: value})) is Reason.bad_parameter


@pytest.mark.parametrize("name", ["visitor", "window"])
def test_a_missing_visitor_or_window_is_refused(name):
    rest = {key: value for key, value in GOOD.items() if key != name}
    assert reason_of(urlencode(rest).encode()) is Reason.bad_parameter


@pytest.mark.parametrize("name", ["seq", "sent_at"])
@pytest.mark.parametrize("value", ["", "-1", "1.5", "1e3", "x", "٣", " 1", "1_0", "9" * 16, "9" * 5_000])
def test_a_number_of_another_form_is_refused(name, value):
    assert reason_of(query(**{name: value})) is Reason.bad_parameter


@pytest.mark.parametrize(("name", "most"), [("seq", 2**53 - 1), ("sent_at", 10_413_791_999_999)])
def test_a_number_is_taken_up_to_its_edge(name, most):
    assert getattr(parse(query(**{name: str(most)})), name) == most
    assert reason_of(query(**{name: str(most + 1)})) is Reason.bad_parameter


@pytest.mark.parametrize("name", ["final", "consent"])
def test_a_flag_is_1_or_0(name):
    assert getattr(parse(query(**{name: "1"})), name) is True
    assert getattr(parse(query(**{name: "0"})), name) is False
    for value in ("", "2", "true", "yes"):
        assert reason_of(query(**{name: value})) is Reason.bad_parameter


@pytest.mark.parametrize(
    ("header", "parameter", "encoding"),
    [
        (b"", "", "identity"),
        (b"identity", "", "identity"),
        (b"gzip", "", "gzip"),
        (b"GZIP ", "", "gzip"),
        (b"x-gzip", "", "gzip"),
        (b"deflate", "", "deflate"),
        (b"zstd", "", "zstd"),
        (b"", "gzip", "gzip"),
        (b"zstd", "gzip", "zstd"),
    ],
)
def test_the_encoding_is_the_headers_else_the_parameters(header, parameter, encoding):
    assert content_encoding(header, parameter) == encoding


@pytest.mark.parametrize(
    ("header", "parameter"), [(b"br", ""), (b"gzip, gzip", ""), (b"", "GZIP"), (b"", "br"), (b"\xff", "")]
)
def test_another_encoding_is_refused(header, parameter):
    with pytest.raises(Refused) as refused:
        content_encoding(header, parameter)
    assert refused.value.reason is Reason.unsupported_encoding


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"application/json",
        b"application/x-ndjson",
        b"text/plain",
        b"Text/Plain;charset=UTF-8",
        b"application/json ; x=y",
    ],
)
def test_the_types_of_section_4_are_taken(header):
    check_media_type(header)


@pytest.mark.parametrize(
    "header", [b"text/html", b"application/x-www-form-urlencoded", b"multipart/form-data", b"json", b"\xff"]
)
def test_another_type_is_refused(header):
    with pytest.raises(Refused) as refused:
        check_media_type(header)
    assert refused.value.reason is Reason.unsupported_encoding
