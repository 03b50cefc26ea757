"""GET and HEAD /v1/sessions/{s}/events."""

from contextlib import nullcontext
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from query_api.cursor import MAX_LENGTH
from query_api.events.answer import EventsResponse, HeadResponse, caching, form_of, link_to_next, unchanged
from query_api.events.bounds import Bounds
from query_api.events.forms import NDJSON
from query_api.events.schemas import LINE, Events
from query_api.problem_answers import responses
from query_api.problems import Reason
from query_api.rooms import Rooms, RoomsOfApp
from query_api.sessions.endpoints import STORE, SessionId
from query_api.tokens.caller import REFUSALS, Caller
from schemas.rrweb_event import LATEST_AT

router = APIRouter(prefix="/v1", tags=["events"])

SMALLEST_PAGE_BYTES = 1
SHOWN_AT = 1_795_500_030_000

EVENT_REFUSALS = (
    Reason.BAD_PARAMETER,
    *REFUSALS,
    Reason.UNKNOWN_SESSION,
    Reason.UNKNOWN_WINDOW,
    Reason.NOT_ACCEPTABLE,
    Reason.NOT_PLAYABLE,
    *STORE,
)
NOT_MODIFIED: dict[int | str, dict[str, Any]] = {
    304: {"description": "Nothing has changed since the answer with this ETag."}
}
TEXT_HEADERS: dict[str, Any] = {
    "ETag": {
        "description": "Of a completed session: send it as If-None-Match, and while nothing was added the "
        "answer is 304.",
        "schema": {"type": "string"},
    }
}
LINK: dict[str, Any] = {
    "description": 'As NDJSON only: the next page, `<…>; rel="next"`; absent on the last.',
    "schema": {"type": "string"},
}


async def _bounds(
    at: Annotated[
        int | None,
        Query(
            ge=0,
            le=LATEST_AT,
            description="Begin where a player can: at the last full snapshot not after this time (ms, the "
            "visitor's clock), with the Meta event before it; where there is none, at the window's first "
            "playable place. Not with `from`.",
            examples=[SHOWN_AT],
        ),
    ] = None,
    from_: Annotated[
        int | None,
        Query(
            alias="from",
            ge=0,
            le=LATEST_AT,
            description="Only events of this time (ms, the visitor's clock) or later.",
            examples=[SHOWN_AT],
        ),
    ] = None,
    to: Annotated[
        int | None,
        Query(
            ge=0,
            le=LATEST_AT,
            description="Only events before this time (ms, the visitor's clock).",
            examples=[SHOWN_AT + 10_000],
        ),
    ] = None,
) -> Bounds:
    return Bounds(at, from_, to)


BoundsAsked = Annotated[Bounds, Depends(_bounds)]
WindowAsked = Annotated[
    str | None, Query(max_length=64, description="The window; without it the session's first.")
]
LimitAsked = Annotated[
    int | None,
    Query(
        ge=SMALLEST_PAGE_BYTES,
        description="A page ends before the batch that would take it past so many bytes; it holds at "
        "least one batch, or one event where batches overlap in time. A larger page than the server "
        "allows is cut down.",
    ),
]
CursorAsked = Annotated[
    str | None,
    Query(
        max_length=MAX_LENGTH,
        description="`next_cursor` of the page before, as it is, and the same `window`, `at`, `from`, `to`.",
    ),
]


@router.get(
    "/sessions/{session_id}/events",
    summary="The ordered events of a window",
    response_model=Events,
    responses=responses(*EVENT_REFUSALS)
    | NOT_MODIFIED
    | {
        200: {
            "description": "A page of events, as JSON or as NDJSON.",
            "content": {NDJSON: {"schema": {"type": "string"}, "example": LINE}},
            "headers": TEXT_HEADERS | {"Link": LINK},
        }
    },
)
async def events(
    session_id: SessionId,
    request: Request,
    caller: Caller,
    rooms: RoomsOfApp,
    bounds: BoundsAsked,
    window: WindowAsked = None,
    limit_bytes: LimitAsked = None,
    cursor: CursorAsked = None,
) -> Response:
    """The stored bytes of each event, by (timestamp, seq, position in the batch). Windows are never merged:
    node ids belong to one window. With `Accept: application/x-ndjson` an event a line, and the next page in
    the header Link. HEAD answers with the same headers."""
    form = form_of(request)
    reads_ahead = request.method != "HEAD" and form != NDJSON and "if-none-match" not in request.headers
    limit = _limit(rooms, limit_bytes)
    async with (
        # The two are asked for at the same time; what the look-up says decides.
        rooms.events.ahead(caller.tenant, session_id, window, bounds, cursor)
        if reads_ahead
        else nullcontext()
    ) as ahead:
        found = await rooms.events.window(caller.tenant, session_id, window)
        asked = rooms.events.asked(found, bounds, cursor)
        headers = caching(found.session, found.window_id, bounds, limit, cursor, form)
        if (held := unchanged(request, headers)) is not None:
            return held
        start = await rooms.events.start(asked, ahead)
        if form != NDJSON:
            if request.method == "HEAD":
                return HeadResponse(headers, form)
            page = await rooms.events.page(asked, start, limit, ahead)
            return EventsResponse(page, headers, form, rooms.settings.stall_timeout_ms)
    plan = await rooms.events.plan(asked, start, limit)
    headers |= link_to_next(request, plan.next_cursor)
    if request.method == "HEAD":
        return HeadResponse(headers, form)
    lines = await rooms.events.lines(asked, start, plan)
    return EventsResponse(lines, headers, form, rooms.settings.stall_timeout_ms)


# Documented with GET: HEAD has no body to describe.
router.head("/sessions/{session_id}/events", include_in_schema=False)(events)


def _limit(rooms: Rooms, limit_bytes: int | None) -> int:
    return min(limit_bytes or rooms.settings.page_bytes, rooms.settings.max_page_bytes)
