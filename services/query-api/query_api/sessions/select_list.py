"""The SQL of a page of the list."""

from query_api.clickhouse import Parameters
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
from query_api.sessions.order import Order, Position, Sort

SESSION_COLUMNS = """
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
    replayable"""

_AT = "fromUnixTimestamp64Milli({after_at:Int64}, 'UTC')"
_KEY = ("s.started_at", "s.session_id")
_AFTER = (_AT, "{after_id:UUID}")
# Of what is sorted by, besides `_KEY`.
_VALUE: dict[Sort, tuple[str, ...]] = {"started_at": (), "duration": (DURATION_MS,), "events": ("s.events",)}


def select_list(filters: Filters, order: Order, *, after: bool, covered_ms: int | None) -> str:
    """
    Args:
        after: whether only what comes behind a position is wanted (`placed`).
        covered_ms: how long the time is in which sessions are looked for; None for all time.
    """
    value = _VALUE[order.sort]
    ordered = ", ".join(f"{part} {order.direction}" for part in value + _KEY)
    read, where = started(filters), KNOWN + conditions(filters)
    if after:
        # What a version changes may be asked of the latest alone; the key never changes.
        (where if value else read).append(_behind(order))
    return f"""
{with_candidates(filters)}
SELECT {SESSION_COLUMNS}
FROM sessions AS s
FINAL
PREWHERE {all_of(read)}
WHERE {all_of(where)}
ORDER BY {ordered}
LIMIT {{limit:UInt32}}
{written(final_settings(filters, covered_ms))}
"""  # noqa: S608 - fixed clauses


def _behind(order: Order) -> str:
    behind = "<" if order.direction == "desc" else ">"
    value = _VALUE[order.sort]
    key = ", ".join(value + _KEY)
    after = ", ".join((("{after_value:Int64}",) if value else ()) + _AFTER)
    clause = f"({key}) {behind} ({after})"
    # By start the same once more, in a form that the primary key serves.
    return clause if value else f"{clause}\n    AND s.started_at {behind}= {_AT}"


def placed(position: Position | None) -> Parameters:
    """The values of what `select_list` names of a position."""
    if position is None:
        return {}
    return {
        "after_value": position.value,
        "after_at": position.started_at,
        "after_id": str(position.session_id),
    }
