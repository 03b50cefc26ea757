"""Start the collector: settings from the environment, one process, one loop. SIGTERM stops it gracefully."""

import gc
import resource
import signal
import sys

import structlog
import uvicorn

from collector import logs
from collector.allocator import keep_freed_memory
from collector.app import build
from collector.official_client.protocol import protocol_counting
from collector.server import Server, Stop
from collector.settings import Settings
from collector.tcp_sockets import SocketLimits, limited

log = structlog.get_logger(__name__)

STACK_FRAMES = 50
"""About what the server itself has on the stack when a body is parsed."""
PING_S, PONG_S = 20, 90
"""A socket is asked so often whether it lives, and may take so long to say so: it is not read while what
it sent cannot be written."""
LINGER_BODIES = 4
"""A refused body may go on for so many bodies' bytes. Cut, its sender would not see the refusal."""
OTHER_FILES = 64
"""Open files that are no client's socket: the broker's, the log, the recorder."""


def main() -> None:
    settings = Settings()
    logs.configure(settings.log_level, settings.log_format)
    keep_freed_memory()
    # The parser counts its nesting against the interpreter's limit.
    sys.setrecursionlimit(settings.max_nesting + STACK_FRAMES)
    # uvicorn stops gracefully on these and then raises them again; that must not end the process with a code.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    stop = Stop()
    stop_timeout_s = (settings.publish_timeout_ms + 999) // 1_000 + 5
    application = build(settings, stop)
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
            # Nothing here looks at a client's address or scheme.
            proxy_headers=False,
            timeout_graceful_shutdown=stop_timeout_s,
        ),
        stop,
        settings.stop_delay_ms / 1_000,
        application.open_sockets,
        stop_timeout_s,
    )
    # What is there by now stays for ever: looking through it again and again would hold up requests.
    gc.collect()
    gc.freeze()
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
        max_linger_bytes=LINGER_BODIES * settings.max_body_bytes,
        max_tcp_sockets=most,
    )


if __name__ == "__main__":
    main()
