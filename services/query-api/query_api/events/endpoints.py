"""GET /v1/sessions/{s}/events."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Header, Query, Response
from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from query_api import metrics
from query_api.cursor import MAX_LENGTH
from query_api.events.schemas import Events
from query_api.events.service import PageStream, Window
from query_api.problem_answers import responses
from query_api.problems import Reason, Refusal
from query_api.rooms import RoomsOfApp
from query_api.sessions.endpoints import STORE, SessionId
from query_api.tokens.caller import REFUSALS, Caller

router = APIRouter(prefix="/v1", tags=["events"])

SMALLEST_PAGE_BYTES = 1


@router.get(
    "/sessions/{session_id}/events",
    summary="The ordered events of a window",
    response_model=Events,
    responses=responses(
        Reason.BAD_PARAMETER, *REFUSALS, Reason.UNKNOWN_SESSION, Reason.UNKNOWN_WINDOW, *STORE
    )
    | {304: {"description": "Nothing has changed since the answer with this ETag."}},
)
async def events(
    session_id: SessionId,
    caller: Caller,
    rooms: RoomsOfApp,
    window: Annotated[
        str | None, Query(max_length=64, description="The window; without it the session's first.")
    ] = None,
    limit_bytes: Annotated[
        int | None,
        Query(
            ge=SMALLEST_PAGE_BYTES,
            description="A page ends before the batch that would take it past so many bytes; it holds at "
            "least one batch, or one event where batches overlap in time. A larger page than the server "
            "allows is cut down.",
        ),
    ] = None,
    cursor: Annotated[
        str | None, Query(max_length=MAX_LENGTH, description="`next_cursor` of the page before, as it is.")
    ] = None,
    if_none_match: Annotated[
        str | None, Header(description="The ETag of an answer that the caller holds.")
    ] = None,
) -> Response:
    """The stored bytes of each event, by (timestamp, seq, position in the batch). Windows are never merged:
    node ids belong to one window."""
    found = await rooms.events.window(caller.tenant, session_id, window)
    after = rooms.events.place(found, cursor)
    limit = min(limit_bytes or rooms.settings.page_bytes, rooms.settings.max_page_bytes)
    headers = caching(found, limit, cursor)
    if if_none_match is not None and headers.get("ETag") in [tag.strip() for tag in if_none_match.split(",")]:
        return Response(status_code=304, headers=headers)
    page = await rooms.events.page(found, after, limit)
    return PageResponse(page, headers, rooms.settings.stall_timeout_ms)


def caching(window: Window, limit_bytes: int, cursor: str | None) -> dict[str, str]:
    """A completed session seldom changes, but a late batch is added to it (rule 5): so it may be kept, and
    must be asked for again with its ETag, which costs one look-up."""
    if window.session.status != "completed":
        return {"Cache-Control": "no-store"}
    # Weak, as the same answer travels compressed in different ways.
    tag = f'W/"{window.session.version}-{window.window_id}-{limit_bytes}-{cursor or ""}"'
    return {"Cache-Control": "private, no-cache", "ETag": tag}


class PageResponse(StreamingResponse):
    """A page in pieces, which gives up on a client that takes nothing, for it holds a query open."""

    media_type = "application/json"

    def __init__(self, page: PageStream, headers: dict[str, str], stall_timeout_ms: int) -> None:
        super().__init__(aiter(page), headers=headers)
        self._page = page
        self._stall_timeout_s = stall_timeout_ms / 1000

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def patient_send(message: Message) -> None:
            async with asyncio.timeout(self._stall_timeout_s):
                await send(message)

        try:
            await super().__call__(scope, receive, patient_send)
        finally:
            await self._page.aclose()

    async def stream_response(self, send: Send) -> None:
        try:
            await super().stream_response(send)
        except TimeoutError:
            metrics.EVENT_PAGES_BROKEN.labels("client_stalled").inc()
            raise
        except Refusal as refusal:
            # The answer has begun; all that is left is to break it off where the client sees it.
            metrics.EVENT_PAGES_BROKEN.labels(str(refusal.reason)).inc()
            raise
