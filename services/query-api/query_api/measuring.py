"""Measures every call: how long it took, by route, method and status."""

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from query_api import metrics


class Measuring:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start, status = time.perf_counter(), 500

        async def noting_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting_status)
        finally:
            # The route's template: a path would make a series for each session.
            route = getattr(scope.get("route"), "path", "other")
            method = (
                scope["method"]
                if scope["method"] in ("GET", "HEAD", "POST", "DELETE", "OPTIONS")
                else "other"
            )
            seconds = time.perf_counter() - start
            metrics.REQUEST_SECONDS.labels(route, method, str(status)).observe(seconds)
