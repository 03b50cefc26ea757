"""Reads and writes the tokens file, which the query API reads again whenever it changes."""

from pathlib import Path

import msgspec

from playhead.stack.secret_files import write_private
from schemas.token import Role, Token, TokensFile, decode, encode, fingerprint, new_secret


class TokenExists(Exception):  # noqa: N818
    """There is a token of this name already."""


class NoSuchToken(Exception):  # noqa: N818
    """There is no token of this name."""


def read_tokens(file: Path) -> tuple[Token, ...]:
    """Those of the file; none if there is no file.

    Raises:
        msgspec.DecodeError: the file has another form.
    """
    return decode(file.read_bytes()).tokens if file.exists() else ()


def add_token(file: Path, *, name: str, tenant: str, role: Role, token: str | None = None) -> str:
    """Write a token's hash to the file; gives the token itself, which is kept nowhere.

    Raises:
        TokenExists: the name is taken.
    """
    tokens = read_tokens(file)
    if any(known.name == name for known in tokens):
        raise TokenExists(f"{file} has a token named {name!r} already: remove it first")
    token = token or new_secret()
    _write(file, (*tokens, Token(name=name, sha256=fingerprint(token), tenant=tenant, role=role)))
    return token


def remove_token(file: Path, name: str) -> None:
    """Raises:
    NoSuchToken: nobody has that name.
    """
    tokens = read_tokens(file)
    left = tuple(token for token in tokens if token.name != name)
    if len(left) == len(tokens):
        raise NoSuchToken(f"{file} has no token named {name!r}")
    _write(file, left)


def _write(file: Path, tokens: tuple[Token, ...]) -> None:
    write_private(file, msgspec.json.format(encode(TokensFile(tokens=tokens))))
