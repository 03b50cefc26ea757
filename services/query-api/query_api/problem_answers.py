"""Refusals over HTTP: application/problem+json for whatever goes wrong, and its part of the OpenAPI."""

import re
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from query_api import metrics
from query_api.problems import Reason, Refusal, problem_of

MEDIA_TYPE = "application/problem+json"
# Who may not hear of a token's state from a cache may not hear of a refusal either.
HEADERS = {"Cache-Control": "no-store"}

log = structlog.get_logger(__name__)

_NAME = re.compile(r"[a-z_]{1,32}")


def answer(refusal: Refusal, headers: dict[str, str] | None = None) -> Response:
    metrics.REFUSALS.labels(str(refusal.reason)).inc()
    headers = HEADERS | (headers or {})
    if refusal.facts.retry_after_s is not None:
        headers["Retry-After"] = str(refusal.facts.retry_after_s)
    if refusal.facts.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    body = problem_of(refusal).model_dump_json()
    return Response(body, refusal.facts.status, headers, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Whatever goes wrong in `app` leaves it as a problem."""

    @app.exception_handler(Refusal)
    async def refused(request: Request, error: Refusal) -> Response:
        return answer(error)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        return answer(Refusal(Reason.BAD_PARAMETER, _what_is_invalid(error)))

    @app.exception_handler(HTTPException)
    async def unrouted(request: Request, error: HTTPException) -> Response:
        by_status = {404: Reason.UNKNOWN_PATH, 405: Reason.METHOD_NOT_ALLOWED, 400: Reason.BAD_PARAMETER}
        reason = by_status.get(error.status_code)
        if reason is None:
            raise error
        detail = str(error.detail) if reason is Reason.BAD_PARAMETER else None
        return answer(Refusal(reason, detail), dict(error.headers or {}))

    @app.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> Response:
        log.error("a call failed", path=request.url.path, exc_info=error)
        return answer(Refusal(Reason.INTERNAL_ERROR))


def _what_is_invalid(error: RequestValidationError) -> str:
    """Names each wrong field and why; never repeats what was sent (it may be a token, or a megabyte)."""
    return "; ".join(f"{_where(each)}: {each['msg']}" for each in error.errors()[:5])


def _where(found: dict[str, Any]) -> str:
    parts = [str(part) for part in found["loc"]]
    # The name of a field that is not known was sent too.
    if found["type"] == "extra_forbidden" and not _NAME.fullmatch(parts[-1]):
        parts[-1] = "?"
    return ".".join(parts)


def responses(*reasons: Reason) -> dict[int | str, dict[str, Any]]:
    """The refusals of a call for its OpenAPI entry, one entry a status with an example a reason."""
    by_status: dict[int | str, dict[str, Any]] = {}
    for reason in reasons:
        refusal = Refusal(reason)
        entry = by_status.setdefault(
            refusal.facts.status,
            {
                "description": refusal.facts.title,
                "content": {MEDIA_TYPE: {"schema": _PROBLEM_SCHEMA, "examples": {}}},
            },
        )
        example = {"summary": refusal.facts.title, "value": problem_of(refusal).model_dump(mode="json")}
        entry["content"][MEDIA_TYPE]["examples"][str(reason)] = example
        if refusal.facts.retry_after_s is not None:
            entry["headers"] = {
                "Retry-After": {
                    "description": "Seconds to wait before the next try.",
                    "schema": {"type": "integer"},
                }
            }
    return by_status


_PROBLEM_SCHEMA = {"$ref": "#/components/schemas/Problem"}
