"""Whose token a bearer's secret is: one of the tokens file, a JWT of the sign-on, or a share link's."""

from query_api.problems import Reason, Refusal
from query_api.shares.links import PREFIX
from query_api.shares.service import ShareService
from query_api.tokens.holder import Holder
from query_api.tokens.service import TokenService
from query_api.tokens.sign_on import SignOn

MAX_SECRET = 16_384
"""Longest token in characters: ours have 43, and a JWT that lists many groups has some thousands."""


class Authentication:
    def __init__(self, listed: TokenService, sign_on: SignOn | None, shares: ShareService) -> None:
        self._listed = listed
        self._sign_on = sign_on
        self._shares = shares

    async def ready(self) -> bool:
        """Whether tokens of some kind can be told from forged ones."""
        return self._listed.ready or (self._sign_on is not None and await self._sign_on.ready())

    async def holder(self, secret: str | None) -> Holder:
        """
        Raises:
            Refusal: missing_token; unknown_token, which says nothing of what is wrong with it;
                keys_unavailable, of a JWT; not_ready, of a share link's.
        """
        if not secret:
            raise Refusal(Reason.MISSING_TOKEN)
        if len(secret) > MAX_SECRET:
            raise Refusal(Reason.UNKNOWN_TOKEN)
        if secret.startswith(PREFIX):
            return self._shares.holder(secret)
        token = self._listed.find(secret)
        if token is not None:
            return Holder(name=token.name, tenant=token.tenant, role=token.role)
        if self._sign_on is not None and secret.count(".") == 2:
            return await self._sign_on.holder(secret)
        raise Refusal(Reason.UNKNOWN_TOKEN)
