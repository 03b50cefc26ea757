"""Read the events of a decompressed body: once, typed, with each event's own bytes untouched.

Pure. Knows rrweb's outermost fields and the three forms of a body (section 4 of design.md); the rest of an
event is checked to be JSON and kept as it is.
"""

import re
from codecs import utf_8_decode

import msgspec
from msgspec import Raw

from collector.problems import Reason, Refused
from schemas.rrweb_event import Timestamp, Type, repair_surrogates

MAX_DIGITS = 300
"""A longer run of digits is no number that a browser can hold (a double ends at 309)."""

_ABSENT = Raw(b"")


class Event(msgspec.Struct, gc=False):
    """An rrweb event."""

    type: Type
    timestamp: Timestamp
    data: Raw = _ABSENT


class _Wrapped(msgspec.Struct, gc=False):
    events: Raw = _ABSENT
    type: Raw = _ABSENT


class Decoded(msgspec.Struct, frozen=True, gc=False):
    events: list[Event]
    array: bytes
    """The events as one JSON array, `[` first, `]` last, each event byte for byte as it came."""
    verbatim: bool
    """`array` is the body itself, unchanged."""


_events = msgspec.json.Decoder(list[Event]).decode
_event = msgspec.json.Decoder(Event).decode
_wrapped = msgspec.json.Decoder(_Wrapped).decode

_SPACE = b" \t\r\n"
_LINE = re.compile(rb"[^ \t\r\n][^\n]*")
_INDEX = re.compile(r"`\$\[(\d+)\]")
_STRING_OR_LONG_NUMBER = re.compile(rb'"(?:[^"\\]++|\\.)*+"|([0-9]{%d,})' % (MAX_DIGITS + 1), re.DOTALL)
_DIGITS = bytes(0x30 if 0x30 <= byte <= 0x39 else 0x20 for byte in range(256))
_STRIDE = 32
_SAMPLES = b"0" * (MAX_DIGITS // _STRIDE)


def decode(body: bytes, max_events: int) -> Decoded:
    """Read a body in any of its three forms.

    Raises:
        Refused: malformed_json, invalid_event (with index), empty_batch, or batch_too_large (`max_events`).
    """
    _check_utf8(body)
    try:
        decoded = _read(body, max_events)
    except RecursionError:
        raise Refused(Reason.malformed_json, "arrays and objects are nested too deep") from None
    except msgspec.DecodeError as error:
        repaired = repair_surrogates(body)
        if repaired is body:
            raise Refused(Reason.malformed_json, str(error)) from None
        decoded = _read_repaired(repaired, max_events)
    if not decoded.events:
        raise Refused(Reason.empty_batch, "the body holds no event")
    if len(decoded.events) > max_events:
        raise Refused(Reason.batch_too_large, f"more than {max_events} events in one batch")
    if has_long_number(decoded.array):
        raise Refused(Reason.malformed_json, f"a number has more than {MAX_DIGITS} digits")
    return decoded


def _read_repaired(repaired: bytes, max_events: int) -> Decoded:
    try:
        decoded = _read(repaired, max_events)
    except RecursionError:
        raise Refused(Reason.malformed_json, "arrays and objects are nested too deep") from None
    except msgspec.DecodeError as error:
        raise Refused(Reason.malformed_json, str(error)) from None
    return Decoded(decoded.events, decoded.array, verbatim=False)


def _read(body: bytes, max_events: int) -> Decoded:
    if body[:1] == b"[":
        array = body if body[-1:] == b"]" else body.rstrip(_SPACE)
        return Decoded(_typed(array), array, verbatim=array is body)
    stripped = body.strip(_SPACE)
    if stripped[:1] == b"[":
        return Decoded(_typed(stripped), stripped, verbatim=False)
    if stripped[:1] != b"{":
        if not stripped:
            raise Refused(Reason.empty_batch, "the body is empty")
        raise Refused(Reason.malformed_json, "the body begins neither an array nor an object")
    try:
        wrapped = _wrapped(stripped)
    except msgspec.DecodeError:
        return _lines(stripped, max_events)
    array = bytes(wrapped.events)
    if array and not bytes(wrapped.type):
        return Decoded(_typed(array), array, verbatim=False)
    return Decoded([_one(stripped, 0)], b"[" + stripped + b"]", verbatim=False)


def _typed(array: bytes) -> list[Event]:
    try:
        return _events(array)
    except msgspec.ValidationError as error:
        found = _INDEX.search(str(error))
        if found is None:
            raise Refused(Reason.malformed_json, f"the events are no array: {error}") from None
        raise Refused(Reason.invalid_event, str(error), index=int(found[1])) from None


def _one(line: bytes, index: int) -> Event:
    try:
        return _event(line)
    except msgspec.ValidationError as error:
        raise Refused(Reason.invalid_event, f"event {index}: {error}", index=index) from None
    except msgspec.DecodeError as error:
        raise msgspec.DecodeError(f"event {index}: {error}") from None


def _lines(body: bytes, max_events: int) -> Decoded:
    events: list[Event] = []
    lines: list[bytes] = []
    for found in _LINE.finditer(body):
        if len(events) == max_events:
            raise Refused(Reason.batch_too_large, f"more than {max_events} events in one batch")
        line = found[0].rstrip(_SPACE)
        events.append(_one(line, len(events)))
        lines.append(line)
    return Decoded(events, b"[" + b",".join(lines) + b"]", verbatim=False)


def _check_utf8(body: bytes) -> None:
    """The parser passes over the inside of raw data without looking at its bytes."""
    if body.isascii():
        return
    view = memoryview(body)
    at = 0
    # In steps: decoded text takes up to four times the bytes, and it is thrown away.
    while at < len(body):
        end = min(at + 65_536, len(body))
        try:
            _, used = utf_8_decode(view[at:end], "strict", end == len(body))
        except UnicodeDecodeError as error:
            raise Refused(
                Reason.malformed_json, f"not UTF-8 at byte {at + error.start}: {error.reason}"
            ) from None
        at += used


def has_long_number(array: bytes) -> bool:
    """Whether valid JSON holds a run of more than MAX_DIGITS digits outside of strings.

    A run that long covers several of every 32nd byte in a row, so looking at those finds every candidate.
    """
    if len(array) <= MAX_DIGITS:
        return False
    sample = array[::_STRIDE].translate(_DIGITS)
    at = sample.find(_SAMPLES)
    while at >= 0:
        if array[at * _STRIDE : (at + len(_SAMPLES) - 1) * _STRIDE + 1].isdigit():
            return any(found[1] for found in _STRING_OR_LONG_NUMBER.finditer(array))
        at = sample.find(_SAMPLES, at + 1)
    return False
