"""Whatever the native reader takes, the slower one takes as well and says the same of it."""

import gzip
import json
import threading
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector import prepare as prepare_module
from collector.decode import decode
from collector.plain_array import read
from collector.prepare import Limits, prepare
from collector.summary import FULL_SNAPSHOT, META, Summary, summarise, summarise_plain
from playhead.checkout import RECORDINGS
from schemas.rrweb_event import LATEST_AT
from tests.collector.builders import AT, array, event, full_snapshot, gzipped, meta
from tests.collector.test_fuzz import damaged
from tests.contract.bodies import CASES

MOST = 50
EVENT = event(AT + 1, text='é"\\\n', deep=[{"a": [1.5e-3, None, True]}])
PLAIN = array(meta(AT + 0.5), EVENT, full_snapshot(AT))
TEXTS = [PLAIN, *[body for case in CASES if not case.headers and len(body := case.make()) < 2_000]]


def slowly(text: bytes) -> Summary:
    """Raises what `decode` raises; a text that it would not pass on as it is, is no plain array either."""
    decoded = decode(text, MOST)
    assert decoded.verbatim
    assert decoded.array == text
    return summarise(decoded.events)


@given(damaged(st.sampled_from(TEXTS)))
@settings(max_examples=3_000, suppress_health_check=[HealthCheck.too_slow])
def test_what_it_takes_of_damaged_texts_is_what_the_slower_reader_takes(text):
    summary = summarise_plain(text, MOST)
    assert summary is None or summary == slowly(text)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
numbers = st.integers(-1, 2**17) | st.floats(-1, LATEST_AT + 2) | st.integers(LATEST_AT - 2, LATEST_AT + 2)
events = st.fixed_dictionaries(
    {"type": st.sampled_from([0, FULL_SNAPSHOT, 3, META, 65_535, 65_536]) | numbers, "timestamp": numbers},
    optional={"data": json_values, "delay": json_values},
)


@given(st.lists(events, min_size=1, max_size=6), st.sampled_from([None, 1]), st.booleans())
@settings(max_examples=1_500, suppress_health_check=[HealthCheck.too_slow])
def test_what_it_takes_of_any_events_is_what_the_slower_reader_takes(given_events, indent, as_ascii):
    text = json.dumps(given_events, indent=indent, ensure_ascii=as_ascii).encode("utf-8", "surrogatepass")
    summary = summarise_plain(text, MOST)
    assert summary is None or summary == slowly(text)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_it_takes_no_hostile_body_that_the_slower_reader_refuses(case):
    text = case.make()
    summary = summarise_plain(text, MOST)
    assert summary is None or summary == slowly(text)


@pytest.mark.parametrize(
    "text",
    [
        b'[{"type":3,"timestamp":5,"timestamp":6}]',
        b'[{"type":3,"type":2,"timestamp":5}]',
        b'[{"type":4,"timestamp":5,"data":{"href":"a"},"data":{"href":"b"}}]',
        b'[{"typ\\u0065":2,"type":3,"timestamp":5}]',
        b'[{"type":3,"timestamp":5,"timestam\\u0070":6}]',
        b'[{"type":4,"timestamp":5,"data":{"href":"a"}},{"type":4,"timestamp":5,"data":{"href":"b"}}]',
        b'[{"type":4,"timestamp":5.9,"data":{"href":"a"}},{"type":4,"timestamp":5.1,"data":{"href":"b"}}]',
        b'[{"type":4,"timestamp":5},{"type":4,"timestamp":6,"data":{"href":"b"}}]',
        b'[{"type":4,"timestamp":5,"data":3}]',
    ],
)
def test_it_takes_odd_events_as_the_slower_reader_does_or_not_at_all(text):
    summary = summarise_plain(text, MOST)
    assert summary is None or summary == slowly(text)


@pytest.mark.parametrize("length", [0, 5, 40])
@pytest.mark.parametrize("control", [*range(0x20)])
def test_it_takes_no_control_character_in_a_string(length, control):
    text = b"x" * length
    body = b'[{"type":3,"timestamp":5,"data":"%b%c%b"}]'
    assert summarise_plain(body % (text, 0x20, text), MOST) is not None
    assert summarise_plain(body % (text, control, text), MOST) is None


@pytest.mark.parametrize("recording", sorted(RECORDINGS.glob("*.jsonl.gz")), ids=lambda file: file.stem)
def test_every_batch_of_a_real_recording_is_plain(recording):
    lines = gzip.decompress(recording.read_bytes()).splitlines()
    edges = [*range(0, len(lines), MOST), len(lines)]
    for begin, end in pairwise(edges):
        text = array(*lines[begin:end])
        assert summarise_plain(text, MOST) == slowly(text)


def test_a_plain_body_is_read_once(monkeypatch):
    limits = Limits(1_000_000, MOST)
    expected = prepare(gzipped(b" " + PLAIN), "gzip", limits, numbered=False)
    monkeypatch.delattr(prepare_module, "decode")
    plain = prepare(gzipped(PLAIN), "gzip", limits, numbered=False)
    assert (plain.summary, plain.raw_bytes) == (expected.summary, expected.raw_bytes)
    assert (plain.array_hash, plain.event_hashes) == (expected.array_hash, expected.event_hashes)
    assert plain.payload == gzipped(PLAIN)


@pytest.mark.parametrize("most", [2, 3, 4])
def test_it_takes_as_many_events_as_may_be(most):
    assert (summarise_plain(PLAIN, most) is None) == (most < 3)


@pytest.mark.parametrize("timestamp", ["10413791999999", "10413791999998.999", "0", "0.25"])
def test_it_takes_the_latest_and_the_earliest(timestamp):
    text = b'[{"type":65535,"timestamp":%b}]' % timestamp.encode()
    summary = summarise_plain(text, MOST)
    assert summary is not None
    assert summary == slowly(text)


def test_a_large_body_lets_others_run():
    """Other threads run while a large one is read, and it comes to the same."""
    text = array(*[event(AT + at, text="x" * 1_000) for at in range(4_000)])
    rules = {"most_events": 4_000, "latest_at": LATEST_AT, "full_snapshot": FULL_SNAPSHOT, "meta": META}
    found = []
    threads = [threading.Thread(target=lambda: found.append(read(text, **rules))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [(4_000, AT, AT + 3_999, (), None, b"", True)] * 4
