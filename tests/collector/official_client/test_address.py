"""Where the official client sends to, and with which key."""

import pytest

from collector.official_client.address import of_post, of_socket
from collector.problems import Reason, Refused

ID = "0b6f6f0e-4a4c-4b2a-9d5f-6f2f3d1b7c55"
POST, SOCKET = f"/recordings/{ID}/events", f"/recordings/{ID}/events/ws"


def reason_of(call, *given) -> Reason:
    with pytest.raises(Refused) as refused:
        call(*given)
    return refused.value.reason


def test_the_recording_id_is_visitor_and_window():
    parameters = of_post(POST, b"", b"Bearer the-key").parameters(ID, final=True)
    assert (parameters.key, parameters.visitor, parameters.window) == ("the-key", ID, ID)
    assert (parameters.seq, parameters.sent_at, parameters.final, parameters.consent) == (
        None,
        None,
        True,
        False,
    )


@pytest.mark.parametrize("authorization", [b"Bearer the-key", b"bearer the-key", b"BEARER  the-key "])
def test_a_post_has_its_key_in_a_header(authorization):
    assert of_post(POST, b"token=another", authorization).key == "the-key"


@pytest.mark.parametrize(
    "authorization", [b"", b"Bearer", b"Bearer ", b"the-key", b"Basic the-key", b"Bearer a b"]
)
def test_a_post_without_a_bearer_key_is_nobodys(authorization):
    assert reason_of(of_post, POST, b"token=the-key", authorization) is Reason.unknown_key


def test_a_socket_has_its_key_in_the_query():
    assert of_socket(SOCKET, b"token=the-key").key == "the-key"
    assert of_socket(SOCKET, b"token=the%2Dkey").key == "the-key"
    assert reason_of(of_socket, SOCKET, b"") is Reason.unknown_key
    assert reason_of(of_socket, SOCKET, b"token=") is Reason.unknown_key


def test_consent_stands_in_the_address_that_the_site_gave():
    assert of_socket(SOCKET, b"consent=1&token=k").parameters(ID, final=False).consent
    assert of_post(POST, b"consent=1", b"Bearer k").consent
    assert not of_post(POST, b"consent=0", b"Bearer k").consent
    assert reason_of(of_post, POST, b"consent=yes", b"Bearer k") is Reason.bad_parameter


@pytest.mark.parametrize("recording", ["", "a b", "%7BrecordingId%7D", "a/b", "x" * 65, "ü"])
def test_a_recording_id_that_is_none_is_refused(recording):
    assert reason_of(of_post, f"/recordings/{recording}/events", b"", b"Bearer k") is Reason.bad_parameter
    assert reason_of(of_socket, f"/recordings/{recording}/events/ws", b"token=k") is Reason.bad_parameter


def test_the_longest_recording_id_is_taken():
    assert of_post(f"/recordings/{'x' * 64}/events", b"", b"Bearer k").recording == "x" * 64
