"""Who makes a call, for the endpoint that wants to know: whom the guard let in."""

from typing import Annotated

from fastapi import Depends
from fastapi.security import APIKeyCookie, HTTPBearer

from query_api.problems import Reason
from query_api.tokens.guard import COOKIE, Guarded
from query_api.tokens.holder import Holder

REFUSALS = (Reason.MISSING_TOKEN, Reason.UNKNOWN_TOKEN, Reason.KEYS_UNAVAILABLE)
"""What every call that needs a caller may answer."""

# These two only describe the schemes in the OpenAPI document. Reading is done by the guard, so that whatever
# is wrong with a header is a problem of ours.
_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="bearer",
    description="A token of the tokens file, a JWT of the company's own sign-on, or a share link's token.",
)
_cookie = APIKeyCookie(
    name=COOKIE, auto_error=False, scheme_name="cookie", description="Set by POST /v1/sign-in."
)


async def caller(
    holder: Guarded,
    _described: Annotated[object, Depends(_bearer)],
    _described_too: Annotated[object, Depends(_cookie)],
) -> Holder:
    if holder is None:
        raise LookupError("an endpoint asks for the caller of a call that, by its rule, needs none")
    return holder


Caller = Annotated[Holder, Depends(caller)]
