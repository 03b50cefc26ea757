"""Every refusal is a problem document of a closed set."""

import json
from http import HTTPStatus

import pytest

from collector.problems import CLOSING, Reason, Refused, body_of, headers_of

SECTION_4 = {
    400: {"malformed_json", "invalid_event", "empty_batch", "bad_parameter"},
    401: {"unknown_key"},
    403: {"origin_not_allowed", "consent_missing", "connection_paused"},
    408: {"slow_body"},
    413: {"batch_too_large"},
    415: {"unsupported_encoding"},
    429: {"rate_limited"},
    503: {"broker_unavailable"},
}


def test_the_reasons_of_section_4_have_their_status():
    for status, names in SECTION_4.items():
        for name in names:
            assert Reason[name].status == status


def test_no_two_reasons_are_one():
    # An Enum makes two members with equal values one member with two names.
    assert len(Reason) == len(Reason.__members__) == len({reason.value.title for reason in Reason})


@pytest.mark.parametrize("reason", Reason)
def test_a_refusal_is_a_problem_document(reason):
    refused = Refused(reason, "the particulars")
    assert json.loads(body_of(refused)) == {
        "type": f"urn:playhead:problem:{reason.name}",
        "title": reason.value.title,
        "status": reason.status,
        "detail": "the particulars",
        "reason": reason.name,
    }
    assert HTTPStatus(reason.status).phrase


def test_an_invalid_event_is_named_by_its_index():
    assert json.loads(body_of(Refused(Reason.invalid_event, "no", index=0)))["index"] == 0


@pytest.mark.parametrize("reason", Reason)
def test_retry_after_is_said_where_trying_again_helps(reason):
    headers = dict(headers_of(Refused(reason, ""), 7))
    assert headers[b"content-type"] == b"application/problem+json"
    assert headers.get(b"retry-after") == (b"7" if reason.status in (429, 503) else None)
    assert (b"www-authenticate" in headers) == (reason.status == 401)
    assert (b"connection" in headers) == (reason in CLOSING)


def test_a_refusal_that_knows_when_to_come_again_says_so():
    refused = Refused(Reason.rate_limited, "", retry_after_s=19)
    assert dict(headers_of(refused, 7))[b"retry-after"] == b"19"
