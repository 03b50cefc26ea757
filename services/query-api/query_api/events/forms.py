"""The forms in which a page of events is written, around and between the stored bytes. Pure.

A piece is what `order.Page` gives: events as they are stored, with commas between.
"""

from typing import Protocol

import msgspec

_events = msgspec.json.Decoder(list[msgspec.Raw]).decode

JSON = "application/json"
NDJSON = "application/x-ndjson"
MEDIA_TYPES = (JSON, NDJSON)


class Form(Protocol):
    media_type: str

    def begin(self) -> bytes: ...

    def pieces(self, pieces: list[bytes]) -> list[bytes]:
        """What is written for these; at least one."""

    def end(self, next_cursor: str | None) -> bytes: ...


class _Between:
    """Commas between pieces, none before the first."""

    def __init__(self) -> None:
        self._comma = b""

    def pieces(self, pieces: list[bytes]) -> list[bytes]:
        written: list[bytes] = []
        for piece in pieces:
            written += (self._comma, piece)
            self._comma = b","
        return written


class PageForm(_Between):
    """`{"events": [...], "next_cursor": ...}`."""

    media_type = JSON

    def begin(self) -> bytes:
        return b'{"events":['

    def end(self, next_cursor: str | None) -> bytes:
        return b'],"next_cursor":' + msgspec.json.encode(next_cursor) + b"}"


class ArrayForm(_Between):
    """`[...]`, as rrweb-player takes it."""

    media_type = JSON

    def begin(self) -> bytes:
        return b"["

    def end(self, next_cursor: str | None) -> bytes:
        return b"]"


class LinesForm:
    """An event a line; the next page's cursor has no place among them."""

    media_type = NDJSON

    def begin(self) -> bytes:
        return b""

    def pieces(self, pieces: list[bytes]) -> list[bytes]:
        return [lines(piece) for piece in pieces]

    def end(self, next_cursor: str | None) -> bytes:
        return b""


def lines(piece: bytes) -> bytes:
    """An event a line, each in its stored bytes, but that a line break between its tokens becomes a space.

    Where an event ends only a reader of JSON can tell: this walks over the text, makes no object of it, and
    takes each event as it stands (docs/adr/0084-lines-of-stored-json.md).

    Raises:
        msgspec.DecodeError: the piece is no list of events.
    """
    # In JSON a raw line break is never inside of a string, so it is space between tokens.
    if b"\n" in piece or b"\r" in piece:
        piece = piece.replace(b"\n", b" ").replace(b"\r", b" ")
    return b"\n".join([*_events(b"[" + piece + b"]"), b""])
