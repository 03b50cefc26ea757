"""The events of a body are read once, and kept byte for byte."""

import contextlib
import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.decode import MAX_DIGITS, decode, has_long_number
from collector.problems import Reason, Refused
from schemas.rrweb_event import LATEST_AT, repair_surrogates
from tests.collector.builders import AT, array, event, event_texts, json_values

MANY = 20_000


def refusal(body: bytes, max_events: int = MANY) -> Refused:
    with pytest.raises(Refused) as refused:
        decode(body, max_events)
    return refused.value


def reason(body: bytes) -> Reason:
    return refusal(body).reason


# --- the three forms ---


@given(st.lists(event_texts(), min_size=1, max_size=5))
def test_an_array_is_the_body_itself(events):
    body = array(*events)
    decoded = decode(body, MANY)
    assert decoded.array is body
    assert decoded.verbatim
    assert len(decoded.events) == len(events)


@given(
    st.lists(event_texts(), min_size=1, max_size=5),
    st.sampled_from([b"\n", b"\r\n", b"\n\n \n"]),
    st.booleans(),
)
def test_lines_keep_each_event_byte_for_byte(events, ending, last_line_ends):
    body = ending.join(events) + (ending if last_line_ends else b"")
    decoded = decode(body, MANY)
    assert decoded.array == array(*events)
    assert not decoded.verbatim


@given(st.lists(event_texts(), min_size=1, max_size=5), st.dictionaries(st.text(), json_values, max_size=2))
def test_a_wrapped_array_is_taken_out_byte_for_byte(events, others):
    others = {name: value for name, value in others.items() if name not in ("events", "type")}
    body = (
        json.dumps(others).encode()[:-1] + (b"," if others else b"") + b'"events" : ' + array(*events) + b"}"
    )
    decoded = decode(body, MANY)
    assert decoded.array == array(*events)
    assert not decoded.verbatim


@given(event_texts())
def test_an_event_round_trips(text):
    [read] = decode(array(text), MANY).events
    expected = json.loads(text)
    assert read.type == expected["type"]
    assert read.timestamp == expected["timestamp"]
    assert json.loads(bytes(read.data)) == expected["data"]


@pytest.mark.parametrize("around", [b"\n", b" ", b"\r\n\t "])
def test_space_around_an_array_is_left_out(around):
    for body in (around + array(event()), array(event()) + around, around + array(event()) + around):
        decoded = decode(body, MANY)
        assert decoded.array == array(event())
        assert not decoded.verbatim


def test_space_inside_an_array_is_kept():
    body = b"[ " + event(1) + b" ,\n" + event(2) + b" ]"
    assert decode(body, MANY).array is body


def test_an_event_over_several_lines_is_one_event():
    text = json.dumps({"type": 3, "timestamp": AT, "data": {"a": [1]}}, indent=2).encode()
    assert decode(text, MANY).array == array(text)


def test_an_event_with_a_member_called_events_is_an_event():
    text = b'{"type":3,"timestamp":1,"events":[]}'
    assert decode(text, MANY).array == array(text)


# --- what an event must have ---


@pytest.mark.parametrize("kind", [0, 7, 8, 99, 65_535])
def test_unknown_types_are_kept(kind):
    assert decode(array(event(kind=kind)), MANY).events[0].type == kind


@pytest.mark.parametrize(
    "bad",
    [
        b"{}",
        b"5",
        b"null",
        b"[]",
        b'"event"',
        b'{"type":3}',
        b'{"timestamp":1}',
        b'{"type":"3","timestamp":1}',
        b'{"type":true,"timestamp":1}',
        b'{"type":null,"timestamp":1}',
        b'{"type":3.5,"timestamp":1}',
        b'{"type":-1,"timestamp":1}',
        b'{"type":65536,"timestamp":1}',
        b'{"type":3,"timestamp":"1"}',
        b'{"type":3,"timestamp":null}',
        b'{"type":3,"timestamp":false}',
        b'{"type":3,"timestamp":-1}',
        b'{"type":3,"timestamp":-0.5}',
        b'{"type":3,"timestamp":1e400}',
        b'{"type":3,"timestamp":%d}' % (LATEST_AT + 1),
        b'{"type":3,"timestamp":%d.5}' % LATEST_AT,
        b'{"type":%s,"timestamp":1}' % (b"9" * 400),
        b'{"type":3,"timestamp":%s}' % (b"9" * 400),
    ],
)
def test_what_is_no_event_is_refused_with_its_index(bad):
    refused = refusal(array(event(), event(), bad))
    assert (refused.reason, refused.index) == (Reason.invalid_event, 2)
    if bad[:1] == b"{":
        refused = refusal(b"\n".join([event(), event(), bad]))
        assert (refused.reason, refused.index) == (Reason.invalid_event, 2)
        refused = refusal(b'{"events":' + array(event(), event(), bad) + b"}")
        assert (refused.reason, refused.index) == (Reason.invalid_event, 2)


@pytest.mark.parametrize(
    "at", [b"0", b"0.9", b"1790000000000", b"1.79e12", b"1790000000000.75", b"%d" % LATEST_AT]
)
def test_any_number_from_1970_to_2299_is_a_timestamp(at):
    body = b'[{"type":3,"timestamp":' + at + b"}]"
    decoded = decode(body, MANY)
    assert decoded.events[0].timestamp == float(at)
    assert decoded.array is body


# --- what is no batch ---


@pytest.mark.parametrize("body", [b"", b" \n", b"[]", b"[ ]", b'{"events":[]}', b"\n[\n]\n"])
def test_nothing_is_an_empty_batch(body):
    assert reason(body) is Reason.empty_batch


@pytest.mark.parametrize(
    "body",
    [
        b"x",
        b"5",
        b"null",
        b'"text"',
        b"[",
        b"]",
        b"{",
        b"[" + event(),
        event()[:-1],
        event() + b",",
        array(event()) + b"x",
        array(event()) + array(event()),
        b"[" + event() + b",]",
        b'{"events":5}',
        b'{"events":null}',
        b'{"events":' + array(event()),
        b"\xef\xbb\xbf" + array(event()),
        array(event()).decode().encode("utf-16"),
        b"\x00" + array(event()),
        b'[{"type":3,"timestamp":NaN}]',
        b'[{"type":3,"timestamp":1,"data":NaN}]',
        b'[{"type":3,"timestamp":1,"data":-Infinity}]',
        b'[{"type":3,"timestamp":1,"data":01}]',
        b'[{"type":3,"timestamp":1,"data":"\\x"}]',
        b'[{"type":3,"timestamp":1,"data":"\\u12g4"}]',
        b'[{"type":3,"timestamp":1,"data":"a\nb"}]',
        b"[{'type':3,'timestamp':1}]",
        b'[{"type":3,"timestamp":1}/*x*/]',
    ],
)
def test_what_is_not_json_is_refused(body):
    assert reason(body) is Reason.malformed_json


@pytest.mark.parametrize(
    "bad", [b"\xff", b"\xc3", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x80"]
)
@pytest.mark.parametrize("before", [0, 65_400, 65_535, 70_000])
def test_bytes_that_are_not_utf8_are_refused_wherever_they_are(bad, before):
    text = b'{"type":3,"timestamp":1,"data":"' + b"x" * before + b"%s" + b'"}'
    for body in (array(text % bad), text % bad, b'{"events":' + array(text % bad) + b"}"):
        assert reason(body) is Reason.malformed_json
    assert reason(b'[{"type":3,"timestamp":1,"' + b"x" * before + bad + b'":1}]') is Reason.malformed_json


@pytest.mark.parametrize("before", range(8))
def test_utf8_is_taken_wherever_the_steps_of_the_check_cut_it(before):
    text = "x" * before + "é€😀" * 20_000
    body = array(json.dumps({"type": 3, "timestamp": 1, "data": text}, ensure_ascii=False).encode())
    assert decode(body, MANY).array is body


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
@pytest.mark.parametrize("depth", [2_000, 100_000])
def test_deep_nesting_is_refused(opening, depth):
    closing = b"]" if opening == b"[" else b"}"
    deep = opening * depth + b"1" + closing * depth
    assert reason(b'[{"type":3,"timestamp":1,"data":' + deep + b"}]") is Reason.malformed_json
    assert reason(b'{"type":3,"timestamp":1,"data":' + deep + b"}") is Reason.malformed_json
    assert refusal(opening * depth).reason in (Reason.malformed_json, Reason.invalid_event)


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_a_deep_page_is_taken(opening):
    closing = b"]" if opening == b"[" else b"}"
    deep = opening * 600 + b"1" + closing * 600
    body = b'[{"type":2,"timestamp":1,"data":' + deep + b"}]"
    assert decode(body, MANY).array is body


# --- numbers that are none ---


@pytest.mark.parametrize("form", [b"%s", b"-%s", b"0.%s", b"1.%se5", b"[1,%s]", b'{"a":%s}', b'["\\"",%s]'])
@pytest.mark.parametrize("padding", range(0, 64, 7))
def test_a_number_of_too_many_digits_is_refused(form, padding):
    text = b'{"type":3,"timestamp":1,"pad":"' + b"x" * padding + b'","data":' + form + b"}"
    over, at_most = text % (b"9" * (MAX_DIGITS + 1)), text % (b"9" * MAX_DIGITS)
    for shape in (array, lambda one: one, lambda one: b'{"events":' + array(one) + b"}"):
        assert reason(shape(over)) is Reason.malformed_json
        assert decode(shape(at_most), MANY).array == array(at_most)


@pytest.mark.parametrize("text", [b"%s", b'\\"%s', b"\\\\%s", b",%s,", b'\\\\\\" : %s', b" [%s]"])
def test_digits_inside_a_text_are_text(text):
    body = b'[{"type":3,"timestamp":1,"data":"' + text % (b"7" * 5_000) + b'"}]'
    assert decode(body, MANY).array is body


@given(json_values)
def test_no_ordinary_value_has_a_long_number(value):
    assert not has_long_number(json.dumps([value] * 20).encode())


def test_many_short_numbers_are_no_long_number():
    body = array(b'{"type":3,"timestamp":1,"data":[' + b",".join([b"1234567890"] * 5_000) + b"]}")
    assert not has_long_number(body)


# --- lone surrogates ---

ESCAPES = st.sampled_from(
    [
        "\\ud800",
        "\\udfff",
        "\\uDBFF",
        "\\ud83d\\ude00",
        "\\\\",
        "\\n",
        "\\u0041",
        "\\uffff",
        "ud800",
        "x",
        "é",
        '\\"',
    ]
)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (rb"\ud800", rb"\ufffd"),
        (rb"\uDFFF", rb"\ufffd"),
        (rb"a\ud83dz", rb"a\ufffdz"),
        (rb"\ud83d\ud83d\ude00", rb"\ufffd\ud83d\ude00"),
        (rb"\ude00\ud83d", rb"\ufffd\ufffd"),
        (rb"\\\ud800", rb"\\\ufffd"),
        (rb"\ud83d\\ude00", rb"\ufffd\\ude00"),
        (rb"\ud83d\n", rb"\ufffd\n"),
    ],
)
def test_a_lone_surrogate_becomes_the_replacement_character(sent, kept):
    good = event()
    text = b'{"type":3,"timestamp":1,"data":{"text":"%s"}}'
    for body in (
        array(good, text % sent),
        good + b"\n" + text % sent,
        b'{"events":' + array(good, text % sent) + b"}",
    ):
        decoded = decode(body, MANY)
        assert decoded.array == array(good, text % kept)
        assert not decoded.verbatim


@pytest.mark.parametrize("text", [rb"\ud83d\ude00", rb"\\ud800", rb"\\\\ud800", rb"ud800", rb"\uffff"])
def test_what_only_looks_like_a_lone_surrogate_is_untouched(text):
    body = b'[{"type":3,"timestamp":1,"data":"' + text + b'"}]'
    decoded = decode(body, MANY)
    assert decoded.array is body
    assert decoded.verbatim


@given(st.lists(ESCAPES, max_size=12))
def test_repaired_text_is_what_the_browser_meant(parts):
    text = ('"' + "".join(parts) + '"').encode()
    repaired = repair_surrogates(text)
    meant = json.loads(text).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert len(repaired) == len(text)
    assert json.loads(repaired) == meant
    assert repair_surrogates(repaired) is repaired


# --- how much ---


@pytest.mark.parametrize("over", [-1, 0, 1])
def test_the_number_of_events_is_limited(over):
    events = [event()] * (10 + over)
    for body in (array(*events), b"\n".join(events), b'{"events":' + array(*events) + b"}"):
        if over <= 0:
            assert len(decode(body, 10).events) == 10 + over
        else:
            assert refusal(body, 10).reason is Reason.batch_too_large


def test_lines_over_the_limit_are_not_even_looked_at():
    assert refusal(b"\n".join([event()] * 10 + [b"x"]), 10).reason is Reason.batch_too_large


def test_a_flood_of_empty_lines_takes_no_memory():
    body = event() + b"\n" * 10_000_000 + event()
    tracemalloc.start()
    try:
        assert decode(body, MANY).array == array(event(), event())
        # The body with its edges stripped would be one copy; a list of its lines would be eight.
        assert tracemalloc.get_traced_memory()[1] < 25_000_000
    finally:
        tracemalloc.stop()


@given(st.binary(max_size=200))
def test_any_bytes_are_decoded_or_refused(noise):
    with contextlib.suppress(Refused):
        decode(noise, MANY)


@given(event_texts(), st.data())
def test_an_event_with_any_byte_changed_is_decoded_or_refused(text, data):
    body = bytearray(array(text))
    body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    try:
        decoded = decode(bytes(body), MANY)
    except Refused:
        return
    json.loads(decoded.array)
