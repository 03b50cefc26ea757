"""The CORS headers of an answer, and the answer to a preflight.

Pure. Every answer carries them, refusals too: a page that may not read an answer takes it for a lost
connection and drops what it sent. The origin is echoed, because a beacon is sent with credentials and `*` is
then refused; the collector itself uses no cookie.
"""

import re
from functools import lru_cache

Headers = tuple[tuple[bytes, bytes], ...]

PREFLIGHT_MAX_AGE_S = 86_400
ALLOWED_METHODS = b"GET, HEAD, POST, OPTIONS"
DEFAULT_REQUEST_HEADERS = b"authorization, content-encoding, content-type"

_HEADER_NAMES = re.compile(rb"[A-Za-z0-9_, -]{1,512}")


@lru_cache(maxsize=4_096)
def headers(origin: bytes | None) -> Headers:
    """For an answer to a request with this Origin header, or with none."""
    shared = ((b"access-control-expose-headers", b"retry-after"), (b"vary", b"origin"))
    if origin is None:
        return ((b"access-control-allow-origin", b"*"), *shared)
    return (
        (b"access-control-allow-origin", origin),
        (b"access-control-allow-credentials", b"true"),
        *shared,
    )


@lru_cache(maxsize=4_096)
def preflight(origin: bytes | None, requested_headers: bytes | None) -> Headers:
    """Whatever headers are asked for are allowed: tracing scripts of a page add theirs to every fetch."""
    asked = requested_headers if requested_headers and _HEADER_NAMES.fullmatch(requested_headers) else None
    return (
        *headers(origin),
        (b"access-control-allow-methods", ALLOWED_METHODS),
        (b"access-control-allow-headers", asked or DEFAULT_REQUEST_HEADERS),
        (b"access-control-max-age", b"%d" % PREFLIGHT_MAX_AGE_S),
    )
