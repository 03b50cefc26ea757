"""GET /v1/connections/{c}/sessions/friction."""

from typing import Annotated
from uuid import UUID

import msgspec
from fastapi import APIRouter, Query
from pydantic import Field

from query_api.friction.parameters import FrictionThresholdParameters
from query_api.friction.schemas import SessionFriction, SessionsFriction
from query_api.friction.thresholds import FrictionThresholds
from query_api.problem_answers import responses
from query_api.problems import Reason
from query_api.rooms import RoomsOfApp
from query_api.sessions.endpoints import STORE, ConnectionId
from query_api.tokens.caller import REFUSALS, Caller

router = APIRouter(prefix="/v1", tags=["sessions"])

MOST_SESSIONS = 100


class FrictionParameters(FrictionThresholdParameters):
    session: list[UUID] = Field(
        min_length=1,
        max_length=MOST_SESSIONS,
        description="A session's id; given several times, of each of them.",
        examples=[["019abf3c-5d80-7c3e-9f21-6b8d0e4a7c55"]],
    )

    def thresholds(self) -> FrictionThresholds:
        return msgspec.convert(self.model_dump(exclude={"session"}), FrictionThresholds)


@router.get(
    "/connections/{connection_id}/sessions/friction",
    summary="How much friction each of some sessions has",
    response_model=SessionsFriction,
    responses=responses(Reason.BAD_PARAMETER, *REFUSALS, Reason.UNKNOWN_CONNECTION, *STORE),
)
async def friction(
    connection_id: ConnectionId,
    caller: Caller,
    rooms: RoomsOfApp,
    asked: Annotated[FrictionParameters, Query()],
) -> SessionsFriction:
    """What the timeline of each of them shows, counted: for the badges of a list that comes before them."""
    rows = await rooms.friction.counts(caller.tenant, connection_id, asked.session, asked.thresholds())
    return SessionsFriction(sessions=[SessionFriction(**msgspec.structs.asdict(row)) for row in rows])
