"""Which token of the tokens file a bearer's secret is."""

import hmac

from query_api.tokens.repository import TokensFileReader
from schemas.token import Token, fingerprint


class TokenService:
    def __init__(self, reader: TokensFileReader) -> None:
        self._reader = reader

    @property
    def ready(self) -> bool:
        return self._reader.tokens() is not None

    def find(self, secret: str) -> Token | None:
        """The token of a secret. Takes the same time whichever token it is, or none."""
        sent = fingerprint(secret)
        found: Token | None = None
        for token in self._reader.tokens() or ():
            if hmac.compare_digest(token.sha256, sent):
                found = token
        return found
