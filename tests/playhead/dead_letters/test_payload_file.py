"""Payloads, unpacked as far as they can be."""

import gzip
import zlib
from pathlib import Path

import pytest
from backports import zstd

from playhead.dead_letters import payload_file
from playhead.dead_letters.payload_file import write_payload
from playhead.dead_letters.problems import NotShown
from schemas.envelope import Encoding

TEXT = b"[" + b'{"type":2},' * 300_000 + b"1]"
BARE = zlib.compressobj(wbits=-15)
FORMS: list[tuple[Encoding, bytes]] = [
    ("identity", TEXT),
    ("gzip", gzip.compress(TEXT)),
    ("gzip", gzip.compress(TEXT[:1_000]) + gzip.compress(TEXT[1_000:])),
    ("deflate", zlib.compress(TEXT)),
    ("deflate", BARE.compress(TEXT) + BARE.flush()),
    ("zstd", zstd.compress(TEXT)),
    ("zstd", zstd.compress(TEXT[:1_000]) + zstd.compress(TEXT[1_000:])),
]


@pytest.mark.parametrize(("encoding", "payload"), FORMS)
def test_a_payload_is_unpacked(encoding: Encoding, payload: bytes, tmp_path: Path) -> None:
    assert write_payload(payload, encoding, tmp_path / "out") == len(TEXT)
    assert (tmp_path / "out").read_bytes() == TEXT


@pytest.mark.parametrize(("encoding", "payload"), FORMS[1:])
def test_of_a_damaged_one_there_is_what_came_before(
    encoding: Encoding, payload: bytes, tmp_path: Path
) -> None:
    with pytest.raises(NotShown, match=f"no whole {encoding}"):
        write_payload(payload[:-5], encoding, tmp_path / "out")
    assert TEXT.startswith((tmp_path / "out").read_bytes())


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd"])
def test_what_is_no_such_stream_is_said(encoding: Encoding, tmp_path: Path) -> None:
    with pytest.raises(NotShown, match="the 0 bytes"):
        write_payload(b"\xff\xff\xff\xff garbage", encoding, tmp_path / "out")


def test_a_bomb_ends_at_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payload_file, "LARGEST_BYTES", 3 << 20)
    for encoding, bomb in (
        ("gzip", gzip.compress(bytes(64 << 20))),
        ("zstd", zstd.compress(bytes(64 << 20))),
    ):
        with pytest.raises(NotShown, match="unpacks to over"):
            write_payload(bomb, encoding, tmp_path / "out")  # type: ignore[arg-type]
        assert (tmp_path / "out").stat().st_size <= 4 << 20
