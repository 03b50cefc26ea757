"""`WS /recordings/{id}/events/ws?token=`: who may open a socket, and what one who may not is told."""

import time
from http import HTTPStatus

from starlette.types import Receive, Scope, Send

from collector import cors, metrics
from collector.access import ACCESS
from collector.admit import check_sender
from collector.answer import Headers, refused_for
from collector.intake import Intake
from collector.official_client.address import Address, of_socket
from collector.official_client.conversation import Conversation, Patience
from collector.official_client.grouping import GroupLimits
from collector.official_client.open_sockets import OpenSockets
from collector.official_client.windows import Windows
from collector.problems import Reason, Refused, body_of, headers_of
from collector.settings import Settings
from schemas.connection import Connection


class Sockets:
    """The ASGI endpoint."""

    def __init__(self, settings: Settings, intake: Intake, windows: Windows, sockets: OpenSockets):
        self._intake = intake
        self._windows = windows
        self._sockets = sockets
        self._patience = Patience(
            GroupLimits(
                settings.socket_batch_ms,
                min(settings.socket_batch_bytes, settings.max_decompressed_bytes),
                min(settings.socket_batch_events, settings.max_events),
            ),
            settings.socket_refresh_ms,
            settings.socket_retry_ms,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: Headers = dict(scope["headers"])
        began_s = time.perf_counter()
        await receive()  # websocket.connect
        try:
            address, connection = self._admit(scope, headers)
        except Exception as error:  # noqa: BLE001 - `refused_for` logs what is a fault of ours
            await refuse(refused_for(error), headers, send, self._intake.retry_after_s, began_s)
            return
        conversation = Conversation(
            self._intake,
            self._windows,
            self._sockets,
            self._patience,
            address,
            connection.id,
            headers,
            receive,
            send,
        )
        metrics.SOCKETS.labels("accepted").inc()
        ACCESS.accepted(HTTPStatus.SWITCHING_PROTOCOLS, (time.perf_counter() - began_s) * 1_000)
        with self._sockets.opened(conversation):
            await send({"type": "websocket.accept"})
            await conversation.run()

    def _admit(self, scope: Scope, headers: Headers) -> tuple[Address, Connection]:
        intake = self._intake
        address = of_socket(scope["path"], scope["query_string"])
        connection = intake.connection_of(address.key)
        check_sender(
            connection, address.parameters(address.recording, final=False), intake.origin_of(headers)
        )
        intake.check_broker()
        self._sockets.check_room()
        intake.admit(connection)
        return address, connection


async def not_found(scope: Scope, receive: Receive, send: Send) -> None:
    """A socket at any other path."""
    began_s = time.perf_counter()
    await receive()
    refused = Refused(Reason.not_found, "no socket is served at this path")
    await refuse(refused, dict(scope["headers"]), send, 0, began_s)


async def refuse(refused: Refused, headers: Headers, send: Send, retry_after_s: int, began_s: float) -> None:
    """Answer the handshake with a problem. The page sees no more than that the socket does not open."""
    metrics.SOCKETS.labels(refused.reason.name).inc()
    took_ms = (time.perf_counter() - began_s) * 1_000
    ACCESS.refused(refused.reason.name, refused.reason.status, took_ms, refused.detail)
    answer = [*headers_of(refused, retry_after_s, b"Bearer"), *cors.headers(headers.get(b"origin"))]
    await send({"type": "websocket.http.response.start", "status": refused.reason.status, "headers": answer})
    await send({"type": "websocket.http.response.body", "body": body_of(refused)})
