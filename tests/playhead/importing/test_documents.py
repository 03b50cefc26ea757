import gzip
from pathlib import Path

import pytest

from playhead.importing.documents import documents, why_no_json
from playhead.importing.problems import Unimportable
from tests.playhead.importing.files import write


@pytest.mark.parametrize("name", ["a", "a.gz", "misnamed.json"])
@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b'{"a":1}\n{"a":2}', [(1, b'{"a":1}'), (2, b'{"a":2}')]),
        (b'\n \n{"a":1}\r\n\n{"a":2}\n\n', [(3, b'{"a":1}'), (5, b'{"a":2}')]),
        (b"\xef\xbb\xbf[1]", [(1, b"[1]")]),
        (b"\n[\n1,\n2\n]\n", [(None, b"[\n1,\n2\n]")]),
        (b'"\xc3\xa9 \xe2\x80\xa8"\n"x"', [(1, b'"\xc3\xa9 \xe2\x80\xa8"'), (2, b'"x"')]),
        (rb'{"a":"\ud800"}', [(1, rb'{"a":"\ud800"}')]),
        (b"", []),
        (b"\n\n", []),
    ],
)
def test_a_file_is_lines_or_one_document_gzip_or_not(
    tmp_path: Path, name: str, content: bytes, found: list[tuple[int | None, bytes]]
) -> None:
    file = write(tmp_path, name, content)
    if name == "misnamed.json":
        file.write_bytes(gzip.compress(content))
    assert list(documents(file)) == found


def test_lines_are_read_one_at_a_time(tmp_path: Path) -> None:
    """So a file of any length takes the memory of its longest line; what is bad later does not matter yet."""
    file = write(tmp_path, "a", b"1\n" * 3 + b"x" * 100)
    reading = documents(file, longest_bytes=10)
    assert [next(reading) for _ in range(3)] == [(1, b"1"), (2, b"1"), (3, b"1")]
    with pytest.raises(Unimportable, match="line 4: more than 10 bytes"):
        next(reading)


def test_the_limit_is_kept_to_the_byte(tmp_path: Path) -> None:
    assert list(documents(write(tmp_path, "a", b"[12345678]"), 10)) == [(1, b"[12345678]")]
    with pytest.raises(Unimportable, match="line 1: more than 10 bytes"):
        list(documents(write(tmp_path, "a", b"[123456789]"), 10))
    assert list(documents(write(tmp_path, "a", b"[\n123456\n]"), 10)) == [(None, b"[\n123456\n]")]
    with pytest.raises(Unimportable, match="too long for one document"):
        list(documents(write(tmp_path, "a", b"[\n1234567\n]"), 10))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"hello", "line 1 is no JSON: "),
        (b"\n\nhello\n[]", "line 3 is no JSON: .*; nor is the file as a whole: "),
        (b"[1,\n2", "nor is the file as a whole"),
        (b"[" * 100_000, "nested too deep"),
    ],
)
def test_what_is_no_json_is_said_with_its_line(tmp_path: Path, content: bytes, why: str) -> None:
    with pytest.raises(Unimportable, match=why):
        list(documents(write(tmp_path, "a", content)))


def test_damaged_gzip_is_said_to_be_so(tmp_path: Path) -> None:
    whole = gzip.compress(b"[1]\n" * 1_000)
    for damaged in (
        whole[:-10],
        whole[:30],
        whole[:40] + b"\x00\x01\x02\x03" + whole[44:],
        whole[:10] + b"\xff" + whole[11:],
        whole[:-8] + bytes(8),
    ):
        with pytest.raises(Unimportable, match="the gzip is damaged"):
            list(documents(write(tmp_path, "a", damaged)))


def test_json_is_told_from_what_is_none() -> None:
    assert why_no_json(b" [1] ") is None
    assert why_no_json(b"[1") is not None
