"""Compresses answers as the caller accepts it, piece by piece: of what is liked as much, zstd before gzip.

Each piece is flushed, so a streamed answer is not held back. An answer is one zstd frame or one gzip member:
browsers read the first member of several and silently drop the rest.
"""

import zlib
from typing import Protocol

from backports.zstd import CompressionParameter, ZstdCompressor
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from query_api.negotiation import content_coding
from query_api.problem_answers import answer
from query_api.problems import Reason, Refusal

SMALLEST_BYTES = 1_000
"""Whole answers below this are sent as they are."""

COMPRESSIBLE = (
    "application/json",
    "application/x-ndjson",
    "application/problem+json",
    "text/",
    "image/svg+xml",
    "application/javascript",
)

NEVER = ("text/event-stream",)
"""Streams that stay open for long: each would hold a compressor, which is larger than all else of it."""

# Level 1: an answer is compressed while the caller waits for it.
_LEVEL = 1


class _Encoder(Protocol):
    def piece(self, data: bytes, last: bool) -> bytes: ...


class _Zstd:
    def __init__(self) -> None:
        self._compressor = ZstdCompressor(options={CompressionParameter.compression_level: _LEVEL})

    def piece(self, data: bytes, last: bool) -> bytes:
        if last:
            return self._compressor.compress(data, ZstdCompressor.FLUSH_FRAME)
        return self._compressor.compress(data, ZstdCompressor.FLUSH_BLOCK)


class _Gzip:
    def __init__(self) -> None:
        self._compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, 31)

    def piece(self, data: bytes, last: bool) -> bytes:
        return self._compressor.compress(data) + self._compressor.flush(
            zlib.Z_FINISH if last else zlib.Z_SYNC_FLUSH
        )


ENCODERS: dict[str, type[_Encoder]] = {"zstd": _Zstd, "gzip": _Gzip}


class Compression:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        header = ",".join(Headers(scope=scope).getlist("accept-encoding"))
        encoding = content_coding(header, ENCODERS)
        if encoding is None:
            refusal = Refusal(Reason.NOT_ACCEPTABLE, f"There is {', '.join(ENCODERS)} and identity.")
            await answer(refusal, {"Vary": "Accept-Encoding"})(scope, receive, send)
            return
        await self._app(scope, receive, _Sender(send, encoding, head=scope["method"] == "HEAD"))


class _Sender:
    """Holds the head of an answer back until its first piece tells whether compressing it is worth it."""

    def __init__(self, send: Send, encoding: str, *, head: bool) -> None:
        self._send = send
        self._encoding = encoding
        self._head = head
        self._start: Message | None = None
        self._encoder: _Encoder | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        if message["type"] != "http.response.body":
            await self._send(message)
            return
        body, more = message.get("body", b""), message.get("more_body", False)
        if self._start is not None:
            start, self._start = self._start, None
            self._encoder = self._encoder_for(start, body, more)
            await self._send(start)
        if self._head:
            # Its headers are those of a GET; nothing was compressed, so there is nothing to send.
            message = {**message, "body": b""}
        elif self._encoder is not None:
            message = {**message, "body": self._encoder.piece(body, not more)}
        await self._send(message)

    def _encoder_for(self, start: Message, body: bytes, more: bool) -> _Encoder | None:
        headers = MutableHeaders(raw=start["headers"])
        kind = headers.get("content-type", "")
        if not kind.startswith(COMPRESSIBLE) or kind.startswith(NEVER) or "content-encoding" in headers:
            return None
        headers.add_vary_header("Accept-Encoding")
        if self._encoding == "identity" or (not more and len(body) < SMALLEST_BYTES):
            return None
        headers["Content-Encoding"] = self._encoding
        if more:
            del headers["Content-Length"]
            return ENCODERS[self._encoding]()
        encoder = ENCODERS[self._encoding]()
        return _measured(encoder, body, headers)


class _Ready:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def piece(self, data: bytes, last: bool) -> bytes:
        return self._body


def _measured(encoder: _Encoder, body: bytes, headers: MutableHeaders) -> _Encoder:
    """A whole answer is compressed at once, so that its length is known."""
    text = encoder.piece(body, True)
    headers["Content-Length"] = str(len(text))
    return _Ready(text)
