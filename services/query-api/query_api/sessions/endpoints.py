"""GET /v1/connections/{c}/sessions, …/sessions/stats, GET /v1/sessions/{s}."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from query_api.playability.decide import Playability
from query_api.playability.schemas import told
from query_api.problem_answers import responses
from query_api.problems import Reason
from query_api.rooms import RoomsOfApp
from query_api.sessions.parameters import ListParameters, StatsParameters
from query_api.sessions.replayability import why_not
from query_api.sessions.repository import SessionRow, SessionWithWindowsRow
from query_api.sessions.schemas import (
    Activity,
    ActivityBucket,
    Session,
    Sessions,
    SessionWithWindows,
    Stats,
    Window,
)
from query_api.tokens.caller import REFUSALS, Caller

router = APIRouter(prefix="/v1", tags=["sessions"])

STORE = (Reason.NOT_READY, Reason.CLICKHOUSE_UNAVAILABLE, Reason.QUERY_TIMEOUT)

ConnectionId = Annotated[str, Path(max_length=64, description="The connection's id.", examples=["demo-shop"])]
SessionId = Annotated[
    str,
    Path(
        max_length=64,
        description="The session's id, a UUID.",
        examples=["019abf3c-5d80-7c3e-9f21-6b8d0e4a7c55"],
    ),
]


@router.get(
    "/connections/{connection_id}/sessions",
    summary="Sessions of a connection, filtered and sorted",
    response_model=Sessions,
    responses=responses(Reason.BAD_PARAMETER, *REFUSALS, Reason.UNKNOWN_CONNECTION, *STORE),
)
async def list_sessions(
    connection_id: ConnectionId,
    caller: Caller,
    rooms: RoomsOfApp,
    asked: Annotated[ListParameters, Query()],
) -> Sessions:
    """The newest started first, unless another order is asked for.

    Page after page, each session whose place in the order stays is listed once, whatever arrives or changes
    its status meanwhile; a session's start never changes. Sorted by duration or events, one that grows
    meanwhile moves: downwards (`desc`) none is repeated, but one that grew past the page is not listed;
    upwards (`asc`) none is left out, but one that grew is listed again.
    """
    rows, next_cursor = await rooms.sessions.page(
        caller.tenant,
        connection_id,
        asked.filters(),
        asked.order(),
        limit=asked.limit,
        cursor=asked.cursor,
    )
    return Sessions(sessions=[session_of(row) for row in rows], next_cursor=next_cursor)


@router.get(
    "/connections/{connection_id}/sessions/stats",
    summary="Totals and activity of a connection's sessions, under the same filters",
    response_model=Stats,
    responses=responses(Reason.BAD_PARAMETER, *REFUSALS, Reason.UNKNOWN_CONNECTION, *STORE),
)
async def stats(
    connection_id: ConnectionId,
    caller: Caller,
    rooms: RoomsOfApp,
    asked: Annotated[StatsParameters, Query()],
) -> Stats:
    found = await rooms.sessions.stats(
        caller.tenant, connection_id, asked.filters(), bucket=asked.bucket, time_zone=asked.time_zone
    )
    in_all = found.in_all
    return Stats(
        total=in_all.sessions,
        active=in_all.active,
        completed=in_all.completed,
        events=in_all.events_in_all,
        replayable=in_all.replayable_ones,
        median_duration_ms=in_all.median_duration_ms if in_all.sessions else None,
        activity=Activity(
            bucket=found.length,
            time_zone=asked.time_zone,
            buckets=[ActivityBucket(**bucket._asdict()) for bucket in found.activity],
        ),
    )


@router.get(
    "/sessions/{session_id}",
    summary="One session with its windows, and why it can or cannot be played",
    response_model=SessionWithWindows,
    responses=responses(*REFUSALS, Reason.UNKNOWN_SESSION, *STORE),
)
async def one_session(session_id: SessionId, caller: Caller, rooms: RoomsOfApp) -> SessionWithWindows:
    row = await rooms.sessions.one(caller.tenant, session_id)
    playability = await rooms.playability.of(row)
    return SessionWithWindows(**session_of(row).model_dump(), windows=windows_of(row, playability))


def session_of(row: SessionRow) -> Session:
    return Session(
        session_id=row.session_id,
        connection_id=row.connection_id,
        visitor_id=row.visitor_id,
        started_at=row.started_at_ms,
        first_event_at=row.first_event_at_ms,
        last_event_at=row.last_event_at_ms,
        duration_ms=row.last_event_at_ms - row.first_event_at_ms,
        status=row.status,
        completed_at=row.completed_at_ms,
        completion_reason=row.completion_reason,
        landing_url=row.landing_url,
        user_agent=row.user_agent,
        browser=row.browser,
        os=row.os,
        device=row.device,
        country=row.country,
        events=row.events,
        batches=row.batches,
        raw_bytes=row.raw_bytes,
        replayable=row.replayable,
        not_replayable_reason=why_not(
            replayable=row.replayable, events=row.events, landing_url=row.landing_url
        ),
    )


def windows_of(row: SessionWithWindowsRow, playability: dict[str, Playability]) -> list[Window]:
    columns = zip(
        row.window_ids,
        row.window_first_at_ms,
        row.window_last_at_ms,
        row.window_skew_ms,
        row.window_events,
        row.window_batches,
        row.window_playable_at_ms,
        row.window_missing,
        row.window_missing_seqs,
        row.window_ended,
        (told(playability[window_id]) for window_id in row.window_ids),
        strict=True,
    )
    names = tuple(Window.model_fields)
    windows = [Window(**dict(zip(names, values, strict=True))) for values in columns]
    return sorted(windows, key=lambda window: (window.first_at, window.window_id))
