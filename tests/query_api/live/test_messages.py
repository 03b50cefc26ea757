"""What is written around the stored bytes."""

import json

import pytest

from query_api.live.arrival import Arrival, EventId
from query_api.live.messages import batch_message, completed_message


def message(events: bytes, *, window_id: str = "w", seq: int = 7) -> bytes:
    at = EventId(Arrival(3, 41))
    return batch_message(at, window_id=window_id, seq=seq, received_at=5, events=events)


def test_a_batch_is_one_message_with_its_bytes_as_they_are_stored() -> None:
    events = '{"timestamp":1.50,"data":"é"}, {"type":9}'.encode()
    assert message(events) == (
        b'id: 3-41\nevent: batch\ndata: {"window_id":"w","seq":7,"received_at":5,"events":['
        + events
        + b"]}\n\n"
    )


def test_a_batch_without_a_number_has_none() -> None:
    assert b'"seq":null' in message(b"{}", seq=-1)


@pytest.mark.parametrize("space", [b"\n", b"\r", b"\r\n"])
def test_line_breaks_between_tokens_do_not_end_the_message(space: bytes) -> None:
    text = message(b'{"a":' + space + b'"\\n"}' + space + b",{}")

    *head, data, end, rest = text.replace(b"\r", b"\n").split(b"\n")
    assert (len(head), end, rest) == (2, b"", b"")
    assert json.loads(data.removeprefix(b"data: "))["events"] == [{"a": "\n"}, {}]


def test_a_window_may_have_any_name() -> None:
    (data,) = [line for line in message(b"", window_id='"\n').split(b"\n") if line.startswith(b"data: ")]
    assert json.loads(data[6:])["window_id"] == '"\n'


def test_the_last_message_says_when() -> None:
    assert completed_message(12) == b'event: completed\ndata: {"completed_at":12}\n\n'
