"""Who a request is from. The engine has no users, so they are known here. Pure."""

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

from playhead.clickhouse.errors import AUTHENTICATION_FAILED, refused


@dataclass(frozen=True, slots=True)
class User:
    name: str
    password: str = field(repr=False)
    reads_only: bool
    settings: Mapping[str, str] = field(default_factory=dict)
    """What every statement of theirs runs under; a request may say otherwise as far as the policy lets it."""


def authenticate(users: Mapping[str, User], headers: Mapping[str, str], query: Mapping[str, str]) -> User:
    """The user by `X-ClickHouse-User` and `-Key`, Basic authorization, or the URL's `user=`, `password=`.

    Raises:
        QueryError: AUTHENTICATION_FAILED, in the same words for an unknown user and a wrong password.
    """
    name, password = _credentials(headers, query)
    user = users.get(name)
    # Compare in any case, so that the time does not tell which users there are.
    expected = user.password if user else "\0"
    matches = hmac.compare_digest(expected.encode(), password.encode())
    if user is None or not matches:
        raise refused(
            AUTHENTICATION_FAILED,
            f"{name}: Authentication failed: password is incorrect, or there is no user with such name.",
        )
    return user


def _credentials(headers: Mapping[str, str], query: Mapping[str, str]) -> tuple[str, str]:
    if "x-clickhouse-user" in headers or "x-clickhouse-key" in headers:
        return headers.get("x-clickhouse-user", "default"), headers.get("x-clickhouse-key", "")
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme:
        if scheme.lower() != "basic":
            raise refused(
                AUTHENTICATION_FAILED, f"The scheme '{scheme}' of Authorization is not known, use Basic."
            )
        try:
            name, _, password = base64.b64decode(token.strip(), validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise refused(
                AUTHENTICATION_FAILED, "Invalid authentication: Authorization is not base64 text."
            ) from None
        return name or "default", password
    return query.get("user", "default"), query.get("password", "")
