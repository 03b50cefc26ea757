r"""What holds of an rrweb event wherever one comes in: from a page or from a file. Pure.

Its outermost fields, and lone surrogates: half of a character, which browsers do write (`"\ud83d"`, an emoji
cut by an input's maxlength) and no UTF-8 can hold.
"""

import re
from typing import Annotated

from msgspec import Meta

LATEST_AT = 10_413_791_999_999
"""2299-12-31T23:59:59.999Z, the last ms that ClickHouse's DateTime64 holds."""

Type = Annotated[int, Meta(ge=0, le=65_535)]
"""Unknown types are kept: rrweb adds types."""
Timestamp = Annotated[int, Meta(ge=0, le=LATEST_AT)] | Annotated[float, Meta(ge=0, le=LATEST_AT)]
"""ms since the epoch, the visitor's clock; a fraction is cut off wherever a whole number is needed."""

_ESCAPE = re.compile(
    rb"(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.",
    re.DOTALL,
)


def repair_surrogates(text: bytes) -> bytes:
    r"""JSON with each lone surrogate's escape turned into `\ufffd`; the same object where there is none.

    The length does not change. In JSON a backslash only ever starts an escape inside a string, so escapes can
    be read from left to right.
    """
    if b"\\ud" not in text and b"\\uD" not in text:
        return text
    repaired = _ESCAPE.sub(lambda found: b"\\ufffd" if found[2] else found[0], text)
    return text if repaired == text else repaired
