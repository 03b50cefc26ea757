"""The token of a share's link: signed, so that it cannot be made up, and all that it opens is in it.

It is a JWS (RFC 7515) by a key that no one but the query APIs has. It begins with a word of its own, so that
it is never taken for a token of another kind, nor one of another kind for it.
"""

import uuid
from pathlib import Path

import msgspec
import structlog
from jwt import PyJWS
from jwt.exceptions import PyJWTError

from query_api.watched_file import WatchedFile
from schemas.share import Share

log = structlog.get_logger(__name__)

PREFIX = "shr_"
ALGORITHM = "HS256"
LEAST_KEY_BYTES = 32
"""RFC 7518, 3.2: as many as the hash has."""

_jws = PyJWS(algorithms=[ALGORITHM])


class Opened(msgspec.Struct, frozen=True):
    """What a link's token says, and its signature proves."""

    id: str
    tenant: str
    session_id: uuid.UUID
    expires_at: int

    @classmethod
    def of(cls, share: Share) -> "Opened":
        return cls(share.id, share.tenant, share.session_id, share.expires_at)


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Opened).decode


def sign(share: Share, key: bytes) -> str:
    return PREFIX + _jws.encode(_encode(Opened.of(share)), key, algorithm=ALGORITHM)


def open_link(token: str, keys: tuple[bytes, ...]) -> Opened | None:
    """What a token of one of the keys says; None where it is of none of them."""
    for key in keys:
        try:
            return _decode(_jws.decode(token.removeprefix(PREFIX), key, algorithms=[ALGORITHM]))
        except (PyJWTError, msgspec.DecodeError, ValueError, RecursionError):
            continue
    return None


class KeysFile:
    """The keys that sign links, one a line: the first signs, each opens. Read again when it changes, so keys
    are rotated without a restart; a file that cannot be used leaves the keys as they were."""

    def __init__(self, path: Path | None) -> None:
        self._file = None if path is None else WatchedFile(path)
        self._keys: tuple[bytes, ...] = ()

    def keys(self) -> tuple[bytes, ...]:
        """None at all: there is no file, or none that could be used yet."""
        try:
            content = None if self._file is None else self._file.changed()
        except OSError as error:
            log.warning(
                "the file of the share keys cannot be read; the keys before stay valid", error=str(error)
            )
            return self._keys
        if content is not None:
            keys = tuple(line.strip() for line in content.splitlines() if line.strip())
            if keys and all(len(key) >= LEAST_KEY_BYTES for key in keys):
                self._keys = keys
            else:
                # Its content is a secret, also where it is of no use.
                log.warning(
                    "the file of the share keys needs lines of a least length; the keys before stay valid",
                    least_bytes=LEAST_KEY_BYTES,
                )
        return self._keys
