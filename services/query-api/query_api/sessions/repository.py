"""Sessions as the table `sessions` holds them; all SQL about them is here.

Every query names the connection first, so it reads that connection's stretch of the primary key, and reads
with FINAL, so a session is its latest version. Sessions past their retention are gone for a reader from that
day on, whenever the engine gets to dropping them.
"""

from typing import Literal

import msgspec

from query_api.clickhouse import ClickHouse

Status = Literal["active", "completed"]
CompletionReason = Literal["inactivity", "max_duration", "ended"]

LIST = """
SELECT
    toString(session_id) AS session_id,
    connection_id,
    toValidUTF8(visitor_id) AS visitor_id,
    toUnixTimestamp64Milli(started_at) AS started_at_ms,
    toUnixTimestamp64Milli(first_event_at) AS first_event_at_ms,
    toUnixTimestamp64Milli(last_event_at) AS last_event_at_ms,
    status,
    toUnixTimestamp64Milli(completed_at) AS completed_at_ms,
    nullIf(completion_reason, '') AS completion_reason,
    toValidUTF8(landing_url) AS landing_url,
    toValidUTF8(user_agent) AS user_agent,
    browser,
    os,
    device,
    country,
    events,
    batches,
    raw_bytes,
    replayable
FROM sessions AS s
FINAL
WHERE connection_id = {connection_id:String}
    AND tenant_id = {tenant:String}
    AND expires_on > today()
    AND ({status:String} = '' OR toString(status) = {status:String})
    AND started_at <= fromUnixTimestamp64Milli({before_at:Int64}, 'UTC')
    AND (started_at, s.session_id) < (fromUnixTimestamp64Milli({before_at:Int64}, 'UTC'), {before_id:UUID})
ORDER BY
    started_at DESC,
    s.session_id DESC
LIMIT {limit:UInt32}
"""

STATS = """
SELECT
    count() AS sessions,
    countIf(status = 'active') AS active,
    countIf(status = 'completed') AS completed,
    sum(events) AS events_in_all
FROM sessions
FINAL
WHERE connection_id = {connection_id:String}
    AND tenant_id = {tenant:String}
    AND expires_on > today()
    AND ({status:String} = '' OR toString(status) = {status:String})
"""

# A session's id holds its start (rule 8), so it is found by the primary key without an index of ids.
ONE = """
SELECT
    toString(session_id) AS session_id,
    connection_id,
    toValidUTF8(visitor_id) AS visitor_id,
    toUnixTimestamp64Milli(started_at) AS started_at_ms,
    toUnixTimestamp64Milli(first_event_at) AS first_event_at_ms,
    toUnixTimestamp64Milli(last_event_at) AS last_event_at_ms,
    status,
    toUnixTimestamp64Milli(completed_at) AS completed_at_ms,
    nullIf(completion_reason, '') AS completion_reason,
    toValidUTF8(landing_url) AS landing_url,
    toValidUTF8(user_agent) AS user_agent,
    browser,
    os,
    device,
    country,
    events,
    batches,
    raw_bytes,
    replayable,
    version,
    windows.id AS window_ids,
    arrayMap(at -> toUnixTimestamp64Milli(at), windows.first_at) AS window_first_at_ms,
    arrayMap(at -> toUnixTimestamp64Milli(at), windows.last_at) AS window_last_at_ms,
    windows.skew_ms AS window_skew_ms,
    windows.events AS window_events,
    windows.batches AS window_batches,
    arrayMap(at -> toUnixTimestamp64Milli(at), windows.playable_at) AS window_playable_at_ms,
    windows.missing AS window_missing,
    windows.missing_seqs AS window_missing_seqs,
    windows.ended AS window_ended
FROM sessions AS s
FINAL
WHERE connection_id IN {connection_ids:Array(String)}
    AND tenant_id = {tenant:String}
    AND started_at = fromUnixTimestamp64Milli({started_at:Int64}, 'UTC')
    AND s.session_id = {session_id:UUID}
    AND expires_on > today()
LIMIT 1
"""


class SessionRow(msgspec.Struct, frozen=True, kw_only=True):
    """A session's latest version. All `*_at_ms` are ms since the epoch."""

    session_id: str
    connection_id: str
    visitor_id: str
    started_at_ms: int
    first_event_at_ms: int
    last_event_at_ms: int
    status: Status
    completed_at_ms: int | None
    completion_reason: CompletionReason | None
    landing_url: str
    user_agent: str
    browser: str
    os: str
    device: str
    country: str
    events: int
    batches: int
    raw_bytes: int
    replayable: bool


class SessionWithWindowsRow(SessionRow, frozen=True, kw_only=True):
    """The windows are arrays of equal length."""

    version: int
    window_ids: list[str]
    window_first_at_ms: list[int]
    window_last_at_ms: list[int]
    window_skew_ms: list[int]
    window_events: list[int]
    window_batches: list[int]
    window_playable_at_ms: list[int | None]
    window_missing: list[int]
    window_missing_seqs: list[list[int]]
    window_ended: list[bool]


class StatsRow(msgspec.Struct, frozen=True, kw_only=True):
    sessions: int
    active: int
    completed: int
    events_in_all: int


class SessionRepository:
    def __init__(self, clickhouse: ClickHouse) -> None:
        self._clickhouse = clickhouse

    async def before(
        self,
        *,
        tenant: str,
        connection_id: str,
        status: Status | None,
        before_at: int,
        before_id: str,
        limit: int,
    ) -> list[SessionRow]:
        """The newest started first, from the one after (`before_at`, `before_id`) in that order."""
        parameters = {
            "tenant": tenant,
            "connection_id": connection_id,
            "status": status or "",
            "before_at": before_at,
            "before_id": before_id,
            "limit": limit,
        }
        return await self._clickhouse.select("sessions_list", LIST, parameters, SessionRow)

    async def stats(self, *, tenant: str, connection_id: str, status: Status | None) -> StatsRow:
        parameters = {"tenant": tenant, "connection_id": connection_id, "status": status or ""}
        (row,) = await self._clickhouse.select("sessions_stats", STATS, parameters, StatsRow)
        return row

    async def one(
        self, *, tenant: str, connection_ids: list[str], session_id: str, started_at: int
    ) -> SessionWithWindowsRow | None:
        parameters = {
            "tenant": tenant,
            "connection_ids": connection_ids,
            "session_id": session_id,
            "started_at": started_at,
        }
        rows = await self._clickhouse.select("session", ONE, parameters, SessionWithWindowsRow)
        return rows[0] if rows else None
