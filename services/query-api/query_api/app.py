"""Puts the query API together: calls, problems, headers, compression, and what runs beside them."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib.metadata import version

import structlog
from fastapi import Depends, FastAPI

from query_api import document, health, problem_answers
from query_api.compression import Compression
from query_api.connections.endpoints import router as connections
from query_api.dashboard import Dashboard
from query_api.events.endpoints import router as events
from query_api.export.endpoints import router as export
from query_api.friction.endpoints import router as friction
from query_api.live.endpoints import router as live
from query_api.measuring import Measuring
from query_api.response_headers import SecurityHeaders
from query_api.rooms import Rooms, furnish
from query_api.sessions.endpoints import router as sessions
from query_api.settings import Settings
from query_api.shares.endpoints import router as shares
from query_api.timeline.endpoints import router as timeline
from query_api.tokens.endpoints import router as tokens
from query_api.tokens.guard import guard

log = structlog.get_logger(__name__)

DESCRIPTION = """
Recorded sessions of your connections: lists, totals, and the ordered rrweb events of each window.

Times are integers in ms since the epoch and named `*_at`; durations are `*_ms`. Send
`Authorization: Bearer <token>`. Whatever goes wrong is `application/problem+json` with a `reason` of a
closed set. What belongs to another tenant is answered as what does not exist.
"""


def create_app(settings: Settings) -> FastAPI:
    """The app, not yet connected to anything; it connects when it is started."""
    app = FastAPI(
        title="Playhead query API",
        version=version("playhead"),
        description=DESCRIPTION,
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,
        # Generated clients name their functions by it.
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.rooms = furnish(settings)
    # The guard stands before every call, so that an endpoint cannot forget it.
    for router in (
        tokens,
        connections,
        sessions,
        friction,
        events,
        live,
        export,
        timeline,
        shares,
        health.router,
    ):
        app.include_router(router, dependencies=[Depends(guard)])
    problem_answers.install(app)
    app.router.default = Dashboard(settings.dashboard_path, settings.recorded_resources)
    # The last one added is the outermost.
    app.add_middleware(Compression)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(Measuring)
    document.install(app)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    rooms: Rooms = app.state.rooms
    readings = [
        asyncio.create_task(rooms.connection_reader.run(), name="connections"),
        asyncio.create_task(rooms.share_reader.run(), name="shares"),
    ]
    for reading in readings:
        reading.add_done_callback(_ended)
    try:
        yield
    finally:
        for reading in readings:
            reading.cancel()
        for reading in readings:
            with suppress(asyncio.CancelledError):
                await reading
        await rooms.live.close()
        await rooms.clickhouse.close()


def _ended(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        # A reader that is dead would leave what it read as it is today, for ever and unseen.
        log.critical("a reader ended", topic=task.get_name(), exc_info=error)
        signal.raise_signal(signal.SIGTERM)
