"""A company's sign-on as tests have it: keys of its own, their JWKS document, and JWTs that they sign."""

import json
import time
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa_key
from jwt import PyJWS
from jwt.algorithms import get_default_algorithms

ISSUER, AUDIENCE = "https://sign-on.example/realm", "playhead"

_jws = PyJWS()


@cache
def private_key(kind: str, name: str) -> Any:
    """One key a name, for as long as the tests run: an RSA key takes its time."""
    if kind.startswith("rsa"):
        return generate_rsa_key(65_537, int(kind.removeprefix("rsa") or 2048))
    if kind == "p256":
        return generate_private_key(SECP256R1())
    if kind == "p384":
        return generate_private_key(SECP384R1())
    return Ed25519PrivateKey.generate()


class Signer:
    def __init__(self, name: str = "k1", algorithm: str = "ES256", kind: str = "p256") -> None:
        self.name = name
        self.algorithm = algorithm
        self.private = private_key(kind, name)

    def jwk(self, **changes: Any) -> dict[str, Any]:
        """The public key, as the document has it; a change to None takes a member away."""
        reader = get_default_algorithms()[self.algorithm]
        public = reader.to_jwk(self.private.public_key(), as_dict=True)
        for computed in ("key_ops", "use", "alg"):
            public.pop(computed, None)
        jwk = {**public, "kid": self.name, "use": "sig", "alg": self.algorithm, **changes}
        return {name: value for name, value in jwk.items() if value is not None}

    def token(self, claims: object = None, header: dict[str, Any] | None = None) -> str:
        payload = a_payload() if claims is None else claims
        text = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        headers = {"kid": self.name, **(header or {})}
        headers = {name: value for name, value in headers.items() if value is not None}
        return _jws.encode(text, self.private, algorithm=self.algorithm, headers=headers)


def document(*jwks: dict[str, Any]) -> bytes:
    return json.dumps({"keys": jwks}).encode()


def a_payload(**changes: Any) -> dict[str, Any]:
    """Claims of a reader for an hour; a change to None takes a claim away."""
    now_s = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "exp": now_s + 3_600,
        "sub": "u-17",
        "name": "Ada",
        "tenant": "demo",
        "role": "reader",
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not None}
