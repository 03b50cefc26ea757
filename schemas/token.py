"""The tokens file: who may read through the query API.

A JSON document `{"tokens": [...]}`. A token itself is never stored, only its SHA-256 in hex; tokens are
long random strings, so a plain hash cannot be turned back by guessing.
"""

import hashlib
import secrets
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from schemas.connection import Id

Role = Literal["reader", "admin"]


class Token(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    """For people: who holds it."""
    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
    tenant: Id
    role: Role


class TokensFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    tokens: tuple[Token, ...]


encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(TokensFile).decode


def fingerprint(token: str) -> str:
    """The SHA-256 of a bearer token in hex, as the tokens file holds it."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_secret() -> str:
    """256 random bits, URL-safe."""
    return secrets.token_urlsafe(32)
