"""A payload becomes the text of its events, byte for byte, in bounded memory."""

import contextlib
import gzip
import zlib

import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from schemas.envelope import Encoding
from sessionizer.sink.payload import UndecodablePayload, events_text, in_order, without_events

EVENTS = b'{"type":4,"data":{"href":"https://a/"},"timestamp":1},{"b": [1 , 2],"text":"\xc3\xa4 ]"}'
ARRAY = b"[" + EVENTS + b"]"
MANY = 1 << 20


def raw_deflate(data: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return stream.compress(data) + stream.flush()


COMPRESSED: list[tuple[Encoding, bytes]] = [
    ("identity", ARRAY),
    ("gzip", gzip.compress(ARRAY)),
    ("gzip", gzip.compress(ARRAY[:20]) + gzip.compress(ARRAY[20:])),
    ("deflate", zlib.compress(ARRAY)),
    ("deflate", raw_deflate(ARRAY)),
    ("zstd", zstd.compress(ARRAY)),
    ("zstd", zstd.compress(ARRAY[:20]) + zstd.compress(ARRAY[20:])),
]


@pytest.mark.parametrize(("encoding", "payload"), COMPRESSED)
def test_events_are_the_same_bytes_whatever_the_encoding(encoding: Encoding, payload: bytes) -> None:
    assert events_text(payload, encoding, MANY) == EVENTS


@pytest.mark.parametrize("array", [b" [\n" + EVENTS + b"\t] \r\n", b"[ " + EVENTS + b" ]"])
def test_space_around_the_brackets_goes_and_space_in_events_stays(array: bytes) -> None:
    assert events_text(array, "identity", MANY) == EVENTS


@pytest.mark.parametrize(
    ("encoding", "payload", "reason"),
    [
        ("gzip", b"\x1f\x8b no gzip", "payload_not_decodable"),
        ("gzip", gzip.compress(ARRAY)[:-9], "payload_not_decodable"),
        ("gzip", gzip.compress(ARRAY)[:-8] + bytes(8), "payload_not_decodable"),
        ("deflate", b"\xff\xff\xff", "payload_not_decodable"),
        ("zstd", b"zstd it is not", "payload_not_decodable"),
        ("zstd", zstd.compress(ARRAY)[:-3], "payload_not_decodable"),
        ("identity", EVENTS, "payload_not_an_array"),
        ("identity", b"[", "payload_not_an_array"),
        ("identity", b"", "payload_not_an_array"),
        ("gzip", b"", "payload_not_an_array"),
        ("identity", b"[ ]", "payload_empty"),
    ],
)
def test_what_cannot_be_read_is_named(encoding: Encoding, payload: bytes, reason: str) -> None:
    with pytest.raises(UndecodablePayload) as caught:
        events_text(payload, encoding, MANY)
    assert caught.value.reason == reason


BOMB = b"[" + b"1," * 5_000_000 + b"1]"


@pytest.mark.parametrize(
    ("encoding", "payload"),
    [
        ("identity", BOMB),
        ("gzip", gzip.compress(BOMB)),
        ("gzip", b"".join(gzip.compress(BOMB[at : at + 9_000]) for at in range(0, len(BOMB), 9_000))),
        ("deflate", zlib.compress(BOMB)),
        ("zstd", zstd.compress(BOMB)),
    ],
)
def test_a_bomb_is_refused_at_the_limit(encoding: Encoding, payload: bytes) -> None:
    with pytest.raises(UndecodablePayload) as caught:
        events_text(payload, encoding, 10_000)
    assert caught.value.reason == "payload_too_large"


def test_a_payload_of_just_the_limit_is_taken() -> None:
    assert events_text(gzip.compress(ARRAY), "gzip", len(ARRAY)) == EVENTS


def test_events_are_taken_out_and_the_others_stay_as_they_are() -> None:
    text = b'{"a": 1},{"b":"],["} , 3,{"c":{}}'
    assert without_events(text, {1}) == b'{"a": 1},3,{"c":{}}'
    assert without_events(text, {0, 2, 3}) == b'{"b":"],["}'


@pytest.mark.parametrize(("text", "dropped"), [(b'{"a":1},{', {0}), (b'{"a":1}', {1})])
def test_taking_out_of_what_is_not_there_is_an_error(text: bytes, dropped: set[int]) -> None:
    with pytest.raises(UndecodablePayload):
        without_events(text, dropped)


@given(st.binary(max_size=200), st.sampled_from(["identity", "gzip", "deflate", "zstd"]))
def test_any_bytes_give_a_text_or_a_reason(payload: bytes, encoding: Encoding) -> None:
    with contextlib.suppress(UndecodablePayload):
        assert 0 < len(events_text(payload, encoding, 1_000)) <= 1_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b'{"timestamp":1}', True),
        (b'{"timestamp":1},{"timestamp":1.5, "data":{"timestamp":0}},{"timestamp":2}', True),
        (b'{"timestamp":2},{"timestamp":1}', False),
        (b'{"timestamp":1.5},{"timestamp":1.25}', False),
        (b'{"timestamp":"1"}', False),
        (b'{"data":{}}', False),
        (b"no JSON", False),
        (b'{"timestamp":1,"data":' + b"[" * 100_000 + b"]" * 100_000 + b"}", False),
    ],
)
def test_it_tells_the_order_of_a_batch_that_does_not(text: bytes, expected: bool) -> None:
    assert in_order(text) is expected
