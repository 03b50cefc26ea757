"""POST /v1/sign-in, POST /v1/sign-out, GET /v1/me.

The cookie is SameSite=Strict and every other call is a GET that changes nothing, so a foreign page can make
a browser neither read nor do anything here.
"""

from fastapi import APIRouter, Request, Response

from query_api.problem_answers import responses
from query_api.problems import Reason
from query_api.rooms import RoomsOfApp
from query_api.tokens.caller import COOKIE, REFUSALS, Caller
from query_api.tokens.schemas import Me, SignIn

router = APIRouter(prefix="/v1", tags=["tokens"])

DAY_S = 86_400


@router.post(
    "/sign-in",
    summary="Turn a token into the dashboard's cookie",
    status_code=204,
    response_class=Response,
    responses=responses(Reason.BAD_PARAMETER, Reason.UNKNOWN_TOKEN)
    | {204: {"description": f"Signed in; the cookie `{COOKIE}` is set (HttpOnly, SameSite=Strict)."}},
)
async def sign_in(body: SignIn, request: Request, rooms: RoomsOfApp) -> Response:
    """The browser keeps the token where no script can read it."""
    rooms.tokens.holder(body.token)
    answer = Response(status_code=204)
    answer.set_cookie(
        COOKIE,
        body.token,
        max_age=rooms.settings.sign_in_days * DAY_S,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return answer


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
