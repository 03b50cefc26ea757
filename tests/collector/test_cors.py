"""A page of any origin may read every answer."""

import pytest

from collector.cors import headers, preflight

ORIGIN = b"https://shop.example"


def test_the_origin_is_echoed_so_that_beacons_with_credentials_pass():
    answered = dict(headers(ORIGIN))
    assert answered[b"access-control-allow-origin"] == ORIGIN
    assert answered[b"access-control-allow-credentials"] == b"true"
    assert answered[b"vary"] == b"origin"
    assert b"retry-after" in answered[b"access-control-expose-headers"]


def test_without_an_origin_anyone_may_read_and_no_credentials_are_spoken_of():
    answered = dict(headers(None))
    assert answered[b"access-control-allow-origin"] == b"*"
    assert b"access-control-allow-credentials" not in answered


def test_a_preflight_is_kept_by_the_browser():
    answered = dict(preflight(ORIGIN, None))
    assert answered[b"access-control-allow-origin"] == ORIGIN
    assert int(answered[b"access-control-max-age"]) >= 7_200
    assert b"POST" in answered[b"access-control-allow-methods"]
    assert {b"content-type", b"content-encoding", b"authorization"} <= set(
        answered[b"access-control-allow-headers"].split(b", ")
    )


def test_headers_that_a_tracing_script_adds_are_allowed():
    asked = b"content-type,sentry-trace, baggage"
    assert dict(preflight(ORIGIN, asked))[b"access-control-allow-headers"] == asked


@pytest.mark.parametrize("asked", [b"", b"x\r\nset-cookie: a", b"a" * 1_000, b"*;"])
def test_nothing_else_is_echoed(asked):
    assert dict(preflight(ORIGIN, asked))[b"access-control-allow-headers"] != asked
