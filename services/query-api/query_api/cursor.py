"""Opaque cursors: a position in an order, sealed so that only the list it was made for takes it back.

The seal finds damage and mix-ups; it is no secret, and need be none: whatever a cursor says, the call asks
only for what its caller may see.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2s
from typing import TypeVar

import msgspec

from query_api.problems import Reason, Refusal

Position = TypeVar("Position", bound=msgspec.Struct)

SEAL_BYTES = 8
MAX_LENGTH = 256
"""Longest cursor in characters; ours are well below it."""

_encode = msgspec.msgpack.Encoder().encode


def seal(position: msgspec.Struct, *scope: str) -> str:
    """The cursor for `position` in the list that `scope` names (what is listed, of what, which filter)."""
    body = _encode(position)
    return urlsafe_b64encode(_seal(body, scope) + body).rstrip(b"=").decode()


def unseal(cursor: str, position: type[Position], *scope: str) -> Position:
    """The position that a cursor stands for.

    Raises:
        Refusal: bad_parameter, where it is no cursor, was changed, or belongs to another list.
    """
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        body = text[SEAL_BYTES:]
        if urlsafe_b64encode(text).rstrip(b"=").decode() == cursor and text[:SEAL_BYTES] == _seal(
            body, scope
        ):
            return msgspec.msgpack.decode(body, type=position)
    except (ValueError, msgspec.DecodeError):
        pass
    raise Refusal(
        Reason.BAD_PARAMETER, "cursor: not a cursor of this list; take it from next_cursor as it is."
    )


def _seal(body: bytes, scope: tuple[str, ...]) -> bytes:
    digest = blake2s(digest_size=SEAL_BYTES)
    digest.update(_encode(scope))
    digest.update(body)
    return digest.digest()
