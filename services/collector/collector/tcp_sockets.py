"""What a socket may cost outside of its requests: time for headers, bytes of them, idle time, their number.

uvicorn limits none of these but idle time, and that only until the next byte: a client that sends its headers
a byte a minute, or goes on sending a body after it was refused, holds its socket for ever. So here is its
protocol class with the few methods that close these gaps (docs/adr/0060). Time for a body is `body`'s matter.
"""

import asyncio
import logging
from dataclasses import dataclass
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from collector import cors, metrics
from collector.deadlines import Deadlines
from collector.joined_writes import JoinedWrites
from collector.problems import Reason, Refused, body_of, headers_of

# What a client does wrong is counted; a line for each would let anyone fill the disk.
_faults_only = logging.getLogger(__name__)
_faults_only.setLevel(logging.ERROR)

LINE_REST_BYTES = len(b"  HTTP/1.1\r\n\r\n")
HEADER_REST_BYTES = len(b": \r\n")


@dataclass(frozen=True, slots=True)
class SocketLimits:
    header_timeout_s: float
    """From the first byte of a request to the end of its headers."""
    max_header_bytes: int
    """Of the request line and the headers, as received."""
    idle_timeout_s: float
    """Without a request, before the first one too."""
    linger_timeout_s: float
    """For the rest of a body that is not wanted any more: closing at once would take the answer with it."""
    max_linger_bytes: int
    max_tcp_sockets: int
    """Over it the one that has been idle longest is closed, or, where none is, the new one."""


class LimitedProtocol(HttpToolsProtocol):
    """One socket. `limits` and `idle` are of all sockets of a server: `limited` makes a class with them."""

    limits: SocketLimits
    idle: "Deadlines[LimitedProtocol]"

    def __init__(self, *given: Any, **named: Any):
        super().__init__(*given, **named)
        self.logger = _faults_only
        self._timer: asyncio.TimerHandle | None = None
        self._in_head = False
        """Some of a request's headers are there, not all."""
        self._in_body = False
        self._chunk_bytes = 0
        """Of a chunk that may begin a request; 0 once one has begun in it."""
        self._head_bytes: int | None = 0
        """Of the chunks that brought this head so far; None where the first of them brought more than it."""
        self._lingered_bytes = 0

    # --- the socket comes and goes ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]
        self._answers = JoinedWrites(self.transport)
        metrics.TCP_SOCKETS.inc()
        if len(self.connections) > self.limits.max_tcp_sockets:
            longest_idle = next(iter(self.idle), None)
            if longest_idle is None:
                self._close("too_many")
                return
            longest_idle.close_idle("too_many")
        self._rest()

    def connection_lost(self, exc: Exception | None) -> None:
        self.leave()
        metrics.TCP_SOCKETS.dec()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self) -> None:
        self.leave()
        metrics.TCP_SOCKETS.dec()
        super().handle_websocket_upgrade()

    def leave(self) -> None:
        """Neither idle nor timed any more."""
        self._stop_timer()
        self.idle.end(self)

    # --- a request comes in ---

    def data_received(self, data: bytes) -> None:
        if self._in_head:
            self._head_bytes = (self._head_bytes or 0) + len(data)
        elif not self._in_body:
            self._chunk_bytes = len(data)
        super().data_received(data)
        if self.transport.is_closing() or not self._in_head:
            return
        if (self._head_bytes or 0) > self.limits.max_header_bytes:
            self._refuse(self._too_large())
        elif self._timer is None:
            self._timer = self.loop.call_later(self.limits.header_timeout_s, self._headers_are_late)

    def on_message_begin(self) -> None:
        self.leave()
        self._in_head = self._in_body = True
        self._head_bytes = self._chunk_bytes or None
        self._chunk_bytes = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._stop_timer()
        most = self.limits.max_header_bytes
        # What came in no more than the limit need not be looked at; most requests come in one such chunk.
        if (self._head_bytes is None or self._head_bytes > most) and self._exact_head_bytes() > most:
            self._refuse(self._too_large())
            raise ValueError("the headers are too large")
        super().on_headers_complete()
        if self.cycle is not None:
            # The answer is written to it; the application runs later than this.
            self.cycle.transport = self._answers  # type: ignore[assignment]

    def _exact_head_bytes(self) -> int:
        fields = sum(len(name) + len(value) + HEADER_REST_BYTES for name, value in self.headers)
        return len(self.parser.get_method()) + len(self.url) + LINE_REST_BYTES + fields

    def on_body(self, body: bytes) -> None:
        if self.cycle.response_complete:
            self._lingered_bytes += len(body)
            if self._lingered_bytes > self.limits.max_linger_bytes:
                self._close("slow_body")
                return
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._in_body = False
        super().on_message_complete()
        if self.cycle is not None and self.cycle.response_complete:
            self._rest()

    # --- its answer goes out ---

    def on_response_complete(self) -> None:
        self._answers.end()
        # As the base class does it, but without its timer, which any byte would take off.
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        if not self.cycle.response_complete:
            return
        if self._in_body:
            self._lingered_bytes = 0
            self._start_timer(self.limits.linger_timeout_s, "slow_body")
        else:
            self._rest()

    def send_400_response(self, msg: str) -> None:
        self._refuse(Refused(Reason.malformed_request, "the request is not HTTP/1.1"))

    def _too_large(self) -> Refused:
        return Refused(
            Reason.headers_too_large,
            f"the request line and headers are over {self.limits.max_header_bytes} bytes",
        )

    def _headers_are_late(self) -> None:
        self._refuse(
            Refused(
                Reason.slow_headers, f"the headers were not whole after {self.limits.header_timeout_s:g} s"
            )
        )

    def _refuse(self, refused: Refused) -> None:
        """Answer what is no request yet, and close."""
        if self.transport.is_closing():
            return
        body = body_of(refused)
        lines = [STATUS_LINE[refused.reason.status]]
        for name, value in (
            *headers_of(refused, 0),
            *cors.headers(None),
            (b"content-length", b"%d" % len(body)),
        ):
            lines += [name, b": ", value, b"\r\n"]
        self.transport.write(b"".join([*lines, b"\r\n", body]))
        self._close(refused.reason.name)

    # --- time ---

    def close_idle(self, why: str) -> None:
        """It has been idle too long, or another socket needs the room."""
        self._close(why)

    def _rest(self) -> None:
        self._stop_timer()
        self.idle.begin(self)

    def _start_timer(self, after_s: float, why: str) -> None:
        self._stop_timer()
        self._timer = self.loop.call_later(after_s, self._close, why)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _close(self, why: str) -> None:
        self.leave()
        if not self.transport.is_closing():
            metrics.TCP_SOCKETS_CLOSED.labels(why).inc()
            self.transport.close()


def limited(of_all: SocketLimits) -> type[LimitedProtocol]:
    """The protocol class of one server."""

    class Limited(LimitedProtocol):
        limits = of_all
        idle = Deadlines[LimitedProtocol](of_all.idle_timeout_s, lambda one: one.close_idle("idle"))

    return Limited
