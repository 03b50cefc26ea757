"""A company's own sign-on: its JWTs, checked against its JWKS, as tokens of ours."""

import time

import structlog

from query_api import metrics
from query_api.problems import Reason, Refusal
from query_api.settings import Settings
from query_api.tokens import jwks_source
from query_api.tokens.holder import Holder
from query_api.tokens.jwks import Jwks, Times
from query_api.tokens.jwt_claims import NotAccepted, Terms, header_of, holder_of

log = structlog.get_logger(__name__)


class SignOn:
    def __init__(self, jwks: Jwks, terms: Terms) -> None:
        self._jwks = jwks
        self._terms = terms

    async def ready(self) -> bool:
        try:
            await self._jwks.keys()
        except Refusal:
            return False
        return True

    async def holder(self, token: str) -> Holder:
        """
        Raises:
            Refusal: unknown_token, whatever is wrong with it; keys_unavailable.
        """
        try:
            # A token whose algorithm is not allowed does not even make the keys be asked for.
            header = header_of(token, self._terms)
            keys = await self._jwks.keys(header.kid)
            return holder_of(token, header, keys, self._terms, time.time_ns() // 1_000_000)
        except NotAccepted as refused:
            metrics.JWT_REFUSED.labels(str(refused.cause)).inc()
            log.info("a JWT was not accepted", cause=str(refused.cause))
            raise Refusal(Reason.UNKNOWN_TOKEN) from None


def of(settings: Settings) -> SignOn | None:
    """The sign-on that the settings name; None where they name none."""
    if settings.jwks_file is not None:
        source = jwks_source.from_file(settings.jwks_file)
    elif settings.jwks_url is not None:
        source = jwks_source.from_url(settings.jwks_url, settings.jwks_timeout_ms)
    else:
        return None
    algorithms = frozenset(settings.jwt_algorithms)
    times = Times(
        keep_ms=settings.jwks_keep_ms, retry_ms=settings.jwks_retry_ms, valid_ms=settings.jwks_valid_ms
    )
    terms = Terms(
        issuer=settings.jwt_issuer,
        audience=settings.jwt_audience,
        leeway_ms=settings.jwt_leeway_ms,
        algorithms=algorithms,
        tenant_claim=settings.jwt_tenant_claim,
        role_claim=settings.jwt_role_claim,
        name_claim=settings.jwt_name_claim,
        reader_role=settings.jwt_reader_role,
        admin_role=settings.jwt_admin_role,
    )
    return SignOn(Jwks(source, algorithms, times), terms)
