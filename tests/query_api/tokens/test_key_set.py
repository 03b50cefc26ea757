"""What of a JWKS document may sign a token."""

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from jwt.algorithms import ECAlgorithm

from query_api.tokens.key_set import ALGORITHMS, decode
from tests.query_api.tokens.signer import Signer, document

ALL = frozenset(ALGORITHMS)
EC, ED, P384 = Signer(), Signer("ed", "EdDSA", "ed25519"), Signer("p384", "ES384", "p384")
RSA = Signer("rsa", "RS256", "rsa")


def test_none_and_hmac_cannot_be_allowed() -> None:
    assert not [each for each in ALGORITHMS if each.startswith("HS") or each == "none"]


@pytest.mark.parametrize("signer", [EC, ED, P384, RSA], ids=lambda signer: signer.name)
def test_a_key_is_found_by_its_name_and_what_it_serves(signer: Signer) -> None:
    keys = decode(document(EC.jwk(), ED.jwk(), P384.jwk(), RSA.jwk()), ALL)

    found = keys.key(signer.name, signer.algorithm)

    assert found is not None
    assert found.algorithms == {signer.algorithm}
    assert len(keys) == 4
    assert keys.key("other", signer.algorithm) is None


def test_a_key_that_names_no_algorithm_serves_those_of_its_kind_and_curve() -> None:
    keys = decode(document(EC.jwk(alg=None), RSA.jwk(alg=None)), ALL)

    assert keys.key("k1", "ES256") is not None
    assert keys.key("k1", "ES384") is None
    assert keys.key("rsa", "PS512") is not None
    assert keys.key("rsa", "ES256") is None


def test_a_key_serves_only_what_is_allowed() -> None:
    keys = decode(document(RSA.jwk(alg=None), EC.jwk()), frozenset({"PS256"}))

    assert len(keys) == 1
    assert keys.key("rsa", "PS256") is not None
    assert keys.key("rsa", "RS256") is None


def symmetric() -> dict[str, Any]:
    return {"kty": "oct", "k": base64.urlsafe_b64encode(b"k" * 32).decode(), "kid": "k1", "alg": "HS256"}


@pytest.mark.parametrize(
    "jwk",
    [
        symmetric(),
        symmetric() | {"alg": "ES256"},
        EC.jwk(use="enc"),
        EC.jwk(key_ops=["sign"]),
        EC.jwk(key_ops="verify"),
        EC.jwk(alg="RS256"),
        EC.jwk(alg="HS256"),
        EC.jwk(alg="none"),
        EC.jwk(crv="P-384"),
        EC.jwk(crv=["P-256"]),
        EC.jwk(x="AAAA"),
        EC.jwk(x=None),
        EC.jwk(kty="EC2"),
        EC.jwk(kty=["EC"]),
        EC.jwk(kid=5),
        {},
        Signer("small", "RS256", "rsa1024").jwk(),
    ],
    ids=lambda jwk: json.dumps(jwk)[:60],
)
def test_what_cannot_sign_a_token_is_passed_over_and_the_others_stay(jwk: dict[str, Any]) -> None:
    keys = decode(document(jwk, ED.jwk()), ALL)

    assert len(keys) == 1
    assert keys.key("ed", "EdDSA") is not None


def test_a_private_key_that_was_published_is_taken_as_its_public_one() -> None:
    private = json.loads(ECAlgorithm.to_jwk(EC.private))
    assert "d" in private

    found = decode(document(private | {"kid": "k1"}), ALL).key("k1", "ES256")

    assert found is not None
    assert isinstance(found.public, EllipticCurvePublicKey)


def test_a_token_without_a_key_s_name_has_the_only_key_and_never_one_of_several() -> None:
    assert decode(document(EC.jwk()), ALL).key(None, "ES256") is not None
    assert decode(document(EC.jwk(), Signer("k2").jwk()), ALL).key(None, "ES256") is None
    assert decode(document(EC.jwk(), ED.jwk()), ALL).key(None, "ES256") is not None, (
        "the only one that serves"
    )


def test_no_key_at_all_is_a_document_too() -> None:
    """So is every key taken back."""
    assert len(decode(document(), ALL)) == 0


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>", b"[]", b"{}", b'{"keys": {}}', b'{"keys": [5]}', b'{"keys": ' + b"[" * 100_000],
    ids=lambda content: content[:12].decode(),
)
def test_what_is_no_document_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="not a JWKS document"):
        decode(content, ALL)
