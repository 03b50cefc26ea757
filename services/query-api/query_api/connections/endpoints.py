"""GET /v1/connections."""

from fastapi import APIRouter

from query_api.connections.schemas import Connection, Connections
from query_api.problem_answers import responses
from query_api.problems import Reason
from query_api.rooms import RoomsOfApp
from query_api.tokens.caller import REFUSALS, Caller

router = APIRouter(prefix="/v1", tags=["connections"])


@router.get(
    "/connections",
    summary="The caller's connections",
    response_model=Connections,
    responses=responses(*REFUSALS, Reason.NOT_READY),
)
async def list_connections(caller: Caller, rooms: RoomsOfApp) -> Connections:
    """A connection is one widget installation; its sessions are listed under its id."""
    found = rooms.connections.of_tenant(caller.tenant)
    return Connections(connections=[Connection(id=c.id, name=c.name, created_at=c.created_at) for c in found])
