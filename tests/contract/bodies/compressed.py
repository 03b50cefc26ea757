"""Bodies whose compression is wrong, odd, or a bomb."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from functools import cache

from backports import zstd

from tests.contract.bodies.case import ACCEPTED, Case, case
from tests.contract.bodies.texts import BATCH, MALFORMED, TOO_LARGE, with_data

MIB = 1024 * 1024
GIB = 1024 * MIB
TEXT = with_data(b'"' + b"some text, and some more; " * 40 + b'"')


def gzipped(raw: bytes) -> bytes:
    return gzip.compress(raw, mtime=0)


def bare(raw: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(raw) + compressor.flush()


KINDS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzipped),
    "zlib": ("deflate", zlib.compress),
    "bare": ("deflate", bare),
    "zstd": ("zstd", zstd.compress),
}


def flipped(body: bytes, at: int) -> bytes:
    return body[:at] + bytes([body[at] ^ 0xFF]) + body[at + 1 :]


def in_members(compress: Callable[[bytes], bytes], size: int) -> bytes:
    """A bomb whose every mebibyte is a member of its own."""
    return compress(b" " * MIB) * (size // MIB)


@cache
def deflate_bomb(size: int, wbits: int) -> bytes:
    compressor = zlib.compressobj(level=6, wbits=wbits)
    parts = [compressor.compress(b" " * MIB) for _ in range(size // MIB)]
    return b"".join([*parts, compressor.flush()])


@cache
def gzip_bomb(size: int, fill: bytes = b" ") -> bytes:
    """A gzip body of `size` bytes that are all the same; a gigabyte takes one megabyte."""
    compressor = zlib.compressobj(level=6, wbits=31)
    parts = [compressor.compress(b"[" + fill * (MIB - 1))]
    parts += [compressor.compress(fill * MIB) for _ in range(size // MIB - 1)]
    return b"".join([*parts, compressor.flush()])


@cache
def zstd_bomb(size: int) -> bytes:
    compressor = zstd.ZstdCompressor()
    parts = [compressor.compress(b"[" + b" " * (MIB - 1))]
    parts += [compressor.compress(b" " * MIB) for _ in range(size // MIB - 1)]
    return b"".join([*parts, compressor.flush()])


def all_compressed() -> Iterator[Case]:
    yield from of_each_kind()
    yield from of_several_members()
    yield from bombs()
    yield from declared_wrong()


def of_each_kind() -> Iterator[Case]:
    for kind, (encoding, compress) in KINDS.items():
        good = compress(TEXT)
        yield case(f"{kind}-good", ACCEPTED, good, encoding=encoding)
        yield case(f"{kind}-of-nothing", "empty_batch", compress(b""), encoding=encoding)
        yield case(f"{kind}-of-text", MALFORMED, compress(b"hello"), encoding=encoding)
        yield case(f"{kind}-of-bad-utf8", MALFORMED, compress(with_data(b'"\xff"')), encoding=encoding)
        yield case(f"{kind}-cut-by-one", MALFORMED, good[:-1], encoding=encoding)
        yield case(f"{kind}-cut-in-half", MALFORMED, good[: len(good) // 2], encoding=encoding)
        yield case(f"{kind}-first-byte", MALFORMED, good[:1], encoding=encoding)
        yield case(f"{kind}-no-body", MALFORMED, b"", encoding=encoding)
        yield case(f"{kind}-damaged-first-byte", MALFORMED, flipped(good, 0), encoding=encoding)
        yield case(
            f"{kind}-damaged-in-the-middle", MALFORMED, flipped(good, len(good) // 2), encoding=encoding
        )
        yield case(f"{kind}-and-text", MALFORMED, good + b"more", encoding=encoding)
        yield case(f"{kind}-and-zero", MALFORMED, good + b"\x00", encoding=encoding)
        yield case(f"{kind}-of-itself", MALFORMED, compress(good), encoding=encoding)
        yield case(f"{kind}-of-zeros", MALFORMED, compress(b"\x00" * 100_000), encoding=encoding)
    yield case("gzip-of-bom", MALFORMED, gzipped(b"\xef\xbb\xbf" + BATCH), encoding="gzip")
    damaged = gzipped(TEXT)
    yield case("gzip-wrong-checksum", MALFORMED, flipped(damaged, len(damaged) - 8), encoding="gzip")
    yield case("gzip-wrong-size", MALFORMED, flipped(damaged, len(damaged) - 1), encoding="gzip")
    yield case("zlib-wrong-checksum", MALFORMED, flipped(zlib.compress(TEXT), -1 % len(zlib.compress(TEXT))),
               encoding="deflate")  # fmt: skip
    yield case("gzip-unknown-method", MALFORMED, flipped(damaged, 2), encoding="gzip")
    yield case("gzip-reserved-flags", MALFORMED, damaged[:3] + b"\xe0" + damaged[4:], encoding="gzip")
    yield case("gzip-endless-name", MALFORMED, damaged[:3] + b"\x08" + damaged[4:10] + b"a" * 100_000,
               encoding="gzip")  # fmt: skip
    checked = zstd.compress(TEXT, options={zstd.CompressionParameter.checksum_flag: 1})
    yield case("zstd-checked", ACCEPTED, checked, encoding="zstd")
    yield case("zstd-wrong-checksum", MALFORMED, flipped(checked, len(checked) - 1), encoding="zstd")


def of_several_members() -> Iterator[Case]:
    half = len(TEXT) // 2
    for kind in ("gzip", "zstd"):
        encoding, compress = KINDS[kind]
        first, second = compress(TEXT[:half]), compress(TEXT[half:])
        empty = compress(b"")
        yield case(f"{kind}-two-members", ACCEPTED, first + second, encoding=encoding)
        yield case(f"{kind}-empty-members", ACCEPTED, empty + first + empty + second, encoding=encoding)
        yield case(f"{kind}-second-cut", MALFORMED, first + second[:-1], encoding=encoding)
        yield case(f"{kind}-two-batches", MALFORMED, compress(BATCH) * 2, encoding=encoding)
        yield case(f"{kind}-too-many-members", MALFORMED, empty * 1_100, encoding=encoding)
        yield case(f"{kind}-members-of-a-bomb", TOO_LARGE, lambda c=compress: c(b" " * MIB) * 40,
                   encoding=encoding)  # fmt: skip
    yield case("zlib-two-streams", MALFORMED, zlib.compress(TEXT[:half]) + zlib.compress(TEXT[half:]),
               encoding="deflate")  # fmt: skip
    yield case(
        "gzip-then-zstd", MALFORMED, gzipped(TEXT[:half]) + zstd.compress(TEXT[half:]), encoding="gzip"
    )
    skippable = b"\x50\x2a\x4d\x18\x04\x00\x00\x00skip"
    yield case("zstd-skippable-frame", ACCEPTED, skippable + zstd.compress(TEXT), encoding="zstd")
    yield case("zstd-only-skippable", "empty_batch", skippable, encoding="zstd")
    yield case("zstd-skippable-cut", MALFORMED, zstd.compress(TEXT) + skippable[:-1], encoding="zstd")


def bombs() -> Iterator[Case]:
    yield case("bomb-gzip-1-gb", TOO_LARGE, lambda: gzip_bomb(GIB), encoding="gzip")
    yield case("bomb-zstd-1-gb", TOO_LARGE, lambda: zstd_bomb(GIB), encoding="zstd")
    yield case("bomb-deflate-1-gb", TOO_LARGE, lambda: deflate_bomb(GIB, 15), encoding="deflate")
    yield case("bomb-bare-1-gb", TOO_LARGE, lambda: deflate_bomb(GIB, -15), encoding="deflate")
    yield case("bomb-gzip-1-gb-in-members", TOO_LARGE, lambda: in_members(gzipped, GIB), encoding="gzip")
    yield case("bomb-zstd-1-gb-in-frames", TOO_LARGE, lambda: in_members(zstd.compress, GIB), encoding="zstd")
    yield case("bomb-gzip-1-gb-cut", TOO_LARGE, lambda: gzip_bomb(GIB)[:-100], encoding="gzip")
    yield case("bomb-by-parameter", TOO_LARGE, lambda: gzip_bomb(100 * MIB), encoding_parameter="gzip")
    yield case("bomb-in-a-bomb", MALFORMED, lambda: gzipped(gzip_bomb(GIB)), encoding="gzip")
    yield case("bomb-of-digits", MALFORMED, lambda: gzipped(with_data(b"1" * 20 * MIB)), encoding="gzip")
    yield case("bomb-of-nesting", MALFORMED, lambda: gzipped(with_data(b"[" * 20 * MIB)), encoding="gzip")
    yield case("bomb-of-escapes", ACCEPTED, lambda: gzipped(with_data(b'"' + b"\\ud800" * MIB + b'"')),
               encoding="gzip")  # fmt: skip
    yield case("bomb-of-events", TOO_LARGE,
               lambda: gzipped(b"[" + b",".join([b'{"type":3,"timestamp":1}'] * 1_000_000) + b"]"),
               encoding="gzip")  # fmt: skip
    yield case("bomb-of-lines", TOO_LARGE, lambda: gzipped(b'{"type":3,"timestamp":1}\n' * 1_000_000),
               encoding="gzip")  # fmt: skip
    window = zstd.compress(TEXT * 10, options={zstd.CompressionParameter.window_log: 27,
                                               zstd.CompressionParameter.content_size_flag: 0})  # fmt: skip
    yield case("zstd-window-128-mb", MALFORMED, window, encoding="zstd")


def declared_wrong() -> Iterator[Case]:
    for kind, (encoding, compress) in KINDS.items():
        for other in {"gzip", "deflate", "zstd"} - {encoding}:
            yield case(f"{kind}-called-{other}", MALFORMED, compress(TEXT), encoding=other)
        yield case(f"{kind}-not-declared", MALFORMED, compress(TEXT))
        yield case(f"plain-called-{kind}", MALFORMED, TEXT, encoding=encoding)
