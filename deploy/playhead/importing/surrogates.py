r"""Lone surrogates: half of a character, which browsers do write (`"\ud83d"`) and no UTF-8 can hold. Pure.

The collector stores U+FFFD in their place. Here they are replaced to be able to read the file at all.
"""

import re

_ESCAPE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.",
    re.DOTALL,
)


def mended(text: bytes) -> bytes:
    """JSON with the escape of each lone surrogate turned into that of U+FFFD, and all else as it is."""
    if b"\\ud" not in text and b"\\uD" not in text:
        return text
    return _ESCAPE.sub(lambda found: b"\\ufffd" if found[1] else found[0], text)
