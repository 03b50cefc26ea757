"""GET /v1/connections/{c}/sessions, …/sessions/stats, GET /v1/sessions/{s}."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from query_api.cursor import MAX_LENGTH
from query_api.playability.decide import Playability
from query_api.playability.schemas import told
from query_api.problem_answers import responses
from query_api.problems import Reason
from query_api.rooms import RoomsOfApp
from query_api.sessions.replayability import why_not
from query_api.sessions.repository import SessionRow, SessionWithWindowsRow, Status
from query_api.sessions.schemas import Session, Sessions, SessionWithWindows, Stats, Window
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
StatusFilter = Annotated[
    Status | None, Query(description="Only sessions of this status.", examples=["completed"])
]


@router.get(
    "/connections/{connection_id}/sessions",
    summary="Sessions of a connection, the newest started first",
    response_model=Sessions,
    responses=responses(Reason.BAD_PARAMETER, *REFUSALS, Reason.UNKNOWN_CONNECTION, *STORE),
)
async def list_sessions(
    connection_id: ConnectionId,
    caller: Caller,
    rooms: RoomsOfApp,
    status: StatusFilter = None,
    limit: Annotated[int, Query(ge=1, le=200, description="Sessions a page.")] = 50,
    cursor: Annotated[
        str | None, Query(max_length=MAX_LENGTH, description="`next_cursor` of the page before, as it is.")
    ] = None,
) -> Sessions:
    """Pages neither skip nor repeat a session while others arrive and change their status."""
    rows, next_cursor = await rooms.sessions.page(caller.tenant, connection_id, status, limit, cursor)
    return Sessions(sessions=[session_of(row) for row in rows], next_cursor=next_cursor)


@router.get(
    "/connections/{connection_id}/sessions/stats",
    summary="Totals of a connection's sessions",
    response_model=Stats,
    responses=responses(Reason.BAD_PARAMETER, *REFUSALS, Reason.UNKNOWN_CONNECTION, *STORE),
)
async def stats(
    connection_id: ConnectionId, caller: Caller, rooms: RoomsOfApp, status: StatusFilter = None
) -> Stats:
    row = await rooms.sessions.stats(caller.tenant, connection_id, status)
    return Stats(total=row.sessions, active=row.active, completed=row.completed, events=row.events_in_all)


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
