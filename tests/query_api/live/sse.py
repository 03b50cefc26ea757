"""Reads server-sent events as a browser does (WHATWG HTML, 9.2.6), as far as our streams use it."""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Message:
    event: str
    id: str
    """The last one said, in this message or an earlier one."""
    data: Any

    @property
    def offset(self) -> int:
        return int(self.id.split("-")[1])


class Reader:
    """Feed it the stream's bytes, in pieces of any size."""

    def __init__(self, last_id: str = "") -> None:
        self._rest = b""
        self._id = last_id
        self.retry_ms: int | None = None
        self.heartbeats = 0

    def feed(self, piece: bytes) -> list[Message]:
        *whole, self._rest = (self._rest + piece).split(b"\n\n")
        return [message for block in whole if (message := self._read(block.decode())) is not None]

    def _read(self, block: str) -> Message | None:
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        self._id = fields.get("id", self._id)
        if "retry" in fields:
            self.retry_ms = int(fields["retry"])
        if "" in fields:
            self.heartbeats += 1
        if "data" not in fields:
            return None
        return Message(fields["event"], self._id, json.loads(fields["data"]))


def read(stream: bytes, last_id: str = "") -> list[Message]:
    reader = Reader(last_id)
    messages = reader.feed(stream)
    assert reader._rest == b"", "it ended within a message"
    return messages
