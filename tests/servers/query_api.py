"""A query API as a process."""

import itertools
import sys
from pathlib import Path

import httpx

from playhead.stack.ports import free_ports
from playhead.stack.process import Command, Process
from playhead.stack.readiness import http_ok, wait_until

_numbers = itertools.count()


class QueryApi:
    """`settings` are fields of its settings model."""

    def __init__(self, folder: Path, **settings: object) -> None:
        (port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{port}"
        given = {"port": port, **settings}
        environment = {f"PLAYHEAD_QUERY_API_{name.upper()}": str(value) for name, value in given.items()}
        name = f"query-api-{next(_numbers)}"
        argv = [sys.executable, "-m", "query_api"]
        self.process = Process(Command(name, argv, environment, folder / f"{name}.log"))

    async def alive(self) -> None:
        await wait_until(http_ok(f"{self.url}/healthz"), what="query API", timeout_ms=30_000)

    async def ready(self, timeout_ms: int = 60_000) -> None:
        await wait_until(http_ok(f"{self.url}/readyz"), what="query API", timeout_ms=timeout_ms)

    def client(self, secret: str) -> httpx.AsyncClient:
        # No proxy of the environment may stand between us and the loopback address.
        return httpx.AsyncClient(
            base_url=self.url, timeout=60, trust_env=False, headers={"Authorization": f"Bearer {secret}"}
        )
