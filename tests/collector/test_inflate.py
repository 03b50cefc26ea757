"""Bodies are decompressed whole, or refused in bounded time and memory."""

import contextlib
import gzip
import itertools
import random
import tracemalloc
import zlib

import pytest
from backports import zstd
from hypothesis import given, settings
from hypothesis import strategies as st

import collector.inflate
from collector.inflate import MAX_MEMBERS, STEP_BYTES, CorruptBody, TooLargeInflated, inflate
from tests.collector.builders import bare_deflated, gzipped, zlibbed, zstandard

LIMIT = 1_000_000
MIB = 1024 * 1024

COMPRESSED = [
    pytest.param("gzip", gzipped, id="gzip"),
    pytest.param("deflate", zlibbed, id="zlib"),
    pytest.param("deflate", bare_deflated, id="bare-deflate"),
    pytest.param("zstd", zstandard, id="zstd"),
]
JOINABLE = [COMPRESSED[0], COMPRESSED[3]]


@pytest.mark.parametrize(("encoding", "compress"), COMPRESSED)
@given(raw=st.binary(max_size=5_000))
def test_what_was_compressed_comes_out(encoding, compress, raw):
    assert inflate(compress(raw), encoding, LIMIT).raw == raw


@given(raw=st.binary(max_size=5_000))
def test_identity_is_the_body_itself(raw):
    inflated = inflate(raw, "identity", LIMIT)
    assert inflated.raw is raw
    assert inflated.single


@pytest.mark.parametrize(("encoding", "compress"), JOINABLE)
@given(raw=st.binary(max_size=2_000), cuts=st.lists(st.integers(0, 2_000), max_size=5))
def test_any_split_into_members_comes_out_whole(encoding, compress, raw, cuts):
    edges = [0, *sorted(min(cut, len(raw)) for cut in cuts), len(raw)]
    body = b"".join(compress(raw[a:b]) for a, b in itertools.pairwise(edges))
    inflated = inflate(body, encoding, LIMIT)
    assert inflated.raw == raw
    assert inflated.single == (len(cuts) == 0)


@pytest.mark.parametrize(("encoding", "compress"), COMPRESSED)
def test_compressed_data_longer_than_a_step_comes_out(encoding, compress):
    raw = random.Random(1).randbytes(700_000)
    assert inflate(compress(raw), encoding, LIMIT).raw == raw


@pytest.mark.parametrize(("encoding", "compress"), COMPRESSED)
@given(raw=st.binary(min_size=1, max_size=500), data=st.data())
def test_a_body_cut_short_anywhere_is_refused(encoding, compress, raw, data):
    body = compress(raw)
    cut = data.draw(st.integers(0, len(body) - 1))
    with pytest.raises(CorruptBody):
        inflate(body[:cut], encoding, LIMIT)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd"])
@given(noise=st.binary(max_size=300))
def test_noise_is_refused_or_comes_out_bounded(encoding, noise):
    with contextlib.suppress(CorruptBody, TooLargeInflated):
        assert len(inflate(noise, encoding, 1_000).raw) <= 1_000


@pytest.mark.parametrize(("encoding", "compress"), COMPRESSED)
def test_what_follows_the_end_is_refused(encoding, compress):
    with pytest.raises(CorruptBody):
        inflate(compress(b"[1]") + b"more", encoding, LIMIT)


def test_a_changed_byte_is_noticed_by_the_checksum():
    body = bytearray(gzipped(b"[1,2,3]" * 50))
    body[-6] ^= 1
    with pytest.raises(CorruptBody):
        inflate(bytes(body), "gzip", LIMIT)


@pytest.mark.parametrize(
    ("encoding", "compress"), [pytest.param("identity", bytes, id="identity"), *COMPRESSED]
)
@pytest.mark.parametrize("over", [-1, 0, 1])
def test_the_limit_holds_to_the_byte(encoding, compress, over):
    body = compress(b"x" * (LIMIT + over))
    if over <= 0:
        assert len(inflate(body, encoding, LIMIT).raw) == LIMIT + over
    else:
        with pytest.raises(TooLargeInflated):
            inflate(body, encoding, LIMIT)


@pytest.mark.parametrize(("encoding", "compress"), JOINABLE)
def test_the_limit_counts_all_members_together(encoding, compress):
    with pytest.raises(TooLargeInflated):
        inflate(compress(b"x" * 600_000) * 2, encoding, LIMIT)


@pytest.mark.parametrize(("encoding", "compress"), COMPRESSED)
def test_a_bomb_is_refused_without_its_memory(encoding, compress):
    bomb = compress(b"\0" * (64 * MIB))
    tracemalloc.start()
    try:
        with pytest.raises(TooLargeInflated):
            inflate(bomb, encoding, 4 * MIB)
        assert tracemalloc.get_traced_memory()[1] < 20 * MIB
    finally:
        tracemalloc.stop()


class Counting:
    """A decompressor, and what it was made to do."""

    def __init__(self, real, work):
        self._real, self._work = real, work

    def __getattr__(self, name):
        return getattr(self._real, name)

    def decompress(self, data, most):
        part = self._real.decompress(data, most)
        self._work["read"] += len(data)
        self._work["made"] += len(part)
        return part


@pytest.mark.parametrize("members", [1, 64])
@pytest.mark.parametrize(("encoding", "compress", "maker"), [(*COMPRESSED[0].values, "_gzip"),
                                                             (*COMPRESSED[3].values, "_zstd")])  # fmt: skip
def test_the_work_of_a_bomb_ends_at_the_limit(monkeypatch, encoding, compress, maker, members):
    work = {"read": 0, "made": 0}
    real = getattr(collector.inflate, maker)
    monkeypatch.setattr(collector.inflate, maker, lambda: Counting(real(), work))
    bomb = compress(b"\0" * (64 * MIB // members)) * members
    with pytest.raises(TooLargeInflated):
        inflate(bomb, encoding, 4 * MIB)
    assert work["made"] == 4 * MIB + 1
    # Of every member at most a step is looked at, and none after the limit.
    assert work["read"] <= (4 * MIB * members // (64 * MIB) + 1) * STEP_BYTES


@pytest.mark.parametrize(("encoding", "compress"), JOINABLE)
def test_a_flood_of_empty_members_is_refused(encoding, compress):
    assert inflate(compress(b"") * MAX_MEMBERS, encoding, LIMIT).raw == b""
    with pytest.raises(CorruptBody, match="members"):
        inflate(compress(b"") * (MAX_MEMBERS + 1), encoding, LIMIT)


def test_a_frame_that_asks_for_a_huge_window_is_refused():
    streaming = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: 27})
    huge = streaming.compress(b"x" * 10 * MIB) + streaming.flush()
    with pytest.raises(CorruptBody):
        inflate(huge, "zstd", 32 * MIB)


def test_a_bare_stream_that_looks_like_zlib_comes_out():
    # A stored block of one byte whose padding and length happen to be a zlib header, then an empty one.
    body = b"\x78\x01\x00\xfe\xff" + b"x" + b"\x01\x00\x00\xff\xff"
    inflated = inflate(body, "deflate", LIMIT)
    assert inflated.raw == b"x"
    assert not inflated.single


@settings(max_examples=20)
@given(level=st.integers(0, 9), raw=st.binary(max_size=2_000))
def test_every_gzip_level_comes_out(level, raw):
    assert inflate(gzip.compress(raw, level), "gzip", LIMIT).raw == raw


# --- a gzip body in one call ---


def by_zlib(body: bytes) -> tuple[bytes, bool] | None:
    """As the standard library reads it: the whole, and whether it was one member; None: corrupt."""
    parts, rest = [], body
    while rest or not parts:
        member = zlib.decompressobj(31)
        try:
            parts.append(member.decompress(rest))
        except zlib.error:
            return None
        if not member.eof:
            return None
        rest = member.unused_data
    return b"".join(parts), len(parts) == 1


def outcome(body: bytes) -> tuple[bytes, bool] | None:
    try:
        inflated = inflate(body, "gzip", LIMIT)
    except CorruptBody:
        return None
    return inflated.raw, inflated.single


def named(raw: bytes) -> bytes:
    """A member with the optional header fields."""
    header = b"\x1f\x8b\x08\x1e" + bytes(6) + b"\x03\x00abc" + b"name\0" + b"comment\0"
    return header + zlib.crc32(header).to_bytes(4, "little")[:2] + gzipped(raw)[10:]


members = st.one_of(st.binary(max_size=300), st.just(b""), st.just(b"a" * 5_000)).flatmap(
    lambda raw: st.sampled_from([gzipped(raw), gzip.compress(raw, 0, mtime=0), named(raw)])
)


@given(body=st.lists(members, min_size=1, max_size=3).map(b"".join), data=st.data())
def test_a_gzip_body_is_what_zlib_says_it_is(body, data):
    change = data.draw(
        st.sampled_from(["none", "a byte", "repeated", "trailer repeated", "junk before trailer"])
    )
    if change == "a byte":
        at = data.draw(st.integers(0, len(body) - 1))
        body = body[:at] + bytes([body[at] ^ data.draw(st.integers(1, 255))]) + body[at + 1 :]
    elif change == "repeated":
        body += body
    elif change == "trailer repeated":
        body += body[-8:]
    elif change == "junk before trailer":
        body += data.draw(st.binary(max_size=40)) + body[-8:]
    assert outcome(body) == by_zlib(body)


@pytest.mark.parametrize("raw", [b"", b"x", b"[1]" * 1_000])
def test_the_same_member_twice_is_two(raw):
    body = gzip.compress(raw, mtime=0)
    assert outcome(body + body) == (raw + raw, False)


@pytest.mark.parametrize("claimed", [0, 1, 999, 1_001, 2**20, 2**32 - 1])
def test_a_body_that_claims_another_size_is_refused(claimed):
    body = gzipped(b"x" * 1_000)[:-4] + claimed.to_bytes(4, "little")
    assert outcome(body) is None


def test_a_header_with_a_wrong_checksum_is_refused():
    body = named(b"[1]")
    assert outcome(body) == (b"[1]", True)
    at = body.index(b"comment\0") + len(b"comment\0")
    assert outcome(body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]) is None


def test_a_trailer_of_zeros_is_not_an_empty_member():
    assert outcome(gzipped(b"[1]")[:-8] + bytes(8)) is None


def test_a_usual_body_is_inflated_in_one_call(monkeypatch):
    def never(*_: object, **__: object) -> None:
        raise AssertionError("member by member")

    monkeypatch.setattr("collector.inflate._members", never)
    raw = b'{"type":3}' * 10_000
    assert outcome(gzipped(raw)) == (raw, True)
