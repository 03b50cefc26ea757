"""A JWKS document (RFC 7517) as the public keys that may sign a token. Pure: bytes in, keys out.

What a document may not do is decided here: a symmetric key in it is passed over, so no public key is ever
taken for a secret; and what a key serves follows from the key and the allow-list, never from a token.
"""

from collections.abc import Callable
from typing import Any, Literal, get_args

import msgspec
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from jwt.exceptions import PyJWTError

Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""All that can be allowed. `none` and HMAC are not among them."""

ALGORITHMS: tuple[Algorithm, ...] = get_args(Algorithm)

LEAST_RSA_BITS = 2048

_BY_KIND: dict[tuple[str, str | None], tuple[Algorithm, ...]] = {
    ("RSA", None): ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    ("EC", "P-256"): ("ES256",),
    ("EC", "P-384"): ("ES384",),
    ("EC", "P-521"): ("ES512",),
    ("OKP", "Ed25519"): ("EdDSA",),
}
_READERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "RSA": RSAAlgorithm.from_jwk,
    "EC": ECAlgorithm.from_jwk,
    "OKP": OKPAlgorithm.from_jwk,
}
_PUBLIC_PARTS = {"RSA": ("kty", "n", "e"), "EC": ("kty", "crv", "x", "y"), "OKP": ("kty", "crv", "x")}


class _Document(msgspec.Struct):
    keys: list[dict[str, Any]]


class Key(msgspec.Struct, frozen=True):
    kid: str | None
    algorithms: frozenset[Algorithm]
    public: Any
    """A public key of `cryptography`."""


class KeySet:
    def __init__(self, keys: list[Key]) -> None:
        self._keys = keys

    def __len__(self) -> int:
        return len(self._keys)

    def knows(self, kid: str | None) -> bool:
        """Whether there is anything to ask for: a token that names no key asks for none."""
        return kid is None or any(key.kid == kid for key in self._keys)

    def key(self, kid: str | None, algorithm: str) -> Key | None:
        """The key of that name that serves the algorithm. A token may leave out the name of an only key."""
        fitting = [key for key in self._keys if algorithm in key.algorithms]
        if kid is None:
            return fitting[0] if len(fitting) == 1 else None
        return next((key for key in fitting if key.kid == kid), None)


def decode(document: bytes, allowed: frozenset[Algorithm]) -> KeySet:
    """The document's keys that serve an allowed algorithm. One that cannot be used is passed over: a sign-on
    may publish keys for encryption, and of kinds that come later, beside those that sign.

    Raises:
        ValueError: it is no JWKS document.
    """
    try:
        found = msgspec.json.decode(document, type=_Document).keys
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(f"not a JWKS document: {type(error).__name__}") from None
    keys = (_key(each, allowed) for each in found)
    return KeySet([key for key in keys if key is not None])


def _key(jwk: dict[str, Any], allowed: frozenset[Algorithm]) -> Key | None:
    kind, kid = jwk.get("kty"), jwk.get("kid")
    operations = jwk.get("key_ops", ["verify"])
    if not (kid is None or isinstance(kid, str)) or jwk.get("use", "sig") != "sig":
        return None
    if not isinstance(operations, list) or "verify" not in operations or not isinstance(kind, str):
        return None
    curve = jwk.get("crv") if kind != "RSA" else None
    able = _BY_KIND.get((kind, curve if isinstance(curve, str) else None), ())
    algorithms = frozenset(each for each in able if each in allowed and jwk.get("alg", each) == each)
    if not algorithms:
        return None
    try:
        # Only the public parts: a document that gives away its private key must not make a signer of us.
        public = _READERS[kind]({part: jwk[part] for part in _PUBLIC_PARTS[kind]})
    except (PyJWTError, KeyError, TypeError, ValueError):
        return None
    if kind == "RSA" and getattr(public, "key_size", 0) < LEAST_RSA_BITS:
        return None
    return Key(kid, algorithms, public)
