"""The collector as an ASGI application: the hot path, and around it a FastAPI app for everything else.

Wires the parts together; decides nothing.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from collector import cors, metrics, openapi
from collector.access import ACCESS
from collector.admit import BytesInFlight
from collector.connections import ConnectionReader
from collector.ingest import PATH, Ingest
from collector.intake import Intake
from collector.official_client import address
from collector.official_client.open_sockets import OpenSockets
from collector.official_client.posts import Posts
from collector.official_client.sockets import Sockets, not_found
from collector.official_client.windows import Windows
from collector.problems import Reason, Refused, body_of, headers_of
from collector.publish import Publisher
from collector.recorder import RecorderFile
from collector.server import Stop
from collector.settings import Settings
from schemas import topic


class RecorderConfig(BaseModel):
    """What a recorder has to know of its connection before it starts."""

    record: bool
    """False while the connection is paused or the page's origin may not send."""
    sample_rate: float
    mask_all_text: bool
    consent_required: bool
    gap_ms: int


class Health(BaseModel):
    status: str


class Ready(BaseModel):
    ready: bool
    waiting_for: list[str]
    """`connections`, `producer`: what the broker has not given yet. `stop`: the process is being stopped."""


def build(settings: Settings, stop: Stop) -> "Dispatch":
    """The application. It starts without a broker, and is ready once it has reached one."""
    ACCESS.one_in = settings.access_log_one_in
    in_flight = BytesInFlight(settings.max_in_flight_bytes)
    metrics.IN_FLIGHT_BYTES.set_function(lambda: in_flight.now_bytes)
    connections = ConnectionReader(settings.kafka_bootstrap)
    publisher = Publisher(
        settings.kafka_bootstrap,
        topic.BATCHES,
        max_record_bytes=settings.max_record_bytes,
        timeout_s=settings.publish_timeout_ms / 1_000,
        in_flight=in_flight,
    )
    metrics.PRODUCER_UP.set_function(lambda: float(publisher.up))
    intake = Intake(settings, connections, publisher, in_flight)
    windows = Windows()
    open_sockets = OpenSockets(
        most=settings.max_sockets, most_waiting_bytes=settings.max_socket_waiting_bytes
    )
    metrics.SOCKETS_OPEN.set_function(lambda: len(open_sockets))
    metrics.SOCKET_WAITING_BYTES.set_function(lambda: open_sockets.waiting.now_bytes)
    return Dispatch(
        Ingest(intake),
        Posts(intake, windows),
        Sockets(settings, intake, windows, open_sockets),
        _rest(settings, intake, connections, publisher, stop),
        open_sockets,
    )


class Dispatch:
    """The hot path first, preflights without any routing, CORS headers on whatever the rest answers."""

    def __init__(
        self,
        ingest: ASGIApp,
        recording_posts: ASGIApp,
        recording_sockets: ASGIApp,
        rest: ASGIApp,
        open_sockets: OpenSockets,
    ):
        self._ingest = ingest
        self._recording_posts = recording_posts
        self._recording_sockets = recording_sockets
        self._rest = rest
        self.open_sockets = open_sockets
        """For whoever stops the server: they end before it does."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            served = address.SOCKET.fullmatch(scope["path"])
            await (self._recording_sockets if served else not_found)(scope, receive, send)
        elif scope["type"] != "http":
            await self._rest(scope, receive, send)
        elif scope["method"] == "POST" and scope["path"] == PATH:
            await self._ingest(scope, receive, send)
        elif scope["method"] == "POST" and address.POST.fullmatch(scope["path"]):
            await self._recording_posts(scope, receive, send)
        elif scope["method"] == "OPTIONS":
            asked = {name: value for name, value in scope["headers"] if name in _PREFLIGHT_HEADERS}
            headers = cors.preflight(asked.get(b"origin"), asked.get(b"access-control-request-headers"))
            await send({"type": "http.response.start", "status": 204, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
        else:
            await self._rest(scope, receive, _with_cors(scope, send))


_PREFLIGHT_HEADERS = frozenset({b"origin", b"access-control-request-headers"})


def _with_cors(scope: Scope, send: Send) -> Send:
    origin = next((value for name, value in scope["headers"] if name == b"origin"), None)

    async def send_with_cors(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=list(message["headers"]))
            for name, value in cors.headers(origin):
                if name == b"vary":
                    headers.add_vary_header(value.decode())
                else:
                    headers[name.decode()] = value.decode("latin-1")
            message = {**message, "headers": headers.raw}
        await send(message)

    return send_with_cors


def _rest(
    settings: Settings, intake: Intake, connections: ConnectionReader, publisher: Publisher, stop: Stop
) -> FastAPI:
    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(connections.run()), asyncio.create_task(publisher.run())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    app = FastAPI(
        title="Playhead collector",
        version="1",
        description="Takes batches of rrweb events from pages and puts them into the log.",
        lifespan=lifespan,
    )
    recorder = RecorderFile(settings.recorder_path)

    @app.get("/healthz", tags=["operation"])
    async def healthz() -> Health:
        """The process is alive."""
        return Health(status="ok")

    @app.get("/readyz", tags=["operation"], responses={503: {"model": Ready}})
    async def readyz(response: Response) -> Ready:
        """Batches can be taken: the connections are read and a producer has reached the broker."""
        waiting_for = [
            name
            for name, there in (
                ("connections", connections.caught_up),
                ("producer", publisher.up),
                ("stop", not stop.begun),
            )
            if not there
        ]
        if waiting_for:
            response.status_code = 503
            response.headers["retry-after"] = str(settings.retry_after_s)
        return Ready(ready=not waiting_for, waiting_for=waiting_for)

    @app.get(
        "/metrics",
        tags=["operation"],
        response_class=Response,
        responses={200: {"content": {"text/plain": {}}}},
    )
    async def show_metrics() -> Response:
        """Prometheus metrics."""
        return Response(generate_latest(), headers={"content-type": CONTENT_TYPE_LATEST})

    @app.head("/recorder.js", include_in_schema=False)
    @app.get(
        "/recorder.js",
        tags=["recorder"],
        response_class=Response,
        responses={
            200: {"content": {"text/javascript": {}}, "description": "The script."},
            304: {"description": "The browser's copy is current."},
            **openapi.problem_responses(Reason.not_found),
        },
    )
    async def recorder_js(request: Request) -> Response:
        """The recorder, for a page's script tag."""
        try:
            script = recorder.read()
        except FileNotFoundError as error:
            raise Refused(Reason.not_found, str(error)) from None
        headers = {
            "etag": f'"{script.etag}"',
            "cache-control": f"public, max-age={settings.recorder_max_age_s}, stale-while-revalidate=86400",
            "cross-origin-resource-policy": "cross-origin",
            "vary": "accept-encoding",
        }
        if script.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        headers["content-type"] = "text/javascript; charset=utf-8"
        headers["x-content-type-options"] = "nosniff"
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(script.gzipped, headers={**headers, "content-encoding": "gzip"})
        return Response(script.content, headers=headers)

    @app.get(
        "/v1/recorder-config",
        tags=["recorder"],
        responses=openapi.problem_responses(
            Reason.bad_parameter, Reason.unknown_key, Reason.broker_unavailable, Reason.internal_error
        ),
    )
    async def recorder_config(
        request: Request, response: Response, key: Annotated[str, Query(description="Public write key.")]
    ) -> RecorderConfig:
        """The settings of a connection that its recorder needs."""
        connection = intake.connection_of(key)
        origin = request.headers.get("origin")
        allowed = not connection.allowed_origins or origin in connection.allowed_origins
        response.headers["cache-control"] = "private, max-age=60"
        return RecorderConfig(
            record=allowed and not connection.paused,
            sample_rate=connection.sample_rate,
            mask_all_text=connection.mask_all_text,
            consent_required=connection.consent_required,
            gap_ms=connection.gap_ms,
        )

    _answer_problems(app, settings.retry_after_s)
    _describe_ingest(app)
    return app


def _answer_problems(app: FastAPI, retry_after_s: int) -> None:
    """Whatever goes wrong in the FastAPI app is answered from the same table."""

    def problem(refused: Refused, more: dict[str, str] | None = None) -> Response:
        headers = {name.decode(): value.decode() for name, value in headers_of(refused, retry_after_s)}
        return Response(body_of(refused), refused.reason.status, headers={**headers, **(more or {})})

    @app.exception_handler(Refused)
    async def on_refused(_: Request, error: Refused) -> Response:
        return problem(error)

    @app.exception_handler(HTTPException)
    async def on_http(_: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            return problem(Refused(Reason.not_found, "nothing is served at this path"))
        if error.status_code == 405:
            refused = Refused(Reason.method_not_allowed, "the path is served, but not with this method")
            return problem(refused, dict(error.headers or {}))
        return problem(Refused(Reason.bad_parameter, error.detail))

    @app.exception_handler(RequestValidationError)
    async def on_invalid(_: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        if first["type"] == "missing" and first["loc"][-1] == "key":
            return problem(Refused(Reason.unknown_key, "key: no write key is given"))
        return problem(Refused(Reason.bad_parameter, f"{first['loc'][-1]}: {first['msg']}"))

    @app.exception_handler(Exception)
    async def on_fault(_: Request, __: Exception) -> Response:
        return problem(Refused(Reason.internal_error, "the fault has been logged"))

    async def only_post(_: Request) -> Response:
        return problem(
            Refused(Reason.method_not_allowed, "batches are sent with POST"), {"allow": "POST, OPTIONS"}
        )

    for path in (PATH, openapi.RECORDING_PATH):
        app.add_route(
            path,
            only_post,
            methods=["GET", "HEAD", "PUT", "PATCH", "DELETE", "TRACE"],
            include_in_schema=False,
        )


def _describe_ingest(app: FastAPI) -> None:
    described_by_fastapi = app.openapi

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = described_by_fastapi()
            schema["paths"] = {
                PATH: {"post": openapi.batches_operation()},
                openapi.RECORDING_PATH: {"post": openapi.recording_operation()},
                **schema["paths"],
            }
            components = schema.setdefault("components", {})
            components.setdefault("schemas", {})["Event"] = openapi.EVENT
            components["securitySchemes"] = openapi.SECURITY_SCHEMES
        return app.openapi_schema or {}

    app.openapi = document  # type: ignore[method-assign]
