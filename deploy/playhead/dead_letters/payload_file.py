"""Unpacks the payload of an envelope into a file, as far as it can be unpacked."""

import zlib
from collections.abc import Iterator
from pathlib import Path

from backports import zstd

from playhead.dead_letters.problems import NotShown
from schemas.envelope import Encoding

LARGEST_BYTES = 1024 * 1024 * 1024
CHUNK_BYTES = 1024 * 1024
_ANY_HEADER = 32 + zlib.MAX_WBITS
_NO_HEADER = -zlib.MAX_WBITS


def write_payload(payload: bytes, encoding: Encoding, file: Path) -> int:
    """Write the unpacked payload; gives its length in bytes.

    Raises:
        NotShown: it is damaged or over 1 GiB; what was unpacked until then is in the file.
    """
    written = 0
    try:
        with file.open("wb") as out:
            for chunk in _chunks(payload, encoding):
                written += out.write(chunk)
                if written > LARGEST_BYTES:
                    raise NotShown(f"the payload unpacks to over {LARGEST_BYTES} bytes; {file} has the first")
    except (zlib.error, zstd.ZstdError, EOFError) as error:
        raise NotShown(
            f"the payload is no whole {encoding} ({error}); {file} has the {written} bytes that could be read"
        ) from error
    return written


def _chunks(payload: bytes, encoding: Encoding) -> Iterator[bytes]:
    """All members or frames, one behind the other, in pieces of at most CHUNK_BYTES."""
    if encoding == "identity":
        yield payload
        return
    while payload:
        stream: zstd.ZstdDecompressor | zlib._Decompress = (
            zstd.ZstdDecompressor() if encoding == "zstd" else zlib.decompressobj(_window_bits(payload))
        )
        rest = payload
        while not stream.eof:
            chunk = stream.decompress(rest, CHUNK_BYTES)
            # zlib hands back what it did not get to; zstd keeps it.
            rest = getattr(stream, "unconsumed_tail", b"")
            if not chunk and not rest and not stream.eof:
                raise EOFError("it ends early")
            yield chunk
        payload = stream.unused_data


def _window_bits(payload: bytes) -> int:
    """`deflate` means zlib's format, yet some clients send the bare stream (RFC 9110, 8.4.1.2)."""
    is_gzip = payload[:2] == b"\x1f\x8b"
    is_zlib = len(payload) > 1 and payload[0] & 0x0F == 8 and (payload[0] << 8 | payload[1]) % 31 == 0
    return _ANY_HEADER if is_gzip or is_zlib else _NO_HEADER
