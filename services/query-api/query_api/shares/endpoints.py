"""GET and POST /v1/sessions/{s}/shares, DELETE /v1/sessions/{s}/shares/{share}.

A foreign page cannot make a browser call these with its cookie: it is SameSite=Strict, and a browser sends
JSON, or a DELETE, to another site only where that site says that it may.
"""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path, Response

from query_api.problem_answers import responses
from query_api.problems import Reason
from query_api.rooms import RoomsOfApp
from query_api.sessions.endpoints import STORE, SessionId
from query_api.shares.schemas import MadeShare, NewShare, Share, Shares
from query_api.tokens.caller import REFUSALS, Caller
from schemas.share import Share as Record

router = APIRouter(prefix="/v1", tags=["shares"])

ShareId = Annotated[
    str, Path(max_length=64, description="The share's id.", examples=["Zk3v0bQx9mT1cWfR5uY8aA"])
]


@router.get(
    "/sessions/{session_id}/shares",
    summary="The links that open this session without a token",
    response_model=Shares,
    responses=responses(Reason.BAD_PARAMETER, *REFUSALS, Reason.UNKNOWN_SESSION, *STORE),
)
async def list_shares(session_id: SessionId, caller: Caller, rooms: RoomsOfApp) -> Shares:
    """At most 100 of a session are valid at a time."""
    found = await rooms.shares.of_session(caller.tenant, session_id)
    return Shares(shares=[share_of(each) for each in found])


@router.post(
    "/sessions/{session_id}/shares",
    summary="Make a link that opens this session without a token (admin)",
    status_code=201,
    response_model=MadeShare,
    responses=responses(
        Reason.BAD_PARAMETER,
        *REFUSALS,
        Reason.ADMIN_NEEDED,
        Reason.SHARING_OFF,
        Reason.UNKNOWN_SESSION,
        Reason.TOO_MANY_SHARES,
        Reason.KAFKA_UNAVAILABLE,
        *STORE,
    ),
)
async def make_share(session_id: SessionId, body: NewShare, caller: Caller, rooms: RoomsOfApp) -> MadeShare:
    """Whoever has the link can watch this session, and nothing else, until it expires or is revoked."""
    share, token = await rooms.shares.make(
        caller, session_id, valid_for_hours=body.valid_for_hours, at=body.at
    )
    return MadeShare(**share_of(share).model_dump(), token=token, path=path_of(share, token))


@router.delete(
    "/sessions/{session_id}/shares/{share_id}",
    summary="Revoke a link (admin)",
    status_code=204,
    response_class=Response,
    responses=responses(
        Reason.BAD_PARAMETER,
        *REFUSALS,
        Reason.ADMIN_NEEDED,
        Reason.UNKNOWN_SESSION,
        Reason.UNKNOWN_SHARE,
        Reason.KAFKA_UNAVAILABLE,
        *STORE,
    )
    | {204: {"description": "It opens nothing any more."}},
)
async def revoke_share(
    session_id: SessionId, share_id: ShareId, caller: Caller, rooms: RoomsOfApp
) -> Response:
    """It ends at once here, and on every other process as soon as that has read the record; a process that
    cannot read refuses all links after a short time."""
    await rooms.shares.revoke(caller.tenant, session_id, share_id)
    return Response(status_code=204)


def share_of(record: Record) -> Share:
    return Share(
        share_id=record.id,
        session_id=str(record.session_id),
        created_at=record.created_at,
        created_by=record.created_by,
        expires_at=record.expires_at,
        at=record.at,
    )


def path_of(record: Record, token: str) -> str:
    at = "" if record.at is None else f"?at={record.at}"
    return f"/sessions/{record.session_id}{at}#share={quote(token, safe='')}"
