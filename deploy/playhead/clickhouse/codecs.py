"""Compression of request and response bodies by their `Content-Encoding`. Pure: bytes in, bytes out."""

import sys
import zlib
from collections.abc import Iterable, Iterator
from typing import Final, Literal, Protocol

import lz4.frame

from playhead.clickhouse.errors import CANNOT_READ_ALL_DATA, NOT_IMPLEMENTED, TOO_MANY_BYTES, refused

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Encoding = Literal["lz4", "zstd", "gzip", "deflate"]

# In the order the server prefers them for an answer.
OFFERED: Final[tuple[Encoding, ...]] = ("lz4", "zstd", "gzip", "deflate")
_OUT_BYTES: Final = 1 << 20


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    @property
    def unused_data(self) -> bytes | None: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class _Inflate:
    """zlib's object with the interface that lz4's and zstd's share."""

    def __init__(self, wbits: int):
        self._unit = zlib.decompressobj(wbits)
        self._held_back = False

    @property
    def eof(self) -> bool:
        return self._unit.eof

    @property
    def unused_data(self) -> bytes:
        return self._unit.unused_data

    @property
    def needs_input(self) -> bool:
        return not self._held_back

    def decompress(self, data: bytes, max_length: int) -> bytes:
        piece = self._unit.decompress(self._unit.unconsumed_tail + data, max_length)
        self._held_back = len(piece) == max_length
        return piece


def _decompressor(encoding: str) -> _Decompressor:
    match encoding:
        case "lz4":
            unit: _Decompressor = lz4.frame.LZ4FrameDecompressor()
            return unit
        case "zstd":
            return zstd.ZstdDecompressor()
        case "gzip":
            return _Inflate(zlib.MAX_WBITS | 16)
        case "deflate":
            return _Inflate(zlib.MAX_WBITS)
    raise refused(
        NOT_IMPLEMENTED, f"Unknown compression method '{encoding}', known are {', '.join(OFFERED)}."
    )


def decompressed(encoding: str, chunks: Iterable[bytes], limit_bytes: int) -> Iterator[bytes]:
    """Decompress a body of any number of concatenated frames (clickhouse-connect sends one a block).

    Yields pieces of at most 1 MiB, so that a bomb costs no memory before it passes the limit.

    Raises:
        QueryError: unknown encoding, broken data, data that ends inside a frame, more than `limit_bytes`.
    """
    unit = _decompressor(encoding)
    started = False
    total = 0
    for chunk in chunks:
        rest = chunk
        while rest or (started and not unit.eof and not unit.needs_input):
            if unit.eof:
                unit = _decompressor(encoding)
            started = True
            try:
                piece = unit.decompress(rest, _OUT_BYTES)
            except (zlib.error, zstd.ZstdError, RuntimeError, EOFError) as error:
                raise refused(
                    CANNOT_READ_ALL_DATA, f"Cannot decompress the body as {encoding}: {error}."
                ) from error
            rest = (unit.unused_data or b"") if unit.eof else b""
            total += len(piece)
            if total > limit_bytes:
                raise refused(TOO_MANY_BYTES, f"The body is over {limit_bytes} bytes once decompressed.")
            if piece:
                yield piece
    if started and not unit.eof:
        raise refused(
            CANNOT_READ_ALL_DATA, f"Cannot decompress the body as {encoding}: it ends inside a frame."
        )


class Compressor:
    """One compressed answer, fed piece by piece. `None` as encoding passes the bytes on."""

    def __init__(self, encoding: Encoding | None):
        self._head = b""
        match encoding:
            case None:
                self._unit = None
            case "lz4":
                unit = lz4.frame.LZ4FrameCompressor()
                self._head = unit.begin()
                self._unit = unit
            case "zstd":
                self._unit = zstd.ZstdCompressor(level=1)
            case "gzip":
                self._unit = zlib.compressobj(1, wbits=zlib.MAX_WBITS | 16)
            case "deflate":
                self._unit = zlib.compressobj(1)

    def feed(self, piece: bytes) -> bytes:
        if self._unit is None:
            return piece
        head, self._head = self._head, b""
        return head + bytes(self._unit.compress(piece))

    def end(self) -> bytes:
        if self._unit is None:
            return b""
        head, self._head = self._head, b""
        return head + bytes(self._unit.flush())


def accepted(accept_encoding: str) -> Encoding | None:
    """The answer's encoding by a client's Accept-Encoding; None where it accepts none that is known."""
    wanted = {
        part.partition(";")[0].strip().lower(): part.partition(";")[2] for part in accept_encoding.split(",")
    }
    return next((name for name in OFFERED if name in wanted and wanted[name].replace(" ", "") != "q=0"), None)
