"""What the official client's own events tell."""

import json

import pytest

from collector.official_client.facts import NOTHING, Facts, facts_of, facts_of_lines
from tests.collector.builders import event, full_snapshot


def custom(tag, **payload) -> bytes:
    """As the client writes it: without spaces, the timestamp first."""
    data = {"timestamp": 1_790_000_000_000, "type": 5, "data": {"tag": tag, "payload": payload}}
    return json.dumps(data, separators=(",", ":")).encode()


START = custom("recording-meta", domain="shop.example", includePii=False, recordVersion="2.1.0")


def test_only_the_meta_of_a_start_tells_the_clients_version():
    assert facts_of(START) == Facts(starts=True)
    assert facts_of(custom("recording-meta", plan="pro")) == NOTHING


@pytest.mark.parametrize(
    ("said", "visitor_id"),
    [
        ("3f2c", "3f2c"),
        ("rrweb-browser-client-visitor-id=3f2c", "3f2c"),
        ("user@example.com", "user@example.com"),
        (12_345, "12345"),
        ("", None),
        ("rrweb-browser-client-visitor-id=", None),
        (True, None),
        (None, None),
        ({"id": 1}, None),
        ("x" * 300, "x" * 256),
    ],
)
def test_the_visitor_is_what_the_site_or_the_cookie_calls_it(said, visitor_id):
    assert facts_of(custom("recording-meta", visitor=said)).visitor_id == visitor_id


def test_a_recording_ends_with_stop_true_alone():
    assert facts_of(custom("close-permanent")) == Facts(ends=True, leaves=True)
    assert facts_of(custom("close-temporary")) == Facts(leaves=True)
    for tag in ("page-hidden", "page-visible", "pageview-meta"):
        assert facts_of(custom(tag)) == NOTHING


@pytest.mark.parametrize(
    "text",
    [
        event(text="recording-meta close-permanent"),
        full_snapshot(),
        b'{"type":4,"timestamp":1,"data":{"tag":"close-permanent"}}',
        b'{"type":5,"timestamp":1,"data":"close-permanent"}',
        b'{"type":5,"timestamp":1,"data":{"tag":["close-permanent"]}}',
        b"close-permanent",
        b"[" * 100_000 + b'"close-permanent"',
        b'{"type":5,"data":{"tag":"recording-meta","payload":' + b"[" * 100_000,
        b"",
    ],
)
def test_what_is_no_event_of_the_clients_own_tells_nothing(text):
    assert facts_of(text) == NOTHING


def test_a_post_tells_the_first_visitor_and_any_start():
    body = b"\n".join(
        [event(), custom("recording-meta", visitor="a"), START, custom("recording-meta", visitor="b")]
    )
    assert facts_of_lines(body) == Facts(visitor_id="a", starts=True)
    assert facts_of_lines(event()) == NOTHING


def test_a_post_ends_a_recording_only_with_its_last_event():
    assert facts_of_lines(b"\n".join([event(), custom("close-permanent"), b"", b" "])).ends
    # The client kept it, and a later recording of the page sends it first.
    assert not facts_of_lines(b"\n".join([custom("close-permanent"), START])).ends
