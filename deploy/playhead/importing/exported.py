"""The windows of an HTML page that the query API exported (query_api/export/page.py), as their JSON.

Each stands between two lines of its own, as lines of base64 of one gzip stream. The page's text is not read
as HTML: what is between those lines is all that is taken from it.
"""

import base64
import binascii
import re
import zlib
from collections.abc import Iterator
from typing import IO

from playhead.importing.problems import Unimportable

FIRST_LINE = b"<!doctype html>"
MARK = b'data-format="playhead-export-1"'
LAST_LINE = b"</html>"
WINDOW_ENDS = b"</script>"
_WINDOW_BEGINS = re.compile(rb'<script type="application/gzip" data-playhead-window="([A-Za-z0-9_-]{1,64})">')
_GZIP = 31
LONGEST_LINE_BYTES = 64 * 1024 * 1024


def is_page(first_line: bytes) -> bool:
    return first_line.strip().lower() == FIRST_LINE


def windows_in(content: IO[bytes]) -> list[str]:
    """The names of its windows, in the page's order.

    Raises:
        Unimportable: it is no page of the query API's, it is cut off, or it holds no window.
    """
    found: list[str] = []
    ended = False
    marked = False
    for number, line in enumerate(_lines(content)):
        marked = marked or (number == 1 and MARK in line)
        if not marked and number:
            raise Unimportable("an HTML page that is no export of Playhead's")
        if begins := _WINDOW_BEGINS.fullmatch(line):
            found.append(begins[1].decode())
        ended = line == LAST_LINE
    if not ended:
        raise Unimportable("the page is cut off; export it again")
    if not found:
        raise Unimportable("the page holds no window")
    return found


def window_of(content: IO[bytes], window: str, longest_bytes: int) -> bytes:
    """A window's events, the JSON array that was exported.

    Raises:
        Unimportable: the page has no such window, or it is damaged, or too long.
    """
    inflate = zlib.decompressobj(_GZIP)
    pieces: list[bytes] = []
    length = 0
    inside = False
    for line in _lines(content):
        if not inside:
            begins = _WINDOW_BEGINS.fullmatch(line)
            inside = begins is not None and begins[1].decode() == window
            continue
        if line == WINDOW_ENDS:
            if not inflate.eof:
                raise Unimportable(f"window {window} is cut off")
            return b"".join(pieces)
        try:
            piece = inflate.decompress(base64.b64decode(line, validate=True), longest_bytes - length + 1)
        except (zlib.error, binascii.Error) as error:
            raise Unimportable(f"window {window} is damaged: {error}") from None
        pieces.append(piece)
        length += len(piece)
        if length > longest_bytes:
            raise Unimportable(f"window {window}: more than {longest_bytes} bytes")
    raise Unimportable(f"the page holds no whole window {window}")


def _lines(content: IO[bytes]) -> Iterator[bytes]:
    while line := content.readline(LONGEST_LINE_BYTES):
        yield line.rstrip(b"\r\n")
