"""GET /v1/sessions/{s}/timeline."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query
from pydantic import Field

from query_api.friction.parameters import HOUR_MS, FrictionThresholdParameters
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

_DEFAULTS = Thresholds()


class TimelineParameters(FrictionThresholdParameters):
    idle_after_ms: int = Field(
        _DEFAULTS.idle_after_ms,
        ge=1,
        le=24 * HOUR_MS,
        description="A visitor who does nothing for so long (ms) is idle.",
        examples=[10_000],
    )
    input_pause_ms: int = Field(
        _DEFAULTS.input_pause_ms,
        ge=0,
        le=HOUR_MS,
        description="Typing into one field is one input until a pause that is longer than this (ms).",
        examples=[2_000],
    )
    from_: int = Field(
        0,
        alias="from",
        ge=0,
        le=LATEST_AT,
        description="Only from this moment on (ms, the visitor's clock).",
        examples=[1_795_500_030_000],
    )
    limit: int = Field(
        MOST_ITEMS, ge=1, le=MOST_ITEMS, description="At most so many items.", examples=[1_000]
    )

    def thresholds(self) -> Thresholds:
        return msgspec.convert(self.model_dump(exclude={"from_", "limit"}), Thresholds)


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
    asked: Annotated[TimelineParameters, Query()],
) -> Timeline:
    """Clicks, inputs, page views, errors, custom events, friction, idle stretches, and changes of window."""
    rows, more = await rooms.timeline.items(
        caller.tenant, session_id, asked.thresholds(), from_at=asked.from_, limit=asked.limit
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
