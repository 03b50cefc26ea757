"""/healthz, /readyz and /metrics, on a port of their own."""

from collections.abc import Callable

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest


class HealthServer:
    """Serves until it is closed.

    `/healthz`: it is not stuck, or 503 with what is. Whoever hears nothing within seconds has an answer too:
    the event loop itself is stuck. `/readyz`: it is a member of the group, and what it owns is recovered.
    """

    def __init__(
        self,
        registry: CollectorRegistry,
        health: Callable[[], tuple[bool, dict[str, object]]],
        ready: Callable[[], bool],
    ):
        """
        Args:
            health: whether the worker is alive, and the answer to give.
        """
        self._registry = registry
        self._health = health
        self._ready = ready
        app = web.Application()
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/readyz", self._readyz)
        app.router.add_get("/metrics", self._metrics)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1)

    async def start(self, host: str, port: int) -> None:
        """
        Raises:
            OSError: the port is taken.
        """
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()

    async def close(self) -> None:
        await self._runner.cleanup()

    async def _healthz(self, request: web.Request) -> web.Response:
        healthy, answer = self._health()
        return web.json_response(answer, status=200 if healthy else 503)

    async def _readyz(self, request: web.Request) -> web.Response:
        ready = self._ready()
        return web.json_response({"ready": ready}, status=200 if ready else 503)

    async def _metrics(self, request: web.Request) -> web.Response:
        return web.Response(
            body=generate_latest(self._registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )
