"""A file as the JSON documents in it: a line each, the whole file as one, or an exported page's windows.

Reads gzip as it reads text.
"""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

import msgspec

from playhead.importing.exported import is_page, window_of, windows_in
from playhead.importing.problems import Unimportable
from schemas.rrweb_event import repair_surrogates

GZIP = b"\x1f\x8b"
BOM = b"\xef\xbb\xbf"
LONGEST_BYTES = 1024 * 1024 * 1024
"""Of a line, or of a file that is one document: it is held in memory. Lines are read one at a time."""

Numbered = tuple[int | None, bytes]
"""The number of a line, from 1, or None where the file is one document; and its JSON."""


def windows(file: Path) -> list[str | None]:
    """The windows of an exported page; of any other file None, the one that it is.

    Raises:
        Unimportable: a page that is no export, or damaged; it does not name the file.
        OSError: the file cannot be read.
    """
    try:
        with _opened(file) as content:
            if not is_page(content.readline(len(BOM) + 64)):
                return [None]
        with _opened(file) as content:
            return list(windows_in(content))
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise Unimportable(f"the gzip is damaged: {error}") from None


def documents(
    file: Path, longest_bytes: int = LONGEST_BYTES, window: str | None = None
) -> Iterator[Numbered]:
    """Every document of a file, blank lines left out. A first line that is no document says that it is one.

    Args:
        window: of an exported page; its events are one document.

    Raises:
        Unimportable: not JSON, too long, or damaged gzip; it does not name the file.
        OSError: the file cannot be read.
    """
    try:
        with _opened(file) as content:
            if window is not None:
                yield None, window_of(content, window, longest_bytes)
            else:
                yield from _documents(content, longest_bytes)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise Unimportable(f"the gzip is damaged: {error}") from None


def _opened(file: Path) -> IO[bytes]:
    """By what it is, not by what it is called."""
    with file.open("rb") as start:
        zipped = start.read(len(GZIP)) == GZIP
    return cast("IO[bytes]", gzip.open(file)) if zipped else file.open("rb")


def _documents(content: IO[bytes], longest_bytes: int) -> Iterator[Numbered]:
    whole_lines = False
    number = 0
    while line := content.readline(longest_bytes + 1):
        if number == 0:
            line = line.removeprefix(BOM)
        number += 1
        if len(line) > longest_bytes:
            raise Unimportable(f"line {number}: more than {longest_bytes} bytes")
        if not line.strip():
            continue
        if whole_lines or (why := why_no_json(line)) is None:
            whole_lines = True
            yield number, line.strip()
            continue
        rest = content.read(longest_bytes + 1 - len(line))
        if len(line) + len(rest) > longest_bytes:
            raise Unimportable(f"line {number} is no JSON ({why}), and the file is too long for one document")
        document = line + rest
        if (why_whole := why_no_json(document)) is not None:
            also = "" if not rest.strip() else f"; nor is the file as a whole: {why_whole}"
            raise Unimportable(f"line {number} is no JSON: {why}{also}")
        yield None, document.strip()
        return


def why_no_json(text: bytes) -> str | None:
    """None where the text is one JSON document, else what is wrong."""
    try:
        msgspec.json.decode(repair_surrogates(text), type=msgspec.Raw)
    except RecursionError:
        return "it is nested too deep"
    except msgspec.DecodeError as error:
        return str(error)
    return None
