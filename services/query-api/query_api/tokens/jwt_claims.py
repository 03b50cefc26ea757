"""What a JWT must say to be somebody's token here. Pure: a token, the keys and the time in, its holder out.

PyJWT proves the signature. The claims are read by their types here, because a signed token may still hold an
`exp` that is a list, and must then be refused and not fail.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec
from jwt import PyJWS
from jwt.exceptions import PyJWTError

from query_api.tokens.holder import Holder
from query_api.tokens.key_set import ALGORITHMS, KeySet
from schemas.token import Role

TENANT = re.compile(r"[A-Za-z0-9_-]{1,64}")
LONGEST_NAME = 200
LATEST_S = 253_402_300_799
"""The end of the year 9999, in s since the epoch."""

_jws = PyJWS(algorithms=list(ALGORITHMS))


class Cause(StrEnum):
    """Why a JWT is nobody's token. For metrics and whoever runs the service; a caller is told none of it."""

    MALFORMED = "malformed"
    ALGORITHM = "algorithm"
    KEY = "key"
    SIGNATURE = "signature"
    ISSUER = "issuer"
    AUDIENCE = "audience"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    TENANT = "tenant"
    ROLE = "role"


class NotAccepted(Exception):  # noqa: N818 - a refusal is an answer, not a fault
    def __init__(self, cause: Cause) -> None:
        self.cause = cause
        super().__init__(str(cause))


@dataclass(frozen=True)
class Terms:
    """What is asked of every token. `*_claim` are the claims' names."""

    issuer: str
    audience: str
    leeway_ms: int
    algorithms: frozenset[str]
    tenant_claim: str
    role_claim: str
    name_claim: str
    reader_role: str
    admin_role: str


@dataclass(frozen=True)
class Header:
    algorithm: str
    kid: str | None


class _Claims(msgspec.Struct):
    iss: str
    aud: str | list[str]
    exp: float
    nbf: float = 0
    sub: str = ""


def header_of(token: str, terms: Terms) -> Header:
    """What a token says of itself, none of it proven yet, in so far as it is what the terms allow.

    Raises:
        NotAccepted: malformed, algorithm.
    """
    try:
        found = _jws.get_unverified_header(token)
    except (PyJWTError, ValueError, RecursionError):
        raise NotAccepted(Cause.MALFORMED) from None
    algorithm = found.get("alg")
    if not isinstance(algorithm, str) or algorithm not in terms.algorithms:
        raise NotAccepted(Cause.ALGORITHM)
    return Header(algorithm, found.get("kid"))


def holder_of(token: str, header: Header, keys: KeySet, terms: Terms, now_ms: int) -> Holder:
    """
    Raises:
        NotAccepted: for any cause.
    """
    key = keys.key(header.kid, header.algorithm)
    if key is None:
        raise NotAccepted(Cause.KEY)
    try:
        payload = _jws.decode(token, key.public, algorithms=[header.algorithm])
    except (PyJWTError, ValueError, RecursionError):
        raise NotAccepted(Cause.SIGNATURE) from None
    try:
        claims = msgspec.json.decode(payload, type=_Claims)
        named = msgspec.json.decode(payload, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError):
        raise NotAccepted(Cause.MALFORMED) from None
    _valid(claims, terms, now_ms)
    return Holder(
        name=_name(claims, named.get(terms.name_claim)),
        tenant=_tenant(named.get(terms.tenant_claim)),
        role=_role(named.get(terms.role_claim), terms),
        until_at=int(min(claims.exp, LATEST_S) * 1000),
    )


def _valid(claims: _Claims, terms: Terms, now_ms: int) -> None:
    audiences = [claims.aud] if isinstance(claims.aud, str) else claims.aud
    if claims.iss != terms.issuer:
        raise NotAccepted(Cause.ISSUER)
    if terms.audience not in audiences:
        raise NotAccepted(Cause.AUDIENCE)
    if claims.exp * 1000 + terms.leeway_ms <= now_ms:
        raise NotAccepted(Cause.EXPIRED)
    if claims.nbf * 1000 - terms.leeway_ms > now_ms:
        raise NotAccepted(Cause.NOT_YET_VALID)


def _tenant(claim: object) -> str:
    if not isinstance(claim, str) or not TENANT.fullmatch(claim):
        raise NotAccepted(Cause.TENANT)
    return claim


def _role(claim: object, terms: Terms) -> Role:
    """A text, or a list of all the roles that the sign-on knows of somebody; the higher of ours counts."""
    roles = claim if isinstance(claim, list) else [claim]
    if terms.admin_role in roles:
        return "admin"
    if terms.reader_role in roles:
        return "reader"
    raise NotAccepted(Cause.ROLE)


def _name(claims: _Claims, claim: object) -> str:
    return (claim if isinstance(claim, str) and claim else claims.sub)[:LONGEST_NAME]
