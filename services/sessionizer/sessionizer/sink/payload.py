"""A batch's payload, from the bytes of its envelope to the text that `recordings.payload` holds.

Decompresses in bounded memory, takes the array's brackets off and leaves every event byte for byte. Knows
the envelope's encodings and nothing of sessions. Only rare paths look into the text: rule 6
(`without_events`), and a batch of an earlier release (`in_order`).
"""

from collections.abc import Callable, Collection
from typing import Protocol

import msgspec
from backports import zstd
from zlib_ng import zlib_ng

from schemas.dead_letter import Undecodable
from schemas.envelope import Encoding

# Its stub calls the class an instance.
_ZlibError: type[Exception] = zlib_ng.error  # type: ignore[assignment]

JSON_SPACE = b" \t\n\r"
ZLIB_OR_GZIP_HEADER = 32 + zlib_ng.MAX_WBITS
RAW_DEFLATE = -zlib_ng.MAX_WBITS


class _Decompressor(Protocol):
    """What zlib's and zstd's have in common."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class UndecodablePayload(ValueError):  # noqa: N818
    """A payload that no row can be made of; `reason` goes to the dead letter's header."""

    def __init__(self, reason: Undecodable, detail: str):
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


def events_text(payload: bytes, encoding: Encoding, max_bytes: int) -> bytes:
    """The events' JSON, comma-separated, without the array's brackets and the space around them.

    Args:
        max_bytes: the most that the payload may decompress to.

    Raises:
        UndecodablePayload: it does not decompress, is too large, or is no array with something in it.
    """
    array = _decompress(payload, encoding, max_bytes).strip(JSON_SPACE)
    if not (array.startswith(b"[") and array.endswith(b"]") and len(array) > 1):
        raise UndecodablePayload("payload_not_an_array", f"{len(array)} bytes, first {array[:16]!r}")
    text = array[1:-1].strip(JSON_SPACE)
    if not text:
        raise UndecodablePayload("payload_empty", "an array without events")
    return text


def without_events(text: bytes, dropped: Collection[int]) -> bytes:
    """The text without the events at these indexes (rule 6: seen in an earlier batch of the window).

    Raises:
        UndecodablePayload: the text is no sequence of JSON values, or has no event at such an index.
    """
    try:
        events = msgspec.json.decode(b"[" + text + b"]", type=list[msgspec.Raw])
    except msgspec.DecodeError as error:
        raise UndecodablePayload("payload_not_an_array", str(error)) from None
    if max(dropped, default=-1) >= len(events):
        raise UndecodablePayload(
            "payload_not_an_array", f"{len(events)} events, event {max(dropped)} is to go"
        )
    return b",".join(bytes(event) for index, event in enumerate(events) if index not in dropped)


class _Timed(msgspec.Struct, gc=False):
    timestamp: float


_timed = msgspec.json.Decoder(list[_Timed]).decode


def in_order(text: bytes) -> bool:
    """Whether the timestamps never go back, for a batch whose collector did not tell.

    A text that cannot be read counts as unordered: whoever replays it then looks itself (ADR 20).
    """
    try:
        times = [event.timestamp for event in _timed(b"[" + text + b"]")]
    except (msgspec.DecodeError, RecursionError):
        return False
    return times == sorted(times)


def _decompress(payload: bytes, encoding: Encoding, max_bytes: int) -> bytes:
    try:
        match encoding:
            case "identity":
                raw = payload
            case "gzip":
                raw = _unpacked(payload, lambda: zlib_ng.decompressobj(ZLIB_OR_GZIP_HEADER), max_bytes)
            case "deflate":
                window_bits = _deflate_window_bits(payload)
                raw = _unpacked(payload, lambda: zlib_ng.decompressobj(window_bits), max_bytes)
            case "zstd":
                raw = _unpacked(payload, zstd.ZstdDecompressor, max_bytes)
    except (_ZlibError, zstd.ZstdError, EOFError) as error:
        raise UndecodablePayload("payload_not_decodable", f"{encoding}: {error}") from None
    if len(raw) > max_bytes:
        raise UndecodablePayload("payload_too_large", f"{encoding}: over {max_bytes} bytes")
    return raw


def _deflate_window_bits(payload: bytes) -> int:
    """`deflate` means zlib's format, yet some clients send the bare stream (RFC 9110, 8.4.1.2)."""
    has_zlib_header = len(payload) > 1 and payload[0] & 0x0F == 8 and (payload[0] << 8 | payload[1]) % 31 == 0
    return ZLIB_OR_GZIP_HEADER if has_zlib_header else RAW_DEFLATE


def _unpacked(payload: bytes, decompressor: Callable[[], _Decompressor], max_bytes: int) -> bytes:
    """All members or frames, one behind the other; a byte more than `max_bytes` at the most."""
    parts: list[bytes] = []
    room = max_bytes + 1
    while payload and room > 0:
        stream = decompressor()
        parts.append(stream.decompress(payload, room))
        room -= len(parts[-1])
        if not stream.eof and room > 0:
            raise EOFError("it ends early")
        payload = stream.unused_data
    return b"".join(parts)
