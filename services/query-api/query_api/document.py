"""The OpenAPI document, made true where FastAPI's own is not."""

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from query_api.events.schemas import Events
from query_api.playability.schemas import WindowPlayability
from query_api.problems import Problem
from query_api.sessions.schemas import Session, Sessions, SessionWithWindows
from query_api.shares.schemas import MadeShare, Share, Shares
from query_api.timeline.schemas import Item, Timeline

# FastAPI drops every null from its document, also from examples, where a null is what the field holds.
EXAMPLES_WITH_NULLS: tuple[type[BaseModel], ...] = (
    Events,
    Session,
    Sessions,
    SessionWithWindows,
    WindowPlayability,
    Session,
    Sessions,
    SessionWithWindows,
    Share,
    Shares,
    MadeShare,
    Item,
    Timeline,
)


def install(app: FastAPI) -> None:
    made = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _complete(made())
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _complete(document: dict[str, Any]) -> dict[str, Any]:
    schemas = document["components"]["schemas"]
    # Refusals are problems here, never FastAPI's own 422.
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for path in document["paths"].values():
        for operation in path.values():
            operation["responses"].pop("422", None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs")
    schemas["Problem"] = problem
    for model in EXAMPLES_WITH_NULLS:
        schemas[model.__name__]["examples"] = model.model_json_schema()["examples"]
    return document
