"""Who makes a call: the token of its Authorization header, else of the dashboard's cookie."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import APIKeyCookie, HTTPBearer

from query_api.problems import Reason, Refusal
from query_api.rooms import RoomsOfApp
from schemas.token import Token

COOKIE = "playhead_token"

REFUSALS = (Reason.MISSING_TOKEN, Reason.UNKNOWN_TOKEN)
"""What every call that needs a caller may answer."""

# These two only describe the schemes in the OpenAPI document. Reading is done below, so that whatever is
# wrong with a header is a problem of ours.
_bearer = HTTPBearer(auto_error=False, scheme_name="bearer", description="A token of the tokens file.")
_cookie = APIKeyCookie(
    name=COOKIE, auto_error=False, scheme_name="cookie", description="Set by POST /v1/sign-in."
)


async def caller(
    request: Request,
    rooms: RoomsOfApp,
    _described: Annotated[object, Depends(_bearer)],
    _described_too: Annotated[object, Depends(_cookie)],
) -> Token:
    """
    Raises:
        Refusal: missing_token, unknown_token.
    """
    return rooms.tokens.holder(secret_of(request))


def secret_of(request: Request) -> str | None:
    header = request.headers.get("authorization")
    if header is not None:
        # A header that is no bearer token is an unknown token: falling back to the cookie would make a call
        # with a mistyped token succeed as somebody else.
        scheme, _, secret = header.partition(" ")
        if scheme.lower() != "bearer":
            raise Refusal(Reason.UNKNOWN_TOKEN, "The header Authorization holds no bearer token.")
        return secret.strip()
    return request.cookies.get(COOKIE)


Caller = Annotated[Token, Depends(caller)]
