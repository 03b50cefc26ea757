"""The SQL of totals and of the activity, in one reading of the table."""

from query_api.sessions.conditions import (
    DURATION_MS,
    KNOWN,
    all_of,
    conditions,
    started,
    with_candidates,
)
from query_api.sessions.filters import Filters
from query_api.sessions.final import final_settings, written

# Neither changes with a version, so the newest and the oldest need no FINAL.
SPAN = """
SELECT
    count() > 0 AS known,
    toUnixTimestamp64Milli(min(started_at)) AS first_at_ms,
    toUnixTimestamp64Milli(max(started_at)) AS last_at_ms
FROM sessions
WHERE connection_id = {connection_id:String}
    AND tenant_id = {tenant:String}
    AND expires_on > today()
"""


_SPAN_OF_ITS_TIME = """count() > 0 AS known,
    toUnixTimestamp64Milli(min(s.started_at)) AS first_at_ms,
    toUnixTimestamp64Milli(max(s.started_at)) AS last_at_ms"""
_NO_SPAN = "false AS known, 0 AS first_at_ms, 0 AS last_at_ms"


def select_stats(filters: Filters, covered_ms: int | None) -> str:
    """A row of all sessions, and one for each bucket that has any; {edges} are where the buckets begin.

    Where the filters leave an end open, each also tells, as `SPAN`, when the first and the last session in
    its time started, counted or not. Of a day it takes longer to plan the sums than to add them up: what is
    not needed or follows from others is not asked.

    Args:
        covered_ms: how long the time is that the buckets cover; None where that is not known.
    """
    wanted = all_of(conditions(filters)) or "true"
    span = _SPAN_OF_ITS_TIME if filters.from_at is None or filters.to_at is None else _NO_SPAN
    settings = final_settings(filters, covered_ms) | {"force_grouping_standard_compatibility": 1}
    return f"""
{with_candidates(filters)}
SELECT
    roundDown(toUnixTimestamp64Milli(s.started_at), {{edges:Array(Int64)}}) AS starts_at,
    grouping(starts_at) AS in_all,
    countIf(({wanted}) AS wanted) AS sessions,
    countIf(wanted AND s.status = 'active') AS active,
    sumIf(s.events, wanted) AS events_in_all,
    countIf(wanted AND s.replayable) AS replayable_ones,
    quantileExactLowIf(0.5)({DURATION_MS}, wanted) AS median_duration_ms,
    {span}
FROM sessions AS s
FINAL
PREWHERE {all_of(started(filters))}
WHERE {all_of(KNOWN)}
GROUP BY GROUPING SETS ((starts_at), ())
{written(settings)}
"""  # noqa: S608 - fixed clauses
