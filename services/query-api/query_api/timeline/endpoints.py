"""GET /v1/sessions/{s}/timeline."""

from typing import Annotated

from fastapi import APIRouter, Query

from query_api.problem_answers import responses
from query_api.problems import Reason
from query_api.rooms import RoomsOfApp
from query_api.sessions.endpoints import STORE, SessionId
from query_api.timeline.repository import ItemRow, Thresholds
from query_api.timeline.schemas import Item, Timeline
from query_api.tokens.caller import REFUSALS, Caller
from schemas.rrweb_event import LATEST_AT

router = APIRouter(prefix="/v1", tags=["timeline"])

MOST_ITEMS = 5_000
HOUR_MS = 3_600_000


@router.get(
    "/sessions/{session_id}/timeline",
    summary="What happened in a session, and when",
    response_model=Timeline,
    responses=responses(Reason.BAD_PARAMETER, *REFUSALS, Reason.UNKNOWN_SESSION, *STORE),
)
async def timeline(
    session_id: SessionId,
    caller: Caller,
    rooms: RoomsOfApp,
    rage_clicks: Annotated[
        int, Query(ge=2, le=20, description="So many clicks in one place are a rage click.")
    ] = 3,
    rage_within_ms: Annotated[
        int, Query(ge=1, le=60_000, description="Within so long, from the first to the last of them.")
    ] = 1_000,
    rage_within_px: Annotated[
        int, Query(ge=0, le=1_000, description="So far apart at most, across and down.")
    ] = 30,
    dead_after_ms: Annotated[
        int, Query(ge=1, le=60_000, description="A click is dead where the page does nothing for so long.")
    ] = 1_000,
    quick_back_within_ms: Annotated[
        int, Query(ge=1, le=HOUR_MS, description="Back at the page before within so long is a quick-back.")
    ] = 10_000,
    idle_after_ms: Annotated[
        int, Query(ge=1, le=24 * HOUR_MS, description="A visitor who does nothing for so long is idle.")
    ] = 10_000,
    input_pause_ms: Annotated[
        int, Query(ge=0, le=HOUR_MS, description="Typing into one field is one input until such a pause.")
    ] = 2_000,
    from_at: Annotated[
        int, Query(alias="from", ge=0, le=LATEST_AT, description="Only from this moment on.")
    ] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST_ITEMS, description="At most so many items.")] = MOST_ITEMS,
) -> Timeline:
    """Clicks, inputs, page views, errors, custom events, friction, idle stretches, and changes of window."""
    thresholds = Thresholds(
        rage_clicks=rage_clicks,
        rage_within_ms=rage_within_ms,
        rage_within_px=rage_within_px,
        dead_after_ms=dead_after_ms,
        quick_back_within_ms=quick_back_within_ms,
        idle_after_ms=idle_after_ms,
        input_pause_ms=input_pause_ms,
    )
    rows, more = await rooms.timeline.items(
        caller.tenant, session_id, thresholds, from_at=from_at, limit=limit
    )
    return Timeline(items=[item_of(row) for row in rows], more=more)


def item_of(row: ItemRow) -> Item:
    return Item(
        kind=row.kind,
        at=row.at_ms,
        until_at=row.until_at_ms,
        window_id=row.window_id,
        node_id=row.node_id,
        x=row.x,
        y=row.y,
        name=row.name,
        text=row.text,
    )
