"""The payload is the events' array: as the client compressed it where that is possible, else framed anew."""

import pytest
import xxhash
from hypothesis import given
from hypothesis import strategies as st

from collector.inflate import inflate
from collector.prepare import Limits, prepare
from collector.problems import Reason, Refused
from collector.summary import hash_events
from tests.collector.builders import array, bare_deflated, event, event_texts, gzipped, zlibbed, zstandard

LIMITS = Limits(decompressed_bytes=100_000, events=100)
PASSING = [
    pytest.param("identity", bytes, id="identity"),
    pytest.param("gzip", gzipped, id="gzip"),
    pytest.param("deflate", zlibbed, id="zlib"),
    pytest.param("zstd", zstandard, id="zstd"),
]


def array_of(prepared):
    return inflate(prepared.payload, prepared.encoding, 10**8).raw


@pytest.mark.parametrize(("encoding", "compress"), PASSING)
@given(events=st.lists(event_texts(), min_size=1, max_size=3))
def test_a_bare_array_passes_through_as_it_came(encoding, compress, events):
    body = compress(array(*events))
    prepared = prepare(body, encoding, LIMITS, numbered=True)
    assert prepared.payload is body
    assert prepared.encoding == encoding
    assert prepared.raw_bytes == len(array(*events))
    assert prepared.summary.events == len(events)


@pytest.mark.parametrize(
    ("encoding", "compress"), [*PASSING, pytest.param("deflate", bare_deflated, id="bare")]
)
@given(events=st.lists(event_texts(), min_size=1, max_size=3))
def test_any_other_form_is_framed_anew_with_the_same_bytes(encoding, compress, events):
    forms = [b"\n".join(events), b'{"events":' + array(*events) + b"}", array(*events) + b"\n"]
    for form in forms:
        prepared = prepare(compress(form), encoding, LIMITS, numbered=True)
        assert prepared.encoding == "zstd"
        assert array_of(prepared) == array(*events)
        assert prepared.raw_bytes == len(array(*events))


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzipped(b"[" + event()) + gzipped(b"]")),
        ("zstd", zstandard(b"[" + event()) + zstandard(b"]")),
        ("deflate", bare_deflated(array(event()))),
    ],
    ids=["two-members", "two-frames", "bare"],
)
def test_a_compressed_form_that_not_every_reader_knows_is_compressed_anew(encoding, body):
    prepared = prepare(body, encoding, LIMITS, numbered=True)
    assert prepared.encoding == "zstd"
    assert array_of(prepared) == array(event())


def test_a_repaired_array_is_compressed_anew():
    body = gzipped(rb'[{"type":3,"timestamp":1,"data":"\ud800"}]')
    prepared = prepare(body, "gzip", LIMITS, numbered=True)
    assert array_of(prepared) == rb'[{"type":3,"timestamp":1,"data":"\ufffd"}]'


def test_a_numbered_batch_needs_no_hash():
    prepared = prepare(array(event()), "identity", LIMITS, numbered=True)
    assert (prepared.array_hash, prepared.event_hashes) == (None, None)


@pytest.mark.parametrize(("encoding", "compress"), PASSING)
def test_an_unnumbered_batch_is_known_by_its_events_however_it_is_compressed(encoding, compress):
    events = [event(1), event(2)]
    for form in (array(*events), b"\n".join(events), b'{"events":' + array(*events) + b"}"):
        prepared = prepare(compress(form), encoding, LIMITS, numbered=False)
        assert prepared.array_hash == xxhash.xxh3_128_digest(array(*events))
        assert prepared.event_hashes == hash_events(array(*events))


@pytest.mark.parametrize(
    ("encoding", "body", "reason"),
    [
        ("gzip", array(event()), Reason.malformed_json),
        ("deflate", b"\xff\xff", Reason.malformed_json),
        ("zstd", b"", Reason.malformed_json),
        ("gzip", gzipped(array(event()))[:-1], Reason.malformed_json),
        ("gzip", gzipped(b" " * 100_001), Reason.batch_too_large),
        ("identity", b" " * 100_001, Reason.batch_too_large),
        ("identity", b"", Reason.empty_batch),
        ("gzip", gzipped(b""), Reason.empty_batch),
        ("identity", b"[]", Reason.empty_batch),
        ("identity", b"[1]", Reason.invalid_event),
        ("identity", array(*[event()] * 101), Reason.batch_too_large),
    ],
)
def test_a_body_that_is_no_batch_is_refused(encoding, body, reason):
    with pytest.raises(Refused) as refused:
        prepare(body, encoding, LIMITS, numbered=True)
    assert refused.value.reason is reason
