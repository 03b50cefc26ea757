"""Stands before every call and keeps its rule: who calls, and whether that is enough.

In what order it looks is part of what it hides. A caller who may not do a thing is told so only where the
thing is there and the caller's own; another tenant's is looked up and refused as one that is not there.
"""

import uuid
from typing import Annotated

from fastapi import Depends, Request

from query_api.problems import Reason, Refusal
from query_api.rooms import Rooms, RoomsOfApp
from query_api.tokens.holder import Holder
from query_api.tokens.rules import Rule, rule_of

COOKIE = "playhead_token"


async def guard(request: Request, rooms: RoomsOfApp) -> Holder | None:
    """Whoever calls; None where the call needs nobody.

    Raises:
        Refusal: missing_token, unknown_token, keys_unavailable; admin_needed; and, of a session or a
            connection that is not the caller's, what its own call answers.
    """
    rule = rule_of(request.method, request.scope["route"].path)
    if rule.needs == "nothing":
        return None
    holder = await rooms.authentication.holder(secret_of(request))
    if holder.session_id is not None:
        _within_share(holder.session_id, rule, request.path_params)
    if not rule.allows(holder.role):
        await _there(holder, rooms, request.path_params)
        raise Refusal(Reason.ADMIN_NEEDED)
    return holder


Guarded = Annotated[Holder | None, Depends(guard)]


def secret_of(request: Request) -> str | None:
    """The token of the header Authorization, else of the dashboard's cookie."""
    header = request.headers.get("authorization")
    if header is not None:
        # A header that is no bearer token is an unknown token: falling back to the cookie would make a call
        # with a mistyped token succeed as somebody else.
        scheme, _, secret = header.partition(" ")
        if scheme.lower() != "bearer":
            raise Refusal(Reason.UNKNOWN_TOKEN, "The header Authorization holds no bearer token.")
        return secret.strip()
    return request.cookies.get(COOKIE)


def _within_share(session_id: str, rule: Rule, named: dict[str, str]) -> None:
    if not rule.shared:
        raise Refusal(Reason.UNKNOWN_TOKEN)
    # Whether there is another session of that id is nothing that a share link could tell.
    if _uuid(named["session_id"]) != uuid.UUID(session_id):
        raise Refusal(Reason.UNKNOWN_SESSION)


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


async def _there(holder: Holder, rooms: Rooms, named: dict[str, str]) -> None:
    """Look up what a path names, so that what is not the caller's is not there."""
    if "session_id" in named:
        await rooms.sessions.recorded(holder.tenant, named["session_id"])
    if "connection_id" in named:
        rooms.connections.one(holder.tenant, named["connection_id"])
