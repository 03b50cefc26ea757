"""Where uvicorn's side of a socket loses events, tells too much or holds too much: the differences to its
protocol.

Each has a test that fails without it. `shutdown` of the stock protocol cuts a socket at once, so what was
read and not yet written would be lost: here sockets are ended by `OpenSockets.stop` before that.
"""

import asyncio
import logging
from typing import Any, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.frames import Frame

from collector.admit import BytesInFlight
from collector.problems import Refused

quiet = logging.getLogger("collector.official_client.protocol")
quiet.setLevel(logging.WARNING)

CLOSE_TIMEOUT_S = 5.0
"""For so long a client that was told of the close may go on sending what it had begun."""

TRY_AGAIN_LATER = 1013
COMPRESSION = ServerPerMessageDeflateFactory(
    server_no_context_takeover=True,
    server_max_window_bits=12,
    client_max_window_bits=12,
    compress_settings={"memLevel": 5},
)
"""The stock one's, but that a socket holds no compressor (26 KiB) for the few words that we say."""


class SocketProtocol(WebSocketsSansIOProtocol):
    unfinished: BytesInFlight
    """Of messages whose end has not come yet, on all sockets."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self._unfinished_bytes = 0
        self.conn.available_extensions = [COMPRESSION]
        self.close_timeout = CLOSE_TIMEOUT_S
        # The stock one logs each handshake with its query, in which the key is, and, at level debug, frames.
        self.logger = self.conn.logger = quiet
        self.conn.debug = False

    def data_received(self, data: bytes) -> None:
        """The stock one lets each socket hold a message's beginning, however many sockets there are."""
        super().data_received(data)
        held_bytes = len(self.conn.reader.buffer) + (len(self.frames[0]) if self.frames else 0)
        try:
            self.unfinished.take(held_bytes - self._unfinished_bytes)
            self._unfinished_bytes = held_bytes
        except Refused:
            self.conn.fail(TRY_AGAIN_LATER, "too many bytes are on their way")
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_sent = True
            self.transport.close()

    def handle_cont(self, event: Frame) -> None:
        """The stock one keeps each frame by itself: an empty one counts no byte and takes a hundred, and what
        a message holds would have to be summed up anew for every chunk of it."""
        begun = cast("bytes | bytearray", self.frames[0])
        message = begun if isinstance(begun, bytearray) else bytearray(begun)
        message += event.data
        if event.fin:
            self.frames = [bytes(message)]
            self.send_receive_event_to_app()
        else:
            self.frames = [message]  # type: ignore[list-item]

    def connection_lost(self, exc: Exception | None) -> None:
        self.unfinished.give_back(self._unfinished_bytes)
        self._unfinished_bytes = 0
        super().connection_lost(exc)

    def send_receive_event_to_app(self) -> None:
        """The stock one discards what comes after our close; the client sent it before it knew of that."""
        close_sent, self.close_sent = self.close_sent, False
        try:
            super().send_receive_event_to_app()
        finally:
            self.close_sent = self.close_sent or close_sent

    async def send(self, message: Any) -> None:
        """The stock one announces the disconnect with our own close, not with the socket's end."""
        if message["type"] != "websocket.close" or not self.handshake_complete:
            await super().send(message)
            return
        await self.writable.wait()
        events, self.queue = self.queue, asyncio.Queue()
        try:
            await super().send(message)
        finally:
            self.queue = events


def protocol_counting(unfinished: BytesInFlight) -> type[SocketProtocol]:
    """The protocol for a server whose sockets share this limit."""
    return type("SocketProtocol", (SocketProtocol,), {"unfinished": unfinished})
