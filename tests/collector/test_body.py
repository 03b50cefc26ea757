"""A body: not longer than it may be, not slower than it may come."""

import asyncio

import pytest

from collector.admit import BytesInFlight
from collector.body import ClientGone, read_body
from collector.problems import Reason, Refused
from tests.collector.virtual_time import run_in_virtual_time

TIMEOUT_S = 30


def received(*parts, after_s=0.0, gone=False):
    """A client that sends these parts, the last of them after so long."""
    left = list(parts)

    async def receive():
        if not left:
            return {"type": "http.disconnect"}
        part = left.pop(0)
        if not left:
            await asyncio.sleep(after_s)
        return {"type": "http.request", "body": part, "more_body": bool(left) or gone}

    return receive


def read(receive, *, declared=None, most=100, in_flight=None):
    """What becomes of the body: its bytes, or the reason why not."""
    in_flight = in_flight or BytesInFlight(10**6)
    try:
        body = run_in_virtual_time(read_body(receive, declared, most, TIMEOUT_S, in_flight))
    except Refused as refused:
        assert in_flight.now_bytes == 0
        return refused.reason
    assert in_flight.now_bytes == len(body)
    return body


@pytest.mark.parametrize(("late_ms", "expected"), [(-1, b"abcd"), (1, Reason.slow_body)])
def test_a_body_has_its_time_to_the_millisecond(late_ms, expected):
    assert read(received(b"ab", b"cd", after_s=TIMEOUT_S + late_ms / 1_000)) == expected


@pytest.mark.parametrize(("size", "taken"), [(99, True), (100, True), (101, False)])
def test_a_body_has_its_length_to_the_byte(size, taken):
    body = b"x" * size
    expected = body if taken else Reason.batch_too_large
    assert read(received(body)) == expected
    assert read(received(body[:50], body[50:])) == expected
    assert read(received(body), declared=b"%d" % size) == expected


def test_what_declares_too_much_is_not_read():
    async def receive():
        raise AssertionError("it was read")

    assert read(receive, declared=b"101") is Reason.batch_too_large


@pytest.mark.parametrize(("room", "expected"), [(3, Reason.overloaded), (4, b"abcd"), (5, b"abcd")])
def test_a_body_takes_its_bytes_of_those_in_flight(room, expected):
    assert read(received(b"ab", b"cd"), in_flight=BytesInFlight(room)) == expected


def test_a_client_that_goes_leaves_no_bytes_behind():
    in_flight = BytesInFlight(10**6)
    with pytest.raises(ClientGone):
        read(received(b"ab", gone=True), in_flight=in_flight)
    assert in_flight.now_bytes == 0
