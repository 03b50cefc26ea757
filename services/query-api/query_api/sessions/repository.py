"""Sessions as the table `sessions` holds them: the list, totals, and one session.

Every query names the connection first, so it reads that connection's stretch of the primary key, and reads
with FINAL, so a session is its latest version.
"""

from typing import Literal, NamedTuple

import msgspec

from query_api.clickhouse import ClickHouse, Parameters
from query_api.sessions.conditions import bound
from query_api.sessions.filters import Filters, Status
from query_api.sessions.order import Order, Position
from query_api.sessions.select_list import SESSION_COLUMNS, placed, select_list
from query_api.sessions.select_stats import SPAN, select_stats

CompletionReason = Literal["inactivity", "max_duration", "ended"]

# A session's id holds its start (rule 8), so it is found by the primary key without an index of ids. It is
# one row: to set threads up for it takes longer than to read it.
_ONE = """
FROM sessions AS s
FINAL
WHERE connection_id IN {connection_ids:Array(String)}
    AND tenant_id = {tenant:String}
    AND started_at = fromUnixTimestamp64Milli({started_at:Int64}, 'UTC')
    AND s.session_id = {session_id:UUID}
    AND expires_on > today()
LIMIT 1
SETTINGS max_threads = 1
"""

ONE = f"""
SELECT {SESSION_COLUMNS},
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
    windows.ended AS window_ended{_ONE}"""

# Each column is a file to open in each part: those that nobody asks for take longer than the row itself.
RECORDED = f"""
SELECT
    toString(session_id) AS session_id,
    connection_id,
    toUnixTimestamp64Milli(started_at) AS started_at_ms,
    status,
    toUnixTimestamp64Milli(completed_at) AS completed_at_ms,
    toValidUTF8(landing_url) AS landing_url,
    raw_bytes,
    version,
    windows.id AS window_ids,
    arrayMap(at -> toUnixTimestamp64Milli(at), windows.first_at) AS window_first_at_ms,
    arrayMap(at -> toUnixTimestamp64Milli(at), windows.playable_at) AS window_playable_at_ms{_ONE}"""


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


class RecordedSessionRow(msgspec.Struct, frozen=True, kw_only=True):
    """What reading a session's recording takes to know. The windows are arrays of equal length."""

    session_id: str
    connection_id: str
    started_at_ms: int
    status: Status
    completed_at_ms: int | None
    landing_url: str
    raw_bytes: int
    version: int
    window_ids: list[str]
    window_first_at_ms: list[int]
    window_playable_at_ms: list[int | None]


class Sought(NamedTuple):
    """A session that may be there.

    Attributes:
        started_at: ms since the epoch, as its id has it.
    """

    tenant: str
    connection_ids: list[str]
    session_id: str
    started_at: int

    @property
    def parameters(self) -> Parameters:
        return self._asdict()


class SpanRow(msgspec.Struct, frozen=True, kw_only=True):
    """When the oldest and the newest session started, of a connection or of some time; ms since the epoch."""

    known: bool
    """There is a session at all."""
    first_at_ms: int
    last_at_ms: int


class StatsRow(SpanRow, frozen=True, kw_only=True):
    """What is counted of some time under the filters; and the span of all that there is in that time, where
    the filters leave an end open."""

    starts_at: int
    """ms since the epoch; of a bucket."""
    in_all: bool
    """It is no bucket's, but of all sessions."""
    sessions: int
    active: int
    events_in_all: int
    replayable_ones: int
    median_duration_ms: int

    @property
    def completed(self) -> int:
        """A session is the one or the other."""
        return self.sessions - self.active


NO_SESSIONS = StatsRow(
    known=False,
    first_at_ms=0,
    last_at_ms=0,
    starts_at=0,
    in_all=True,
    sessions=0,
    active=0,
    events_in_all=0,
    replayable_ones=0,
    median_duration_ms=0,
)


class SessionRepository:
    def __init__(self, clickhouse: ClickHouse) -> None:
        self._clickhouse = clickhouse

    async def page(
        self,
        *,
        tenant: str,
        connection_id: str,
        filters: Filters,
        order: Order,
        after: Position | None,
        limit: int,
        covered_ms: int | None,
    ) -> list[SessionRow]:
        """The first `limit` in that order, or the first behind `after`; `covered_ms` as for `select_list`."""
        sql = select_list(filters, order, after=after is not None, covered_ms=covered_ms)
        parameters = self._whose(tenant, connection_id) | bound(filters) | placed(after) | {"limit": limit}
        return await self._clickhouse.select("sessions_list", sql, parameters, SessionRow)

    async def span(self, *, tenant: str, connection_id: str) -> SpanRow:
        parameters = self._whose(tenant, connection_id)
        (row,) = await self._clickhouse.select("sessions_span", SPAN, parameters, SpanRow)
        return row

    async def stats(
        self, *, tenant: str, connection_id: str, filters: Filters, edges: list[int], covered_ms: int
    ) -> tuple[StatsRow, list[StatsRow]]:
        """Of all sessions; and of each bucket that sessions of the connection are in, in no order.

        Args:
            edges: where the buckets begin; ms since the epoch.
            covered_ms: how long the time is that they cover.
        """
        parameters = self._whose(tenant, connection_id) | bound(filters) | {"edges": edges}
        sql = select_stats(filters, covered_ms)
        rows = await self._clickhouse.select("sessions_stats", sql, parameters, StatsRow)
        in_all = next((row for row in rows if row.in_all), NO_SESSIONS)
        return in_all, [row for row in rows if not row.in_all]

    @staticmethod
    def _whose(tenant: str, connection_id: str) -> Parameters:
        return {"tenant": tenant, "connection_id": connection_id}

    async def one(self, sought: Sought) -> SessionWithWindowsRow | None:
        rows = await self._clickhouse.select("session", ONE, sought.parameters, SessionWithWindowsRow)
        return rows[0] if rows else None

    async def recorded(self, sought: Sought) -> RecordedSessionRow | None:
        rows = await self._clickhouse.select(
            "session_recorded", RECORDED, sought.parameters, RecordedSessionRow
        )
        return rows[0] if rows else None
