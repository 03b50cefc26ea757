"""Compression: any cut of any number of frames gives the same bytes, and a bomb costs no memory."""

import gzip
import tracemalloc
import zlib
from collections.abc import Callable

import lz4.frame
import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from playhead.clickhouse.codecs import OFFERED, Compressor, Encoding, accepted, decompressed
from playhead.clickhouse.errors import QueryError

COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "zstd": zstd.compress,
    "lz4": lz4.frame.compress,
}
ENOUGH = 1 << 30
encodings = st.sampled_from(OFFERED)


@given(encodings, st.lists(st.binary(max_size=3000)), st.integers(1, 500))
def test_frames_and_cuts_do_not_matter(encoding: Encoding, parts: list[bytes], cut: int) -> None:
    body = b"".join(COMPRESS[encoding](part) for part in parts)
    chunks = [body[start : start + cut] for start in range(0, len(body), cut)]
    assert b"".join(decompressed(encoding, chunks, ENOUGH)) == b"".join(parts)


@given(encodings, st.binary(min_size=1, max_size=3000), st.data())
def test_a_body_that_ends_inside_a_frame_is_an_error(
    encoding: Encoding, part: bytes, data: st.DataObject
) -> None:
    body = COMPRESS[encoding](part)
    end = data.draw(st.integers(1, len(body) - 1))
    with pytest.raises(QueryError) as failure:
        list(decompressed(encoding, [body[:end]], ENOUGH))
    assert failure.value.code == 33


@given(encodings, st.lists(st.binary(max_size=3000)))
def test_what_is_compressed_can_be_decompressed(encoding: Encoding, parts: list[bytes]) -> None:
    compressor = Compressor(encoding)
    body = b"".join(compressor.feed(part) for part in parts) + compressor.end()
    assert b"".join(decompressed(encoding, [body], ENOUGH)) == b"".join(parts)


@pytest.mark.parametrize("encoding", OFFERED)
def test_a_bomb_is_refused_before_it_is_unpacked(encoding: Encoding) -> None:
    bomb = COMPRESS[encoding](bytes(300 << 20))
    tracemalloc.start()
    with pytest.raises(QueryError) as failure:
        for _ in decompressed(encoding, [bomb], 1 << 20):
            pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert failure.value.code == 307
    assert peak < 30 << 20


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("", None),
        ("br", None),
        ("gzip, deflate, br", "gzip"),
        ("deflate", "deflate"),
        ("gzip, zstd", "zstd"),
        ("lz4;q=0, gzip;q=0.5", "gzip"),
        ("LZ4", "lz4"),
    ],
)
def test_the_answers_encoding_is_one_the_client_accepts(accept: str, chosen: str | None) -> None:
    assert accepted(accept) == chosen
