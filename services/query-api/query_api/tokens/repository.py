"""The tokens file on disk, read again when it changes."""

from pathlib import Path

import msgspec
import structlog

from query_api import metrics
from query_api.watched_file import WatchedFile
from schemas.token import Token, decode

log = structlog.get_logger(__name__)


class TokensFileReader:
    """What the file says now. A file that is gone or cannot be read changes nothing: rotating a token may
    never lock everybody out because an editor saved in two steps."""

    def __init__(self, path: Path) -> None:
        self._file = WatchedFile(path)
        self._tokens: tuple[Token, ...] | None = None

    def tokens(self) -> tuple[Token, ...] | None:
        """None while there has been no file to read yet. Costs one stat where nothing has changed."""
        try:
            content = self._file.changed()
            if content is not None:
                self._take(decode(content).tokens)
        except (OSError, msgspec.DecodeError) as error:
            metrics.TOKENS_FILE_UNREADABLE.inc()
            log.warning("the tokens file cannot be read; the tokens before stay valid", error=str(error))
        return self._tokens

    def _take(self, tokens: tuple[Token, ...]) -> None:
        self._tokens = tokens
        metrics.TOKENS.set(len(tokens))
        log.info("tokens read", tokens=len(tokens))
