"""POST /v1/sign-in, POST /v1/sign-out, GET /v1/me.

The cookie is SameSite=Strict, and whatever changes something takes JSON or is no form's method, so a foreign
page can make a browser neither read nor do anything here.
"""

import time

from fastapi import APIRouter, Request, Response

from query_api.problem_answers import responses
from query_api.problems import Reason, Refusal
from query_api.rooms import RoomsOfApp
from query_api.tokens.caller import REFUSALS, Caller
from query_api.tokens.guard import COOKIE
from query_api.tokens.holder import Holder
from query_api.tokens.schemas import Me, SignIn

router = APIRouter(prefix="/v1", tags=["tokens"])

DAY_S = 86_400


@router.post(
    "/sign-in",
    summary="Turn a token into the dashboard's cookie",
    status_code=204,
    response_class=Response,
    responses=responses(Reason.BAD_PARAMETER, Reason.UNKNOWN_TOKEN, Reason.KEYS_UNAVAILABLE)
    | {204: {"description": f"Signed in; the cookie `{COOKIE}` is set (HttpOnly, SameSite=Strict)."}},
)
async def sign_in(body: SignIn, request: Request, rooms: RoomsOfApp) -> Response:
    """The browser keeps the token where no script can read it, for no longer than it is valid."""
    holder = await rooms.authentication.holder(body.token)
    if holder.session_id is not None:
        # A link opens its session beside whoever is signed in, and signs nobody in or out.
        raise Refusal(Reason.UNKNOWN_TOKEN)
    answer = Response(status_code=204)
    answer.set_cookie(
        COOKIE,
        body.token,
        max_age=kept_s(holder, rooms.settings.sign_in_days, time.time()),
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return answer


def kept_s(holder: Holder, sign_in_days: int, now_s: float) -> int:
    """How long a browser keeps the cookie, in s."""
    left_s = DAY_S * sign_in_days if holder.until_at is None else int(holder.until_at / 1000 - now_s)
    return max(1, min(left_s, DAY_S * sign_in_days))


@router.post(
    "/sign-out",
    summary="Drop the dashboard's cookie",
    status_code=204,
    response_class=Response,
    responses={204: {"description": "Signed out; the cookie is removed."}},
)
async def sign_out(request: Request) -> Response:
    answer = Response(status_code=204)
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=request.url.scheme == "https")
    return answer


@router.get("/me", summary="Whose token this is", response_model=Me, responses=responses(*REFUSALS))
async def me(caller: Caller) -> Me:
    return Me(name=caller.name, tenant=caller.tenant, role=caller.role)
