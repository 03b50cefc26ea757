"""Decompress a body, bounded in time and memory whatever it holds.

Pure. Knows the content encodings of section 4 of design.md and nothing of JSON.
"""

from collections.abc import Callable
from typing import Protocol

import msgspec
from backports.zstd import DecompressionParameter, ZstdDecompressor, ZstdError
from deflate import DeflateError, crc32, gzip_decompress
from zlib_ng import zlib_ng

from schemas.envelope import Encoding

# Its stub calls the class an instance.
_ZlibError: type[Exception] = zlib_ng.error  # type: ignore[assignment]

MAX_MEMBERS = 1_024
"""A body is one gzip member or zstd frame, or a few joined. Thousands of tiny ones only cost time."""
ZSTD_WINDOW_LOG_MAX = 23
"""8 MiB, what RFC 9659 allows for a content encoding. A frame's window is memory that the sender chooses."""
STEP_BYTES = 256 * 1024
"""Compressed bytes handed over at a time: what follows a member's end is copied by the decompressor."""
AT_ONCE_BYTES = 1024 * 1024
"""A gzip body that says it holds no more is tried in one call, during which nothing else runs."""
GZIP_LEAST_BYTES, GZIP_TRAILER_BYTES = 18, 8


class CorruptBody(ValueError):  # noqa: N818
    """The body does not decompress: wrong format, cut short, or followed by something else."""


class TooLargeInflated(ValueError):  # noqa: N818
    """The body decompresses to more than the limit. At most the limit and a step were produced."""

    def __init__(self, limit_bytes: int):
        super().__init__(f"the body decompresses to more than {limit_bytes} bytes")


class Inflated(msgspec.Struct, frozen=True, gc=False):
    raw: bytes
    single: bool
    """One gzip member, zlib stream or zstd frame and nothing else, which every reader can decompress."""


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: memoryview, max_length: int, /) -> bytes: ...


def inflate(body: bytes, encoding: Encoding, limit_bytes: int) -> Inflated:
    """Decompress the whole body.

    Raises:
        CorruptBody: it is not of that encoding, ends early, or goes on after its end.
        TooLargeInflated: more than `limit_bytes` would come out.
    """
    if encoding == "identity":
        if len(body) > limit_bytes:
            raise TooLargeInflated(limit_bytes)
        return Inflated(body, True)
    try:
        if encoding == "gzip":
            return _at_once(body, limit_bytes) or _members(body, _gzip, limit_bytes)
        if encoding == "zstd":
            return _members(body, _zstd, limit_bytes)
        return _deflate(body, limit_bytes)
    except (_ZlibError, ZstdError) as error:
        raise CorruptBody(f"the body is not {encoding}: {error}") from None


def _at_once(body: bytes, limit_bytes: int) -> Inflated | None:
    """A usual gzip body, one plain member and nothing else, in a third of the time (ADR 79).

    None where it is not one, is damaged, or cannot be told: `_members` then says what it is.
    """
    claimed_bytes = int.from_bytes(body[-4:], "little")
    # Optional header fields are left to who checks them all; the output is made as large as the body claims.
    if len(body) < GZIP_LEAST_BYTES or body[3] or not 0 < claimed_bytes <= min(AT_ONCE_BYTES, limit_bytes):
        return None
    try:
        raw = gzip_decompress(body)
    except (DeflateError, ValueError):
        return None
    # It stops at the end of the first member, whose trailer it has checked, and does not say where that is.
    # The end is there where that trailer is found first, so if that is the end of the body, nothing follows.
    checked = crc32(raw).to_bytes(4, "little") + len(raw).to_bytes(4, "little")
    if body.find(checked) != len(body) - GZIP_TRAILER_BYTES:
        return None
    return Inflated(bytes(raw), True)


def _gzip() -> _Decompressor:
    return zlib_ng.decompressobj(31)


def _zstd() -> _Decompressor:
    return ZstdDecompressor(options={DecompressionParameter.window_log_max: ZSTD_WINDOW_LOG_MAX})


def _deflate(body: bytes, limit_bytes: int) -> Inflated:
    """The zlib form that the standard means, or the bare form that some send.

    A bare stream can begin like a zlib one, so what fails as zlib is tried as bare.
    """
    if len(body) >= 2 and body[0] & 0x0F == 8 and (body[0] << 8 | body[1]) % 31 == 0:
        try:
            return _members(body, lambda: zlib_ng.decompressobj(15), limit_bytes, most=1)
        except _ZlibError:
            pass
    bare = _members(body, lambda: zlib_ng.decompressobj(-15), limit_bytes, most=1)
    return Inflated(bare.raw, False)


def _members(
    body: bytes, new: Callable[[], _Decompressor], limit_bytes: int, most: int = MAX_MEMBERS
) -> Inflated:
    view = memoryview(body)
    parts: list[bytes] = []
    produced = members = at = 0
    while at < len(body) or not members:
        members += 1
        if members > most:
            raise CorruptBody(
                f"more than {most} compressed members in one body"
                if most > 1
                else "something follows the stream's end"
            )
        member = new()
        while not member.eof:
            step = view[at : at + STEP_BYTES]
            if not step:
                raise CorruptBody("the compressed body ends early")
            # One byte over the limit is asked for, so that hitting the limit exactly is no refusal.
            part = member.decompress(step, limit_bytes - produced + 1)
            at += len(step) - len(member.unused_data)
            produced += len(part)
            if produced > limit_bytes:
                raise TooLargeInflated(limit_bytes)
            parts.append(part)
    return Inflated(parts[0] if len(parts) == 1 else b"".join(parts), members == 1)
