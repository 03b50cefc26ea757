"""GET and HEAD /v1/sessions/{s}/export."""

from fastapi import APIRouter, Request, Response

from query_api.events.answer import EventsResponse, HeadResponse, caching, form_of, unchanged
from query_api.events.endpoints import EVENT_REFUSALS, NOT_MODIFIED, TEXT_HEADERS, BoundsAsked, WindowAsked
from query_api.events.forms import JSON, NDJSON, ArrayForm, LinesForm
from query_api.events.schemas import EVENT, LINE, Event
from query_api.problem_answers import responses
from query_api.rooms import RoomsOfApp
from query_api.sessions.endpoints import SessionId
from query_api.tokens.caller import Caller

router = APIRouter(prefix="/v1", tags=["events"])

FILE_ENDINGS = {JSON: "json", NDJSON: "ndjson"}


@router.get(
    "/sessions/{session_id}/export",
    summary="A window as a file that rrweb-player plays",
    response_model=list[Event],
    responses=responses(*EVENT_REFUSALS)
    | NOT_MODIFIED
    | {
        200: {
            "description": "All events, as a JSON array or as NDJSON.",
            "content": {
                JSON: {"example": [EVENT]},
                NDJSON: {"schema": {"type": "string"}, "example": LINE},
            },
            "headers": TEXT_HEADERS
            | {
                "Content-Disposition": {
                    "description": "A name for the file.",
                    "schema": {"type": "string"},
                }
            },
        }
    },
)
async def export(
    session_id: SessionId,
    request: Request,
    caller: Caller,
    rooms: RoomsOfApp,
    bounds: BoundsAsked,
    window: WindowAsked = None,
) -> Response:
    """A window's events in one answer, each in its stored bytes and in the order of `/events`; without
    `window` those of the first that can be played. `playhead import` takes both forms back. HEAD answers
    with the same headers."""
    form = form_of(request)
    found = await rooms.export.window(caller.tenant, session_id, window)
    asked = rooms.events.asked(found, bounds)
    name = f"playhead-{found.session.session_id}-{found.window_id}.{FILE_ENDINGS[form]}"
    headers = caching(found.session, "export", found.window_id, bounds, form)
    headers["Content-Disposition"] = f'attachment; filename="{name}"'
    if (held := unchanged(request, headers)) is not None:
        return held
    if request.method == "HEAD":
        await rooms.events.start(asked)
        return HeadResponse(headers, form)
    written = LinesForm() if form == NDJSON else ArrayForm()
    stream = await rooms.export.stream(asked, written, rooms.settings.page_bytes)
    return EventsResponse(stream, headers, form, rooms.settings.stall_timeout_ms)


# Documented with GET: HEAD has no body to describe.
router.head("/sessions/{session_id}/export", include_in_schema=False)(export)
