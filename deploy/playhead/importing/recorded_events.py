"""The events of a file, one after the other, with where each of them stands.

A document is an event, an event that `@rrweb/packer` made a string, an array of these, or an object with such
an array in `events`, as the query API answers. Each event keeps the bytes in which it is written.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
from msgspec import Raw

from playhead.importing.documents import LONGEST_BYTES, documents
from playhead.importing.packed import unpack
from playhead.importing.problems import Unimportable
from schemas.rrweb_event import Timestamp, Type, repair_surrogates


@dataclass(frozen=True, slots=True)
class Event:
    text: bytes
    at: int
    """ms since the epoch, fractions left out"""
    number: int
    """From 1, in the file"""
    line: int | None

    @property
    def place(self) -> str:
        return place(self.line, self.number)


class _Event(msgspec.Struct):
    type: Type
    timestamp: Timestamp


class _Object(msgspec.Struct):
    type: Raw = Raw(b"")
    events: Raw = Raw(b"")
    next_cursor: str | None = None


_event = msgspec.json.Decoder(_Event).decode
_object = msgspec.json.Decoder(_Object).decode
_array = msgspec.json.Decoder(list[Raw]).decode
_string = msgspec.json.Decoder(str).decode
_BAD = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class RecordedEvents:
    """Iterate it for the events of `file`, or of one window of an exported page; each time anew.

    Attributes:
        unfinished: after that, whether the last document is a page of the query API that names a next one.

    Raises while iterating:
        Unimportable: the file holds what is no event, or none; it does not name the file.
        OSError: the file cannot be read.
    """

    def __init__(self, file: Path, longest_bytes: int = LONGEST_BYTES, window: str | None = None) -> None:
        self.file = file
        self.window = window
        self.unfinished = False
        self._longest_bytes = longest_bytes

    def __iter__(self) -> Iterator[Event]:
        number = 0
        for line, document in documents(self.file, self._longest_bytes, self.window):
            try:
                for written in self._of(document):
                    number += 1
                    yield _read(written, number, line)
            except _BAD as error:
                raise Unimportable(f"{place(line, number + 1)}: {_said(error)}") from None
        if number == 0:
            raise Unimportable("it holds no event")

    def _of(self, document: bytes) -> Iterator[bytes]:
        document = repair_surrogates(document)
        self.unfinished = False
        if document[:1] == b"{":
            found = _object(document)
            if bytes(found.type) or not bytes(found.events):
                yield document
                return
            self.unfinished = found.next_cursor is not None
            document = bytes(found.events)
        if document[:1] == b"[":
            yield from map(bytes, _array(document))
        else:
            yield document


def place(line: int | None, number: int) -> str:
    return f"event {number}" if line is None else f"line {line}, event {number}"


def _read(written: bytes, number: int, line: int | None) -> Event:
    try:
        text = unpack(_string(written)) if written[:1] == b'"' else written
        if not text.isascii():
            text.decode()
        head = _event(text)
    except Unimportable as error:
        raise Unimportable(f"{place(line, number)}: {error}") from None
    except _BAD as error:
        raise Unimportable(f"{place(line, number)} is no rrweb event: {_said(error)}") from None
    return Event(text, int(head.timestamp), number, line)


def _said(error: Exception) -> str:
    return "it is nested too deep" if isinstance(error, RecursionError) else str(error)
