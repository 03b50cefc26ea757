"""The services of one running query API, and how an endpoint gets at them."""

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request

from query_api.clickhouse import ClickHouse
from query_api.connections.repository import ConnectionReader
from query_api.connections.service import ConnectionService
from query_api.events.repository import EventRepository
from query_api.events.service import EventService
from query_api.export.player_files import PlayerFiles
from query_api.export.service import ExportService
from query_api.friction.repository import FrictionRepository
from query_api.friction.service import FrictionService
from query_api.live.repository import LiveRepository
from query_api.live.service import LiveLimits, LiveService
from query_api.live.stream import Limits
from query_api.live.watch import Watch
from query_api.playability.repository import PlayabilityRepository
from query_api.playability.service import PlayabilityService
from query_api.record_writer import RecordWriter
from query_api.sessions.repository import SessionRepository
from query_api.sessions.service import SessionService
from query_api.settings import Settings
from query_api.shares.links import KeysFile
from query_api.shares.repository import ShareReader, ShareRepository
from query_api.shares.service import ShareService
from query_api.timeline.repository import TimelineRepository
from query_api.timeline.service import TimelineService
from query_api.tokens import sign_on
from query_api.tokens.authentication import Authentication
from query_api.tokens.repository import TokensFileReader
from query_api.tokens.service import TokenService


@dataclass(frozen=True)
class Rooms:
    settings: Settings
    clickhouse: ClickHouse
    connection_reader: ConnectionReader
    connections: ConnectionService
    sessions: SessionService
    events: EventService
    export: ExportService
    player_files: PlayerFiles
    live: LiveService
    friction: FrictionService
    playability: PlayabilityService
    timeline: TimelineService
    share_reader: ShareReader
    shares: ShareService
    authentication: Authentication


def furnish(settings: Settings) -> Rooms:
    """Everything built, nothing connected yet."""
    clickhouse = ClickHouse(
        url=settings.clickhouse_url,
        user=settings.clickhouse_user,
        password=settings.clickhouse_password.get_secret_value(),
        database=settings.clickhouse_database,
        connections=settings.clickhouse_connections,
        query_timeout_ms=settings.query_timeout_ms,
    )
    reader = ConnectionReader(settings.kafka_bootstrap)
    connections = ConnectionService(reader)
    sessions = SessionService(connections, SessionRepository(clickhouse))
    events = EventService(sessions, EventRepository(clickhouse))
    share_reader = ShareReader(settings.kafka_bootstrap)
    shares = ShareService(
        sessions,
        ShareRepository(
            share_reader,
            RecordWriter(settings.kafka_bootstrap, settings.kafka_write_timeout_ms),
            within_ms=settings.kafka_write_timeout_ms,
            stale_after_ms=settings.share_stale_after_ms,
        ),
        KeysFile(settings.share_keys_file),
    )
    listed = TokenService(TokensFileReader(settings.tokens_file))
    return Rooms(
        settings=settings,
        clickhouse=clickhouse,
        connection_reader=reader,
        connections=connections,
        sessions=sessions,
        events=events,
        export=ExportService(events, settings.export_html_max_bytes),
        player_files=PlayerFiles(settings.dashboard_path),
        friction=FrictionService(connections, FrictionRepository(clickhouse)),
        live=_live(settings, sessions, events, clickhouse),
        playability=PlayabilityService(PlayabilityRepository(clickhouse)),
        timeline=TimelineService(sessions, TimelineRepository(clickhouse)),
        share_reader=share_reader,
        shares=shares,
        authentication=Authentication(listed, sign_on.of(settings), shares),
    )


def _live(
    settings: Settings, sessions: SessionService, events: EventService, clickhouse: ClickHouse
) -> LiveService:
    repository = LiveRepository(clickhouse)
    # Several readings fit into a viewer's buffer, so that one does not make all of them fall behind.
    read_bytes = settings.live_buffer_bytes // 4
    return LiveService(
        sessions,
        events,
        repository,
        Watch(repository, poll_ms=settings.live_poll_ms, read_bytes=read_bytes),
        LiveLimits(
            viewers=settings.live_viewers,
            buffer_bytes=settings.live_buffer_bytes,
            stream=Limits(
                read_bytes=read_bytes,
                heartbeat_ms=settings.live_heartbeat_ms,
                longest_ms=settings.live_longest_ms,
            ),
        ),
    )


# `async`, as every dependency here: a plain function would be run in a thread, which takes longer than it.
async def _rooms(request: Request) -> Rooms:
    return cast(Rooms, request.app.state.rooms)


RoomsOfApp = Annotated[Rooms, Depends(_rooms)]
