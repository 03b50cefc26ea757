"""Which token a bearer's secret is."""

import hmac

from query_api.problems import Reason, Refusal
from query_api.tokens.repository import TokensFileReader
from schemas.token import Token, fingerprint


class TokenService:
    def __init__(self, reader: TokensFileReader) -> None:
        self._reader = reader

    @property
    def ready(self) -> bool:
        return self._reader.tokens() is not None

    def holder(self, secret: str | None) -> Token:
        """The token of a secret. Takes the same time whichever token it is, or none.

        Raises:
            Refusal: missing_token, unknown_token.
        """
        if not secret:
            raise Refusal(Reason.MISSING_TOKEN)
        sent = fingerprint(secret)
        found: Token | None = None
        for token in self._reader.tokens() or ():
            if hmac.compare_digest(token.sha256, sent):
                found = token
        if found is None:
            raise Refusal(Reason.UNKNOWN_TOKEN)
        return found
