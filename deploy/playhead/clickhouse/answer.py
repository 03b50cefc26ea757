"""An answer on its way to the client: its headers, and the sending, whole or block by block."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import AsyncExitStack

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from playhead.clickhouse.codecs import Compressor, Encoding
from playhead.clickhouse.errors import QueryError, with_version
from playhead.clickhouse.execution import Blocks
from playhead.clickhouse.formats import content_type
from playhead.clickhouse.plan import Plan

_SUMMARY = (
    "read_rows",
    "read_bytes",
    "written_rows",
    "written_bytes",
    "total_rows_to_read",
    "result_rows",
    "result_bytes",
    "elapsed_ns",
)


def answer_headers(plan: Plan, summary: Mapping[str, int]) -> dict[str, str]:
    headers = {
        "X-ClickHouse-Summary": json.dumps({name: str(summary.get(name, 0)) for name in _SUMMARY}),
        "Content-Type": content_type(plan.out_format),
    }
    if plan.statement.kind == "read":
        headers["X-ClickHouse-Format"] = plan.out_format
    if plan.answer_encoding:
        headers["Content-Encoding"] = plan.answer_encoding
    return headers


def exception_trailer(error: QueryError, version: str, tag: str) -> bytes:
    """What ends an answer that fails half-way, its head being sent: as servers write it since 25.11."""
    text = with_version(error.text, version) + "\n"
    return f"\r\n__exception__\r\n{tag}\r\n{text}{len(text.encode())} {tag}\r\n__exception__\r\n".encode()


class ClientTooSlow(Exception):  # noqa: N818
    """The client took nothing for so long that its turn goes to another."""


class BlockAnswer(Response):
    """Sends blocks as they come and gives back what the request holds as soon as the last one is fetched."""

    def __init__(
        self,
        blocks: Blocks,
        headers: Mapping[str, str],
        encoding: Encoding | None,
        *,
        exception_tag: str,
        client_timeout_ms: int,
        version: str,
        resources: AsyncExitStack,
    ):
        self._blocks = blocks
        self._compressor = Compressor(encoding)
        self._tag = exception_tag
        self._client_timeout_ms = client_timeout_ms
        self._version = version
        self._resources = resources
        self.status_code = 200
        self.background = None
        self.init_headers(dict(headers))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._resources:
            if self._blocks.rest is None:
                await self._resources.aclose()
                await self._send_whole(scope, send)
            else:
                await self._send_streamed(send)

    async def _send_whole(self, scope: Scope, send: Send) -> None:
        body = self._compressor.feed(b"".join(self._blocks.first)) + self._compressor.end()
        self.headers["Content-Length"] = str(len(body))
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    async def _send_streamed(self, send: Send) -> None:
        self.headers["X-ClickHouse-Exception-Tag"] = self._tag
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        try:
            while (block := await self._blocks.next()) is not None:
                await self._send(send, self._compressor.feed(block))
        except QueryError as error:
            trailer = exception_trailer(error, self._version, self._tag)
            await self._send(send, self._compressor.feed(trailer))
        await self._resources.aclose()
        await send({"type": "http.response.body", "body": self._compressor.end()})

    async def _send(self, send: Send, piece: bytes) -> None:
        if not piece:
            return
        try:
            async with asyncio.timeout(self._client_timeout_ms / 1000):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        except TimeoutError:
            raise ClientTooSlow(f"The client took nothing for {self._client_timeout_ms} ms.") from None
