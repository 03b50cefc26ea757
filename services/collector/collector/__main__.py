"""Start the collector: settings from the environment, one process, one loop. SIGTERM stops it gracefully."""

import signal
import sys

import uvicorn

from collector import logs
from collector.app import build
from collector.settings import Settings

STACK_FRAMES = 50
"""About what the server itself has on the stack when a body is parsed."""


def main() -> None:
    settings = Settings()
    logs.configure(settings.log_level, settings.log_format)
    # The parser counts its nesting against the interpreter's limit.
    sys.setrecursionlimit(settings.max_nesting + STACK_FRAMES)
    # uvicorn stops gracefully on these and then raises them again; that must not end the process with a code.
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, lambda *_: None)
    server = uvicorn.Server(
        uvicorn.Config(
            build(settings),
            host=settings.host,
            port=settings.port,
            loop="uvloop",
            http="httptools",
            ws="none",
            lifespan="on",
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=(settings.publish_timeout_ms + 999) // 1_000 + 5,
        )
    )
    server.run()
    if not server.started:
        sys.exit(1)


if __name__ == "__main__":
    main()
