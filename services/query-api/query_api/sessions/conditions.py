"""What filters mean in SQL: fixed clauses, and beside them the caller's values as bound parameters.

No clause is made of a caller's text. Most speak of what changes from version to version, so they belong
behind FINAL, in WHERE. Only what never changes (`started`) may decide in PREWHERE which rows FINAL is given:
those that it leaves out need not be merged.
"""

from urllib.parse import quote

from query_api.clickhouse import Parameters
from query_api.sessions.event_conditions import CAME_TO, DEAD_CLICK, ERROR, RAGE_CLICK
from query_api.sessions.filters import Filters, Friction

DURATION_MS = "(toUnixTimestamp64Milli(s.last_event_at) - toUnixTimestamp64Milli(s.first_event_at))"

_OF_FRICTION: dict[Friction, str] = {"rage_click": RAGE_CLICK, "dead_click": DEAD_CLICK, "error": ERROR}

# What an address may hold as it is; a browser writes everything else as %XX.
_OF_ADDRESSES = "%:/?#[]@!$&'()*+,;=-._~"


def all_of(clauses: list[str]) -> str:
    return "\n    AND ".join(clauses)


def started(filters: Filters) -> list[str]:
    """In which connection, and when, sessions started: on the primary key of `sessions`."""
    clauses = ["connection_id = {connection_id:String}"]
    if filters.from_at is not None:
        clauses.append("started_at >= fromUnixTimestamp64Milli({from_at:Int64}, 'UTC')")
    if filters.to_at is not None:
        clauses.append("started_at < fromUnixTimestamp64Milli({to_at:Int64}, 'UTC')")
    return clauses


def with_candidates(filters: Filters) -> str:
    """The common table expression that the conditions on events read; nothing where there are none."""
    if filters.url is None and not filters.has:
        return ""
    return f"""WITH candidates AS (
    SELECT session_id
    FROM sessions
    WHERE {all_of(started(filters))}
)"""  # noqa: S608 - fixed clauses


KNOWN = [
    "s.tenant_id = {tenant:String}",
    # Past its retention a session is gone, whenever the engine gets to dropping it.
    "s.expires_on > today()",
]
"""What holds of every session `s` that there is for the caller."""


def conditions(filters: Filters) -> list[str]:
    """What holds of a session's latest version `s`, besides `started` and `KNOWN`."""
    clauses = []
    if filters.status is not None:
        clauses.append("s.status = {status:String}")
    if filters.visitor is not None:
        clauses.append("s.visitor_id = {visitor:String}")
    if filters.browsers:
        clauses.append(_any_case("s.browser", "{browsers:Array(String)}"))
    if filters.oses:
        clauses.append(_any_case("s.os", "{oses:Array(String)}"))
    if filters.countries:
        clauses.append(_any_case("s.country", "{countries:Array(String)}"))
    if filters.min_duration_ms is not None:
        clauses.append(f"{DURATION_MS} >= {{min_duration_ms:Int64}}")
    if filters.min_events is not None:
        clauses.append("s.events >= {min_events:UInt64}")
    if filters.replayable is not None:
        clauses.append("s.replayable = {replayable:Bool}")
    if filters.url is not None:
        clauses.append(
            "(multiSearchAnyCaseInsensitiveUTF8(s.landing_url, {urls:Array(String)})"
            f" OR s.session_id IN ({CAME_TO}))"
        )
    clauses += [f"s.session_id IN ({_OF_FRICTION[one]})" for one in sorted(filters.has)]
    return clauses


def _any_case(column: str, names: str) -> str:
    return f"has(arrayMap(name -> lowerUTF8(name), {names}), lowerUTF8({column}))"


def bound(filters: Filters) -> Parameters:
    """The values of what `started` and `conditions` name, and of nothing else."""
    wanted: Parameters = {
        "from_at": filters.from_at,
        "to_at": filters.to_at,
        "status": filters.status,
        "visitor": filters.visitor,
        "browsers": list(filters.browsers) or None,
        "oses": list(filters.oses) or None,
        "countries": list(filters.countries) or None,
        "min_duration_ms": filters.min_duration_ms,
        "min_events": filters.min_events,
        "replayable": filters.replayable,
        "urls": None if filters.url is None else _as_written(filters.url),
    }
    if "rage_click" in filters.has:
        wanted["rage_clicks"] = filters.thresholds.rage_clicks
        wanted["rage_within_ms"] = filters.thresholds.rage_within_ms
        wanted["rage_radius_px"] = filters.thresholds.rage_radius_px
    if "dead_click" in filters.has:
        wanted["dead_after_ms"] = filters.thresholds.dead_after_ms
    return {name: value for name, value in wanted.items() if value is not None}


def _as_written(url: str) -> list[str]:
    """As it was given, and as a browser writes it into an address."""
    return sorted({url, quote(url, safe=_OF_ADDRESSES)})
