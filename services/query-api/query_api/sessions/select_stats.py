"""The SQL of totals and of the activity, in one reading of the table."""

from query_api.sessions.conditions import DURATION_MS, all_of, conditions, started, with_candidates
from query_api.sessions.filters import Filters

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


def select_stats(filters: Filters) -> str:
    """A row of all sessions, and one for each bucket that has any; {edges} are where the buckets begin."""
    where = started(filters) + conditions(filters)
    return f"""
{with_candidates(filters)}
SELECT
    roundDown(toUnixTimestamp64Milli(s.started_at), {{edges:Array(Int64)}}) AS starts_at,
    grouping(starts_at) AS in_all,
    count() AS sessions,
    countIf(s.status = 'active') AS active,
    countIf(s.status = 'completed') AS completed,
    sum(s.events) AS events_in_all,
    countIf(s.replayable) AS replayable_ones,
    quantileExactLow(0.5)({DURATION_MS}) AS median_duration_ms
FROM sessions AS s
FINAL
WHERE {all_of(where)}
GROUP BY GROUPING SETS ((starts_at), ())
SETTINGS
    do_not_merge_across_partitions_select_final = 1,
    force_grouping_standard_compatibility = 1
"""  # noqa: S608 - fixed clauses
