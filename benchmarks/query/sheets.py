"""A prototype that is in no product: style sheets taken out of the events' JSON, to be stored once. Pure.

rrweb writes the whole text of a style sheet into each full snapshot. Here a long one is replaced by the hash
of its text, and put back by it, byte for byte.
"""

import re
from collections.abc import Mapping

import xxhash

SHORTEST_BYTES = 1_000
"""A shorter text is left where it is."""

_SHEET = re.compile(rb'"_cssText":("(?:[^"\\]|\\.)*+")')
_TAKEN_OUT = re.compile(rb'"_cssText":\{"sheet":"([0-9a-f]{32})"\}')


def taken_out(text: bytes) -> tuple[bytes, dict[bytes, bytes]]:
    """The text without its long style sheets; and these, as JSON strings, by the hash left for each."""
    sheets: dict[bytes, bytes] = {}

    def replaced(found: "re.Match[bytes]") -> bytes:
        sheet = found[1]
        if len(sheet) < SHORTEST_BYTES:
            return found[0]
        name = xxhash.xxh3_128_hexdigest(sheet).encode()
        sheets[name] = sheet
        return b'"_cssText":{"sheet":"%s"}' % name

    return _SHEET.sub(replaced, text), sheets


def put_back(text: bytes, sheets: Mapping[bytes, bytes]) -> bytes:
    """The text as it was."""
    return _TAKEN_OUT.sub(lambda found: b'"_cssText":' + sheets[found[1]], text)
