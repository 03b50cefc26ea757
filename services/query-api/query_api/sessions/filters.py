"""Which sessions are asked for: one value for the list and its totals. `conditions` puts it into SQL."""

from typing import Literal

import msgspec

from query_api.friction.thresholds import ClickThresholds

Status = Literal["active", "completed"]
Friction = Literal["rage_click", "dead_click", "error"]


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """All that are given must hold; none given, all sessions do. Times are ms since the epoch."""

    status: Status | None = None
    from_at: int | None = None
    """Started at this time or later."""
    to_at: int | None = None
    """Started before this time."""
    url: str | None = None
    """Part of the address of a page that the session came to; upper and lower case are one."""
    visitor: str | None = None
    """The whole visitor_id."""
    browsers: tuple[str, ...] = ()
    """Any of these whole names; upper and lower case are one. So for the next two."""
    oses: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    min_duration_ms: int | None = None
    min_events: int | None = None
    replayable: bool | None = None
    has: frozenset[Friction] = frozenset()
    """Each of these."""
    thresholds: ClickThresholds = ClickThresholds()


def scope_of(filters: Filters) -> str:
    """A text that is the same for the same filters, and for no others: what a cursor is sealed with."""
    return msgspec.json.encode(filters, order="deterministic").decode()
