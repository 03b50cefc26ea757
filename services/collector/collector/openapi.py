"""The OpenAPI document of the endpoints that take events, made from the table of refusals.

Pure. FastAPI describes the other endpoints; these are not FastAPI's (see `ingest`, `official_client.posts`).
"""

from http import HTTPStatus
from typing import Any

from collector.parameters import SEQ_MAX
from collector.problems import MEDIA_TYPE, Reason
from schemas.rrweb_event import LATEST_AT

Schema = dict[str, Any]

INGEST_REASONS = (
    Reason.malformed_json,
    Reason.invalid_event,
    Reason.empty_batch,
    Reason.bad_parameter,
    Reason.unknown_key,
    Reason.origin_not_allowed,
    Reason.consent_missing,
    Reason.connection_paused,
    Reason.slow_body,
    Reason.batch_too_large,
    Reason.unsupported_encoding,
    Reason.rate_limited,
    Reason.internal_error,
    Reason.broker_unavailable,
    Reason.overloaded,
)

_NAME: Schema = {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"}
_FLAG: Schema = {"type": "string", "enum": ["0", "1"]}


def _parameter(name: str, schema: Schema, text: str, *, required: bool = False) -> Schema:
    return {"name": name, "in": "query", "required": required, "description": text, "schema": schema}


PARAMETERS = [
    _parameter("key", {"type": "string"}, "Public write key of a connection.", required=True),
    _parameter("visitor", _NAME, "The browser.", required=True),
    _parameter("window", _NAME, "The tab's recorder.", required=True),
    _parameter(
        "seq",
        {"type": "integer", "minimum": 0, "maximum": SEQ_MAX},
        "0, 1, 2 … per window; a retry keeps its number. Without it the batch is known by its hash.",
    ),
    _parameter(
        "sent_at",
        {"type": "integer", "minimum": 0, "maximum": LATEST_AT},
        "The client's clock when it sent, ms since the epoch.",
    ),
    _parameter("final", _FLAG, "1: the window is closing."),
    _parameter("consent", _FLAG, "1: the visitor agreed; needed where the connection asks for consent."),
    _parameter(
        "encoding",
        {"type": "string", "enum": ["identity", "gzip", "deflate", "zstd"]},
        "How the body is compressed, where Content-Encoding cannot be set (beacons).",
    ),
]

EVENT: Schema = {
    "type": "object",
    "description": "An rrweb event; unknown types and members are kept as they are.",
    "required": ["type", "timestamp"],
    "properties": {
        "type": {"type": "integer", "minimum": 0, "maximum": 65_535},
        "timestamp": {"type": "number", "minimum": 0, "maximum": LATEST_AT},
        "data": {},
    },
}
_EVENTS: Schema = {"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/Event"}}

ACCEPTED: Schema = {
    "type": "object",
    "required": ["accepted", "batch"],
    "properties": {
        "accepted": {"type": "integer", "minimum": 1, "description": "Events of the batch."},
        "batch": {"type": "string", "pattern": "^[0-9a-f]{32}$", "description": "The batch's id."},
    },
}


RECORDING_PATH = "/recordings/{recording}/events"
RECORDING_PARAMETERS: list[Schema] = [
    {
        "name": "recording",
        "in": "path",
        "required": True,
        "description": "The recording id: the visitor, and the window.",
        "schema": _NAME,
    },
    _parameter("consent", _FLAG, "1: the visitor agreed; needed where the connection asks for consent."),
]

SECURITY_SCHEMES: Schema = {
    "writeKey": {
        "type": "http",
        "scheme": "bearer",
        "description": "The public write key of a connection. On the other endpoints it is in the query.",
    }
}


def problem_schema(reasons: tuple[Reason, ...]) -> Schema:
    """The body of a refusal for one of these reasons."""
    return {
        "type": "object",
        "required": ["type", "title", "status", "detail", "reason"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "reason": {"type": "string", "enum": [reason.name for reason in reasons]},
            "index": {
                "type": "integer",
                "description": "Position of the event, from 0; only with invalid_event.",
            },
        },
    }


def problem_responses(*reasons: Reason) -> dict[int | str, Schema]:
    """The `responses` of an operation that refuses for these reasons, a status each."""
    by_status: dict[int, list[Reason]] = {}
    for reason in reasons:
        by_status.setdefault(reason.status, []).append(reason)
    return {status: _response(status, tuple(of_status)) for status, of_status in sorted(by_status.items())}


def _response(status: int, reasons: tuple[Reason, ...]) -> Schema:
    lines = [f"- `{reason.name}`: {reason.value.title}. {reason.value.text}" for reason in reasons]
    response: Schema = {
        "description": "\n".join([HTTPStatus(status).phrase, "", *lines]),
        "content": {MEDIA_TYPE: {"schema": problem_schema(reasons)}},
    }
    if status in (429, 503):
        response["headers"] = {
            "Retry-After": {"description": "Seconds.", "schema": {"type": "integer", "minimum": 1}}
        }
    return response


def _responses() -> Schema:
    refusals = {str(status): response for status, response in problem_responses(*INGEST_REASONS).items()}
    return {
        "202": {
            "description": "The log has the batch.",
            "content": {"application/json": {"schema": ACCEPTED}},
        },
        **refusals,
    }


def recording_operation() -> Schema:
    """The operation `POST /recordings/{id}/events`."""
    return {
        "operationId": "post_recording_events",
        "summary": "Send events of a recording of @rrweb/browser-client",
        "description": "202 is answered only once the log has the events on all in-sync replicas. Events "
        "that were sent before, in whatever company, are known by their hashes. Every answer carries CORS "
        "headers. The client's WebSocket is beside it, `/recordings/{recording}/events/ws?token=`: an event "
        "a message.",
        "security": [{"writeKey": []}],
        "parameters": RECORDING_PARAMETERS,
        "requestBody": {
            "required": True,
            "content": {
                "application/x-ndjson": {"schema": {"type": "string", "description": "An event a line."}},
                "application/json": {"schema": _EVENTS},
                "text/plain": {"schema": {"type": "string", "description": "Either of these."}},
            },
        },
        "responses": _responses(),
    }


def batches_operation() -> Schema:
    """The operation `POST /v1/batches`."""
    return {
        "operationId": "post_batch",
        "summary": "Send a batch of rrweb events of one window",
        "description": "202 is answered only once the log has the batch on all in-sync replicas. A batch "
        "that was sent before (same window and seq) is a 202 too. Every answer carries CORS headers.",
        "parameters": PARAMETERS,
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {
                        "anyOf": [
                            _EVENTS,
                            {"type": "object", "required": ["events"], "properties": {"events": _EVENTS}},
                        ]
                    }
                },
                "application/x-ndjson": {"schema": {"type": "string", "description": "An event a line."}},
                "text/plain": {
                    "schema": {"type": "string", "description": "Any of the forms, without a preflight."}
                },
            },
        },
        "responses": _responses(),
    }
