"""GET /healthz, /readyz, /metrics: for whoever runs the service."""

from typing import Literal

import msgspec
from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, ConfigDict, Field

from query_api.clickhouse import ClickHouse
from query_api.metrics import REGISTRY
from query_api.problems import Refusal
from query_api.rooms import RoomsOfApp

router = APIRouter(tags=["operation"])


class Health(BaseModel):
    status: Literal["ok"]


class Readiness(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"ready": True, "connections": True, "clickhouse": True, "tokens": True}]
        }
    )

    ready: bool = Field(description="All of the below.")
    connections: bool = Field(description="The connections have been read from Kafka.")
    clickhouse: bool = Field(description="ClickHouse answers.")
    tokens: bool = Field(description="The tokens file has been read, or the keys of the sign-on.")


@router.get("/healthz", summary="The process is alive", response_model=Health)
async def healthz() -> Health:
    return Health(status="ok")


@router.get(
    "/readyz",
    summary="Calls can be answered",
    response_model=Readiness,
    responses={503: {"model": Readiness, "description": "Not yet, or not now."}},
)
async def readyz(rooms: RoomsOfApp, response: Response) -> Readiness:
    connections = rooms.connection_reader.caught_up
    tokens = await rooms.authentication.ready()
    clickhouse = await _answers(rooms.clickhouse)
    ready = connections and clickhouse and tokens
    response.status_code = 200 if ready else 503
    return Readiness(ready=ready, connections=connections, clickhouse=clickhouse, tokens=tokens)


@router.get(
    "/metrics",
    summary="Metrics for Prometheus",
    response_class=Response,
    responses={
        200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "Prometheus text."}
    },
)
async def metrics() -> Response:
    return Response(generate_latest(REGISTRY), headers={"Content-Type": CONTENT_TYPE_LATEST})


class _One(msgspec.Struct):
    one: int


async def _answers(clickhouse: ClickHouse) -> bool:
    try:
        await clickhouse.select("ready", "SELECT 1 AS one FROM sessions LIMIT 0", {}, _One)
    except Refusal:
        return False
    return True
