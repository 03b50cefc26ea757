"""The tokens file: tokens are never in it, only their fingerprints."""

import hashlib
from typing import Any

import msgspec
import pytest

from schemas.token import Token, TokensFile, decode, encode, fingerprint, new_secret

TOKEN = {"name": "ann", "sha256": "0" * 64, "tenant": "demo", "role": "reader"}


def test_what_is_written_is_read() -> None:
    file = TokensFile(tokens=(Token(name="ann", sha256=fingerprint("secret"), tenant="demo", role="admin"),))
    assert decode(encode(file)) == file
    assert b"secret" not in encode(file)


def test_a_fingerprint_is_the_sha_256_in_hex() -> None:
    assert fingerprint("secret") == hashlib.sha256(b"secret").hexdigest()


def test_new_secrets_are_long_and_differ() -> None:
    secrets = {new_secret() for _ in range(100)}
    assert len(secrets) == 100
    assert min(map(len, secrets)) >= 43


@pytest.mark.parametrize(
    "field",
    [
        {"sha256": "0" * 63},
        {"sha256": "A" * 64},
        {"role": "owner"},
        {"tenant": "a/b"},
        {"token": "plain"},
        {"name": 1},
    ],
)
def test_a_token_of_another_form_is_refused(field: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        decode(msgspec.json.encode({"tokens": [{**TOKEN, **field}]}))


@pytest.mark.parametrize("field", list(TOKEN))
def test_no_field_may_be_absent(field: str) -> None:
    token = {name: value for name, value in TOKEN.items() if name != field}
    with pytest.raises(msgspec.ValidationError):
        decode(msgspec.json.encode({"tokens": [token]}))
