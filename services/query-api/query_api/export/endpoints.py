"""GET and HEAD /v1/sessions/{s}/export."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from query_api.events.answer import EventsResponse, HeadResponse, caching, unchanged
from query_api.events.endpoints import EVENT_REFUSALS, NOT_MODIFIED, TEXT_HEADERS, BoundsAsked, WindowAsked
from query_api.events.forms import JSON, NDJSON, ArrayForm, LinesForm
from query_api.events.schemas import EVENT, LINE, Event
from query_api.export.forms import FormName, export_form
from query_api.export.page import HTML, begin
from query_api.problem_answers import responses
from query_api.problems import Reason
from query_api.rooms import Rooms, RoomsOfApp
from query_api.sessions.endpoints import SessionId, one_session
from query_api.tokens.caller import Caller

router = APIRouter(prefix="/v1", tags=["events"])

FILE_ENDINGS = {JSON: "json", NDJSON: "ndjson", HTML: "html"}

FormAsked = Annotated[
    FormName | None,
    Query(description="As Accept, for links: `json`, `ndjson`, or `html`, a page that plays by itself."),
]


@router.get(
    "/sessions/{session_id}/export",
    summary="A session as a file: for rrweb-player, for tools, or a page that plays by itself",
    response_model=list[Event],
    responses=responses(*EVENT_REFUSALS, Reason.EXPORT_TOO_LARGE)
    | NOT_MODIFIED
    | {
        200: {
            "description": "All events, as a JSON array, as NDJSON, or as an HTML page.",
            "content": {
                JSON: {"example": [EVENT]},
                NDJSON: {"schema": {"type": "string"}, "example": LINE},
                HTML: {"schema": {"type": "string"}, "example": "<!doctype html>…"},
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
    form: FormAsked = None,
) -> Response:
    """Events in one answer, each in its stored bytes and in the order of `/events`. As JSON and NDJSON a
    window's: without `window` those of the first that can be played. As HTML every window's, each in a tab of
    a page that plays offline, calls nobody and lets nothing recorded run; no more than the server's limit.
    `playhead import` takes all three back. HEAD answers with the same headers."""
    accepts = request.headers.getlist("accept")
    chosen = export_form(form, ",".join(accepts) if accepts else None)
    if chosen == HTML:
        return await _page(session_id, request, caller, rooms, bounds, window)
    found = await rooms.export.window(caller.tenant, session_id, window)
    asked = rooms.events.asked(found, bounds)
    headers = caching(found.session, "export", found.window_id, bounds, chosen)
    headers |= _named(f"{found.session.session_id}-{found.window_id}", chosen)
    if (held := unchanged(request, headers)) is not None:
        return held
    if request.method == "HEAD":
        await rooms.events.start(asked)
        return HeadResponse(headers, chosen)
    written = LinesForm() if chosen == NDJSON else ArrayForm()
    stream = await rooms.export.stream(asked, written, rooms.settings.max_page_bytes)
    return EventsResponse(stream, headers, chosen, rooms.settings.stall_timeout_ms)


async def _page(
    session_id: str, request: Request, caller: Caller, rooms: Rooms, bounds: BoundsAsked, window: str | None
) -> Response:
    player = await rooms.player_files.player()
    found = await rooms.export.windows(caller.tenant, session_id, window)
    session = found[0].session
    every = [rooms.events.asked(each, bounds) for each in found]
    headers = caching(session, "export", window, bounds, HTML, player.digest)
    headers |= _named(session.session_id, HTML)
    if (held := unchanged(request, headers)) is not None:
        return held
    detail = await one_session(session_id, caller, rooms)
    if request.method == "HEAD":
        return HeadResponse(headers, HTML)
    title = f"{session.landing_url or 'A session'} · Playhead"
    opening = begin(player, title, detail.model_dump_json().encode())
    stream = await rooms.export.page(every, player, opening, rooms.settings.max_page_bytes)
    return EventsResponse(stream, headers, HTML, rooms.settings.stall_timeout_ms)


def _named(name: str, form: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="playhead-{name}.{FILE_ENDINGS[form]}"'}


# Documented with GET: HEAD has no body to describe.
router.head("/sessions/{session_id}/export", include_in_schema=False)(export)
