"""What of an answer goes out with what."""

import pytest

from collector.joined_writes import JoinedWrites

HEAD = b"HTTP/1.1 202 Accepted\r\ncontent-length: 2\r\n\r\n"
GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"


class Transport:
    def __init__(self):
        self.writes = []
        self.closed = False

    def write(self, data):
        assert not self.closed
        self.writes.append(data)

    def close(self):
        self.closed = True

    def is_closing(self):
        return self.closed


def written(*parts):
    transport = Transport()
    answers = JoinedWrites(transport)
    for part in parts:
        if part is None:
            answers.end()
        else:
            answers.write(part)
    return transport.writes


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([HEAD, b"ok"], [HEAD + b"ok"]),
        ([HEAD, b"", None], [HEAD]),
        ([HEAD, b"some ", b"more", None], [HEAD + b"some ", b"more"]),
        ([HEAD, b"", b"late", None], [HEAD, b"late"]),
        # To a HEAD nothing follows the head.
        ([HEAD, None], [HEAD]),
        ([HEAD, b"ok", None, HEAD, b"ok", None], [HEAD + b"ok"] * 2),
        ([HEAD, None, HEAD, b"ok", None], [HEAD, HEAD + b"ok"]),
        # The client waits for it before it sends what is answered.
        ([GO_ON], [GO_ON]),
        ([GO_ON, HEAD, b"ok", None], [GO_ON, HEAD + b"ok"]),
        # A part of a body may look like anything.
        ([HEAD, b"", HEAD, GO_ON, None], [HEAD, HEAD, GO_ON]),
    ],
)
def test_a_head_goes_out_with_what_follows_it(parts, expected):
    assert written(*parts) == expected


@pytest.mark.parametrize("parts", [[HEAD], [HEAD, b"half"], []])
def test_a_socket_is_closed_after_what_was_written(parts):
    transport = Transport()
    answers = JoinedWrites(transport)
    for part in parts:
        answers.write(part)
    assert not answers.is_closing()
    answers.close()
    assert answers.is_closing()
    assert b"".join(transport.writes) == b"".join(parts)
