"""Any bytes at all, and good bodies that were damaged: read, or refused, and nothing else happens."""

import contextlib
import json
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.decode import decode
from collector.inflate import CorruptBody, TooLargeInflated, inflate
from collector.prepare import Limits, Prepared, prepare
from collector.problems import Reason, Refused
from tests.contract.bodies import CASES
from tests.contract.bodies.compressed import KINDS
from tests.contract.bodies.texts import BATCH

LIMIT_BYTES = 100_000
LIMITS = Limits(LIMIT_BYTES, 50)
OF_A_BODY = {Reason.malformed_json, Reason.invalid_event, Reason.empty_batch, Reason.batch_too_large}
SEEDS = [BATCH, *[body for case in CASES if not case.headers and len(body := case.make()) < 2_000]]
ENCODINGS = ("identity", "gzip", "deflate", "zstd")
RARE = [
    b"\\ud83d",
    b"\\",
    b'"',
    b"[",
    b"{",
    b"}",
    b"]",
    b"\xff",
    b"\xc3\xbc",
    b"\x00",
    b"\n",
    b",",
    b"e9",
    b"-",
]


@pytest.fixture(autouse=True)
def usual_nesting():
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(1_500)
    yield
    sys.setrecursionlimit(before)


@st.composite
def damaged(draw: st.DrawFn, good: st.SearchStrategy[bytes]) -> bytes:
    """A body that was cut, spliced, doubled, and had bytes changed."""
    body = draw(good)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(body)))
        to = draw(st.integers(at, min(len(body), at + 40)))
        middle = draw(
            st.sampled_from([b"", body[at:to] * 2, *RARE]) | st.binary(max_size=8) | st.sampled_from(SEEDS)
        )
        body = body[:at] + middle + body[to:]
    return body


def outcome(body: bytes, encoding: str, *, numbered: bool) -> Prepared | Refused:
    try:
        return prepare(body, encoding, LIMITS, numbered=numbered)
    except Refused as refused:
        return refused


def no_constant(text: str) -> None:
    raise ValueError(text)


def check(result: Prepared | Refused) -> None:
    if isinstance(result, Refused):
        assert result.reason in OF_A_BODY
        assert (result.index is not None) == (result.reason is Reason.invalid_event)
        return
    # What we took is JSON to another parser too, and holds as many events as we say.
    raw = inflate(result.payload, result.encoding, 10 * LIMIT_BYTES).raw
    events = json.loads(raw.decode("utf-8", "strict"), parse_constant=no_constant)
    assert len(events) == result.summary.events <= LIMITS.events
    assert len(raw) == result.raw_bytes
    assert all(isinstance(event["type"], int) and event["timestamp"] >= 0 for event in events)


@given(st.binary(max_size=500), st.sampled_from(ENCODINGS), st.booleans())
@settings(max_examples=400)
def test_any_bytes(body, encoding, numbered):
    check(outcome(body, encoding, numbered=numbered))


@given(damaged(st.sampled_from(SEEDS)), st.booleans())
@settings(max_examples=1_500, suppress_health_check=[HealthCheck.too_slow])
def test_damaged_text(body, numbered):
    check(outcome(body, "identity", numbered=numbered))


@given(st.sampled_from(sorted(KINDS)), st.data())
@settings(max_examples=600, suppress_health_check=[HealthCheck.too_slow])
def test_damaged_compression(kind, data):
    encoding, compress = KINDS[kind]
    body = data.draw(damaged(st.sampled_from(SEEDS[:40]).map(compress)))
    check(outcome(body, encoding, numbered=True))


@given(st.sampled_from(sorted(KINDS)), st.data())
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
def test_damaged_text_well_compressed(kind, data):
    encoding, compress = KINDS[kind]
    text = data.draw(damaged(st.sampled_from(SEEDS)))
    compressed, plain = (
        outcome(compress(text), encoding, numbered=True),
        outcome(text, "identity", numbered=True),
    )
    check(compressed)
    assert type(compressed) is type(plain)
    if isinstance(plain, Refused):
        assert compressed.reason is plain.reason


@given(st.binary(max_size=2_000), st.sampled_from(ENCODINGS[1:]), st.integers(0, 5_000))
@settings(max_examples=400)
def test_no_more_is_decompressed_than_allowed(body, encoding, limit):
    with contextlib.suppress(CorruptBody, TooLargeInflated):
        assert len(inflate(body, encoding, limit).raw) <= limit


@given(damaged(st.sampled_from(SEEDS)))
@settings(max_examples=500, suppress_health_check=[HealthCheck.too_slow])
def test_the_order_of_reading_does_not_matter(body):
    """A body is the same whether it is read once or, as its own array, again."""
    try:
        once = decode(body, 50)
    except Refused:
        return
    again = decode(once.array, 50)
    assert (again.array, again.verbatim) == (once.array, True)
    assert [(event.type, event.timestamp) for event in again.events] == [
        (event.type, event.timestamp) for event in once.events
    ]
