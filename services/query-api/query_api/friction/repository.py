"""How much friction each of some sessions has; all SQL about it is here.

What friction is stands in `schemas/clickhouse/0008_friction.sql`. Each part names the connection and the
sessions, so it reads their stretches of `events`.
"""

import msgspec

from query_api.clickhouse import ClickHouse
from query_api.friction.thresholds import FrictionThresholds

# Those of the ids that are there and the tenant's; in the order asked for.
COUNTS = """
WITH asked AS (
    SELECT DISTINCT s.session_id AS session_id
    FROM sessions AS s
    WHERE s.connection_id = {connection_id:String}
        AND s.tenant_id = {tenant:String}
        AND s.started_at IN (
            SELECT fromUnixTimestamp64Milli(arrayJoin({started_at:Array(Int64)}), 'UTC')
        )
        AND s.session_id IN {session_ids:Array(UUID)}
        AND s.expires_on > today()
)
SELECT
    toString(found.session_id) AS session_id,
    countIf(kind = 'rage_click') AS rage_clicks,
    countIf(kind = 'dead_click') AS dead_clicks,
    countIf(kind = 'quick_back') AS quick_backs,
    countIf(kind = 'error') AS errors
FROM
(
    SELECT
        session_id,
        '' AS kind
    FROM asked

    UNION ALL

    SELECT
        session_id,
        'rage_click'
    FROM v_rage_clicks(
        rage_clicks = {rage_clicks:UInt32},
        rage_within_ms = {rage_within_ms:UInt32},
        rage_radius_px = {rage_radius_px:UInt32}
    )
    WHERE connection_id = {connection_id:String} AND session_id IN (SELECT session_id FROM asked)

    UNION ALL

    SELECT
        session_id,
        'dead_click'
    FROM v_dead_clicks(dead_after_ms = {dead_after_ms:UInt32})
    WHERE connection_id = {connection_id:String} AND session_id IN (SELECT session_id FROM asked)

    UNION ALL

    SELECT
        session_id,
        'quick_back'
    FROM v_quick_backs(quick_back_within_ms = {quick_back_within_ms:UInt32})
    WHERE connection_id = {connection_id:String} AND session_id IN (SELECT session_id FROM asked)

    UNION ALL

    SELECT
        session_id,
        'error'
    FROM v_console
    WHERE connection_id = {connection_id:String}
        AND session_id IN (SELECT session_id FROM asked)
        AND level IN ('error', 'assert')
) AS found
GROUP BY found.session_id
ORDER BY indexOf({session_ids:Array(UUID)}, found.session_id)
"""


class FrictionRow(msgspec.Struct, frozen=True, kw_only=True):
    session_id: str
    rage_clicks: int
    """Bursts, however many clicks follow in one."""
    dead_clicks: int
    quick_backs: int
    errors: int


class FrictionRepository:
    def __init__(self, clickhouse: ClickHouse) -> None:
        self._clickhouse = clickhouse

    async def counts(
        self,
        *,
        tenant: str,
        connection_id: str,
        session_ids: list[str],
        started_at: list[int],
        thresholds: FrictionThresholds,
    ) -> list[FrictionRow]:
        """A row for each of the sessions that is there, in the order of `session_ids`.

        Args:
            started_at: when each of them started, ms since the epoch.

        Raises:
            Refusal: clickhouse_unavailable, query_timeout.
        """
        parameters = {
            "tenant": tenant,
            "connection_id": connection_id,
            "session_ids": session_ids,
            "started_at": started_at,
            **msgspec.structs.asdict(thresholds),
        }
        return await self._clickhouse.select("friction", COUNTS, parameters, FrictionRow)
