"""`playhead-query-api`: the query API and the dashboard as a process.

SIGTERM and Ctrl-C stop it in order, exit 0.
"""

import signal
import socket
import sys
from collections.abc import Callable
from types import FrameType

import structlog
import uvicorn
from pydantic import ValidationError

from query_api import logs
from query_api.app import create_app
from query_api.http_protocol import ProblemProtocol
from query_api.settings import Settings

log = structlog.get_logger("query_api")


def main() -> None:
    try:
        settings = Settings()
    except ValidationError as error:
        sys.exit(f"playhead-query-api: {error}")
    logs.set_up(settings.log_level, settings.log_format)
    # uvicorn raises the signal that stopped it once more when it has finished; by then it has been obeyed.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _obeyed)
    listening = _listen(settings.host, settings.port, taken_within_ms=2 * settings.stall_timeout_ms)
    log.info("listening", host=settings.host, port=listening.getsockname()[1])
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        http=ProblemProtocol,
        log_config=None,
        # A path holds ids of sessions, and metrics say the rest.
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=max(1, settings.stop_within_ms // 1000),
    )
    _Server(config, before_stop=app.state.rooms.live.stop).run(sockets=[listening])


class _Server(uvicorn.Server):
    """Ends by itself, at its stop, what would not end by itself: uvicorn waits for every answer."""

    def __init__(self, config: uvicorn.Config, before_stop: Callable[[], None]) -> None:
        super().__init__(config)
        self._before_stop = before_stop

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._before_stop()
        await super().shutdown(sockets)


def _obeyed(number: int, frame: FrameType | None) -> None:
    log.info("stopped", signal=signal.Signals(number).name)


def _listen(host: str, port: int, taken_within_ms: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        # Whoever takes nothing was cut off long before, but asyncio keeps a connection until what it buffered
        # is taken. The kernel does not; what it accepts inherits this.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, taken_within_ms)
    try:
        listening.bind((host, port))
    except OSError as error:
        sys.exit(f"playhead-query-api: cannot listen on {host}:{port}: {error.strerror}")
    return listening


if __name__ == "__main__":
    main()
