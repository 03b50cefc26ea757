"""The HTTP interface as an ASGI application: from a request to an answer, one named step after the other."""

import asyncio
import contextlib
import secrets
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import NamedTuple

import structlog
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from playhead.clickhouse.answer import BlockAnswer, answer_headers
from playhead.clickhouse.body import Body, receive
from playhead.clickhouse.engine import Engine
from playhead.clickhouse.errors import NOT_IMPLEMENTED, QueryError, refused, with_version
from playhead.clickhouse.execution import Execution
from playhead.clickhouse.plan import Plan, plan
from playhead.clickhouse.sessions import Session, Sessions
from playhead.clickhouse.users import User, authenticate

log = structlog.get_logger("clickhouse")

_PLANNED_INLINE_BYTES = 64 << 10


class Limits(NamedTuple):
    max_body_bytes: int
    max_decompressed_bytes: int
    client_timeout_ms: int


class Interface:
    """The statement endpoint. One instance a process."""

    def __init__(
        self, engine: Engine, execution: Execution, users: Mapping[str, User], spool_dir: Path, limits: Limits
    ):
        self._engine = engine
        self._execution = execution
        self._users = users
        self._spool_dir = spool_dir
        self._limits = limits
        self._sessions = Sessions()

    async def ping(self, request: Request) -> Response:
        return PlainTextResponse(
            "Ok.\n", headers={"X-ClickHouse-Server-Display-Name": self._engine.display_name}
        )

    async def statement(self, request: Request) -> Response:
        if request.method in ("GET", "HEAD") and not request.query_params and "query" not in request.headers:
            return await self.ping(request)
        query_id = request.query_params.get("query_id") or str(uuid.uuid4())
        headers = {
            "X-ClickHouse-Server-Display-Name": self._engine.display_name,
            "X-ClickHouse-Query-Id": query_id,
            "X-ClickHouse-Timezone": self._engine.timezone,
        }
        try:
            return await self._answer(request, query_id, headers)
        except ClientDisconnect:
            return Response(status_code=499)
        except QueryError as error:
            return self._failure(error, headers)

    async def _answer(self, request: Request, query_id: str, headers: dict[str, str]) -> Response:
        request_headers = dict(request.headers.items())
        user = authenticate(self._users, request_headers, request.query_params)
        query = dict(request.query_params)
        content_type = request_headers.get("content-type", "")
        async with contextlib.AsyncExitStack() as resources:
            if content_type.startswith("multipart/form-data"):
                query |= await self._form(request)
                body = None
            else:
                body = await receive(
                    request, self._spool_dir, self._limits.max_body_bytes, self._limits.client_timeout_ms
                )
                resources.callback(body.close)
            work = await self._plan(user, request.method, query, request_headers, body, query_id)
            session = self._sessions.enter(user.name, query, time.monotonic())
            if session is not None:
                resources.callback(self._leave, session)
            turn = await resources.enter_async_context(self._execution.turn(work))
            if work.statement.kind == "read":
                watching = asyncio.create_task(self._cancel_when_gone(request, turn.cancel))
                resources.callback(watching.cancel)
            blocks = await self._execution.run(turn, work, session)
            resources.push_async_callback(blocks.stop)
            headers |= answer_headers(work, blocks.summary)
            return BlockAnswer(
                blocks,
                headers,
                work.answer_encoding,
                exception_tag=secrets.token_hex(8),
                client_timeout_ms=self._limits.client_timeout_ms,
                version=self._engine.version,
                resources=resources.pop_all(),
            )

    async def _plan(
        self,
        user: User,
        method: str,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        body: Body | None,
        query_id: str,
    ) -> Plan:
        rows = body.decoded(self._limits.max_decompressed_bytes) if body else iter(())
        if body is None or body.size <= _PLANNED_INLINE_BYTES:
            return plan(user, method, query, headers, rows, query_id)
        return await asyncio.to_thread(plan, user, method, query, headers, rows, query_id)

    async def _form(self, request: Request) -> dict[str, str]:
        """Query and parameters as form fields, as clickhouse-connect can send them."""
        async with request.form(max_part_size=self._limits.max_body_bytes) as form:
            fields = {name: value for name, value in form.items() if isinstance(value, str)}
            if len(fields) != len(form):
                raise refused(NOT_IMPLEMENTED, "External data is not supported.")
        return fields

    @staticmethod
    async def _cancel_when_gone(request: Request, cancel: Callable[[], None]) -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        cancel()

    @staticmethod
    def _leave(session: Session) -> None:
        Sessions.leave(session, time.monotonic())

    def _failure(self, error: QueryError, headers: Mapping[str, str]) -> Response:
        text = with_version(error.text, self._engine.version)
        return PlainTextResponse(
            text + "\n", error.http_status, {**headers, "X-ClickHouse-Exception-Code": str(error.code)}
        )


def application(
    interface: Interface, lifespan: Callable[[Starlette], AbstractAsyncContextManager[None]]
) -> Starlette:
    return Starlette(
        routes=[
            Route("/ping", interface.ping),
            Route("/replicas_status", interface.ping),
            Route("/", interface.statement, methods=["GET", "HEAD", "POST"]),
        ],
        lifespan=lifespan,
    )
