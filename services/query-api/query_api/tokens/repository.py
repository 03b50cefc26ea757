"""The tokens file on disk, read again when it changes."""

from pathlib import Path

import msgspec
import structlog

from query_api import metrics
from schemas.token import Token, decode

log = structlog.get_logger(__name__)

Stamp = tuple[int, int, int]


class TokensFileReader:
    """What the file says now. A file that is gone or cannot be read changes nothing: rotating a token may
    never lock everybody out because an editor saved in two steps."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: Stamp | None = None
        self._tokens: tuple[Token, ...] | None = None

    def tokens(self) -> tuple[Token, ...] | None:
        """None while there has been no file to read yet. Costs one stat where nothing has changed."""
        stamp = self._look()
        if stamp is not None and stamp != self._stamp:
            self._stamp = stamp
            self._read()
        return self._tokens

    def _look(self) -> Stamp | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _read(self) -> None:
        try:
            self._tokens = decode(self._path.read_bytes()).tokens
        except (OSError, msgspec.DecodeError) as error:
            metrics.TOKENS_FILE_UNREADABLE.inc()
            log.warning("the tokens file cannot be read; the tokens before stay valid", error=str(error))
            return
        metrics.TOKENS.set(len(self._tokens))
        log.info("tokens read", tokens=len(self._tokens))
