"""nginx with static files, on the core that is measured: what a replay could be served by at the best."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from benchmarks.sessionizer.cores import MEASURED, on_core
from playhead.stack.ports import free_ports
from playhead.stack.process import Command, Process
from playhead.stack.readiness import http_ok, wait_until

_PLACES = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin")
_CONFIG = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/nginx-errors.log warn;
events {{ worker_connections 256; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000;
    client_body_temp_path {folder}/client;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    types {{
        text/html html;
        text/javascript js;
        text/css css;
        application/json json;
    }}
    server {{
        listen 127.0.0.1:{port};
        root {root};
        location = /healthz {{ return 200; }}
    }}
}}
"""


class NginxMissing(Exception):  # noqa: N818
    """nginx is not installed here; the message says how to get it."""


def executable() -> str:
    """Raises:
    NginxMissing: there is none.
    """
    found = shutil.which("nginx") or next(
        (path for place in _PLACES if (path := shutil.which("nginx", path=place))), None
    )
    if found is None:
        raise NginxMissing(
            "events are streamed beside nginx, which is not installed: `apt-get install nginx-light`"
        )
    return found


@asynccontextmanager
async def running_nginx(folder: Path, root: Path) -> AsyncIterator[tuple[int, int]]:
    """Serve the files of `root`; gives the port and the process id of its one process.

    Raises:
        NginxMissing: it is not installed.
    """
    (port,) = free_ports(1)
    config = folder / "nginx.conf"
    config.write_text(_CONFIG.format(folder=folder, root=root, port=port))
    argv = on_core(MEASURED, [executable(), "-e", str(folder / "nginx-errors.log"), "-c", str(config)])
    process = Process(Command("nginx", argv, {}, folder / "nginx.log"))
    try:
        await wait_until(http_ok(f"http://127.0.0.1:{port}/healthz"), what="nginx", timeout_ms=20_000)
        yield port, process.pid
    except Exception as error:
        error.add_note(process.log_end())
        raise
    finally:
        await process.stop(timeout_ms=10_000)
