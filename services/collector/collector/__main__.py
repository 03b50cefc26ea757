"""Start the collector: settings from the environment, one process, one loop. SIGTERM stops it gracefully."""

import resource
import signal
import socket
import sys

import structlog
import uvicorn

from collector import logs
from collector.app import build
from collector.official_client.open_sockets import OpenSockets
from collector.official_client.protocol import protocol_counting
from collector.settings import Settings
from collector.tcp_sockets import SocketLimits, limited

log = structlog.get_logger(__name__)

STACK_FRAMES = 50
"""About what the server itself has on the stack when a body is parsed."""

OTHER_FILES = 64
"""Open files that are no client's socket: the broker's, the log, the recorder."""

PING_S, PONG_S = 20, 90
"""A socket is asked so often whether it lives, and may take so long to say so: it is not read while what
it sent cannot be written."""


class Server(uvicorn.Server):
    """Stops like uvicorn's, but lets sockets end first, which that would cut."""

    def __init__(self, config: uvicorn.Config, open_sockets: OpenSockets, patience_s: int):
        super().__init__(config)
        self._open_sockets = open_sockets
        self._patience_s = patience_s

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        await self._open_sockets.stop(self._patience_s)
        await super().shutdown(sockets)


def main() -> None:
    settings = Settings()
    logs.configure(settings.log_level, settings.log_format)
    # The parser counts its nesting against the interpreter's limit.
    sys.setrecursionlimit(settings.max_nesting + STACK_FRAMES)
    # uvicorn stops gracefully on these and then raises them again; that must not end the process with a code.
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, lambda *_: None)
    stop_timeout_s = (settings.publish_timeout_ms + 999) // 1_000 + 5
    application = build(settings)
    server = Server(
        uvicorn.Config(
            application,
            host=settings.host,
            port=settings.port,
            loop="uvloop",
            http=limited(socket_limits(settings)),
            ws=protocol_counting(application.open_sockets.waiting),
            ws_max_size=settings.max_socket_message_bytes,
            ws_ping_interval=PING_S,
            ws_ping_timeout=PONG_S,
            lifespan="on",
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=stop_timeout_s,
        ),
        application.open_sockets,
        stop_timeout_s,
    )
    server.run()
    if not server.started:
        sys.exit(1)


def socket_limits(settings: Settings) -> SocketLimits:
    """As the settings say, with no more sockets than open files: whose limit is raised as far as may be."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = settings.max_tcp_sockets + OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        if soft < wanted:
            log.warning("the limit of open files allows fewer sockets", max_tcp_sockets=soft - OTHER_FILES)
    most = settings.max_tcp_sockets if soft == resource.RLIM_INFINITY else min(wanted, soft) - OTHER_FILES
    body_timeout_s = settings.body_timeout_ms / 1_000
    return SocketLimits(
        header_timeout_s=settings.header_timeout_ms / 1_000,
        max_header_bytes=settings.max_header_bytes,
        idle_timeout_s=settings.idle_timeout_ms / 1_000,
        linger_timeout_s=body_timeout_s,
        max_linger_bytes=settings.max_body_bytes,
        max_tcp_sockets=most,
    )


if __name__ == "__main__":
    main()
