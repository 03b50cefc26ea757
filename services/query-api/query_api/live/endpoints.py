"""GET /v1/sessions/{s}/live."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response

from query_api.events.schemas import EVENT
from query_api.live.answer import LiveResponse
from query_api.live.arrival import Arrival, EventId
from query_api.live.messages import BEGIN, MEDIA_TYPE, batch_message, completed_message
from query_api.negotiation import media_type
from query_api.problem_answers import responses
from query_api.problems import Reason, Refusal
from query_api.rooms import RoomsOfApp
from query_api.sessions.endpoints import STORE, SessionId
from query_api.tokens.caller import REFUSALS, Caller

router = APIRouter(prefix="/v1", tags=["events"])

_EVENT_TEXT = (
    b'{"type":4,"data":{"href":"https://shop.example/cart","width":1280,"height":720},"timestamp":%d}'
)
EXAMPLE = (
    BEGIN
    + batch_message(
        EventId(Arrival(3, 41_806)),
        window_id="w_1",
        seq=12,
        received_at=1_795_500_000_310,
        events=_EVENT_TEXT % EVENT["timestamp"],
    )
    + completed_message(1_795_501_980_000)
).decode()

# As OpenAPI 3.2 describes a message of such a stream (4.14.4).
MESSAGE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "event": {"type": "string", "enum": ["batch", "completed", "message"]},
        "id": {"type": "string"},
        "data": {"type": "string"},
        "retry": {"type": "integer"},
    },
    "description": f"On the wire:\n\n{EXAMPLE}",
}
STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Server-sent events. `event: batch`, a batch each, with `data` in one line of JSON: "
        "`window_id`, `seq` (null where the client numbers nothing), `received_at` (ms, the collector's "
        "clock) and `events`, as they were recorded. `event: completed` is the last, with `completed_at`.",
        "content": {MEDIA_TYPE: {"schema": MESSAGE}},
    }
}


@router.get(
    "/sessions/{session_id}/live",
    summary="A session's batches while they arrive",
    response_class=Response,
    responses=responses(
        Reason.BAD_PARAMETER,
        *REFUSALS,
        Reason.UNKNOWN_SESSION,
        Reason.NOT_ACCEPTABLE,
        Reason.TOO_MANY_VIEWERS,
        *STORE,
    )
    | STREAM,
)
async def live(
    session_id: SessionId,
    request: Request,
    caller: Caller,
    rooms: RoomsOfApp,
    last_event_id: Annotated[
        str | None,
        Header(
            max_length=64,
            description="The `id` of the last message that you have, as it is; a browser's EventSource sends "
            "it by itself. The stream goes on behind it, and nothing is lost or doubled. Without it, it "
            "begins at each window's newest full snapshot.",
        ),
    ] = None,
) -> Response:
    """In order of arrival, windows side by side. A completed session gives what is stored, and `completed`.

    The stream is ended now and then, and when the server stops: come back with the last id. Whoever takes too
    little is told what is stored once it takes again; whoever takes nothing is cut off.
    """
    accepts = request.headers.getlist("accept")
    if media_type(",".join(accepts) if accepts else None, (MEDIA_TYPE,)) is None:
        raise Refusal(Reason.NOT_ACCEPTABLE, f"Accept: there is {MEDIA_TYPE}.")
    stream = await rooms.live.open(caller.tenant, session_id, last_event_id)
    return LiveResponse(stream, rooms.settings.stall_timeout_ms)
