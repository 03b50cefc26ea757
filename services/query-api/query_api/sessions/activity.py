"""Cuts a stretch of time into the buckets of an activity series, in any time zone. Pure.

A bucket begins where a clock on the wall in that zone shows a round time, so a day is 23 or 25 hours long
where the clock is set. The engine is handed the edges and knows nothing of time zones: there is one table of
them.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Literal, NamedTuple, get_args
from zoneinfo import ZoneInfo, available_timezones

BucketLength = Literal[
    "PT1M", "PT5M", "PT15M", "PT30M", "PT1H", "PT3H", "PT6H", "PT12H", "P1D", "P1W", "P1M", "P3M", "P1Y"
]
"""As ISO 8601 writes a duration, the shortest first."""
LENGTHS: tuple[BucketLength, ...] = get_args(BucketLength)

AIM = 100
"""A length is chosen that makes at most so many buckets: about what a chart can show."""
MOST = 1_500
"""No more are made, whoever asks; a day of minutes fits."""

_MINUTE_MS = 60_000
_DAY_MS = 24 * 60 * _MINUTE_MS
# Below a day exact, from there about: enough to tell how many there will be.
_ABOUT_MS: dict[BucketLength, int] = {
    "PT1M": _MINUTE_MS,
    "PT5M": 5 * _MINUTE_MS,
    "PT15M": 15 * _MINUTE_MS,
    "PT30M": 30 * _MINUTE_MS,
    "PT1H": 60 * _MINUTE_MS,
    "PT3H": 180 * _MINUTE_MS,
    "PT6H": 360 * _MINUTE_MS,
    "PT12H": 720 * _MINUTE_MS,
    "P1D": _DAY_MS,
    "P1W": 7 * _DAY_MS,
    "P1M": 30 * _DAY_MS,
    "P3M": 91 * _DAY_MS,
    "P1Y": 365 * _DAY_MS,
}
_MONTHS: dict[BucketLength, int] = {"P1M": 1, "P3M": 3, "P1Y": 12}
# In the hour that a clock shows twice, buckets up to an hour come twice too; longer ones are longer.
_COME_TWICE = frozenset({"PT1M", "PT5M", "PT15M", "PT30M", "PT1H"})

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


class Stretch(NamedTuple):
    """ms since the epoch; `to_at` is the first ms that is not part of it, and later than `from_at`."""

    from_at: int
    to_at: int


def about_so_many(stretch: Stretch, length: BucketLength) -> int:
    """How many buckets of a length the stretch makes, give or take two."""
    return -(-(stretch.to_at - stretch.from_at) // _ABOUT_MS[length])


def chosen_length(stretch: Stretch) -> BucketLength:
    """The shortest that makes no more buckets than `AIM`; years, where none does."""
    fitting = (length for length in LENGTHS if about_so_many(stretch, length) <= AIM)
    return next(fitting, LENGTHS[-1])


@cache
def time_zones() -> frozenset[str]:
    """The names of all time zones (IANA)."""
    return frozenset(available_timezones())


def edges(stretch: Stretch, length: BucketLength, time_zone: str) -> list[int]:
    """Where the buckets begin that hold the stretch, and at last where the last one ends; ms since the epoch.

    Args:
        time_zone: one of `time_zones()`. Weeks begin on Monday.
    """
    zone = ZoneInfo(time_zone)
    found: set[int] = set()
    for wall in _walls(_local(stretch.from_at, zone), length):
        at = _instant(wall, zone)
        found.add(at)
        if length in _COME_TWICE:
            again = _instant(wall.replace(fold=1), zone)
            # A time that the clock skips has no second instant.
            if _local(again, zone) == wall:
                found.add(again)
        if at >= stretch.to_at:
            break
    inner = sorted(found)
    first = max(n for n, at in enumerate(inner) if at <= stretch.from_at)
    last = min(n for n, at in enumerate(inner) if at >= stretch.to_at)
    return inner[first : last + 1]


def _walls(first: datetime, length: BucketLength) -> Iterator[datetime]:
    """The round times on a clock on the wall, from the last but one that is not after `first`."""
    midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
    if (months := _MONTHS.get(length)) is not None:
        month = midnight.year * 12 + (midnight.month - 1) // months * months - months
        while True:
            yield datetime(month // 12, month % 12 + 1, 1)  # noqa: DTZ001 - what a wall shows has no zone
            month += months
    step = timedelta(milliseconds=_ABOUT_MS[length])
    wall = midnight + (first - midnight) // step * step
    if length == "P1W":
        wall = midnight - timedelta(days=midnight.weekday())
    wall -= step
    while True:
        yield wall
        wall += step


def _local(at: int, zone: ZoneInfo) -> datetime:
    return (_EPOCH + at * _MS).astimezone(zone).replace(tzinfo=None, fold=0)


def _instant(wall: datetime, zone: ZoneInfo) -> int:
    """Of a time that the clock shows twice, the first, or by its `fold` the second; of one that it skips, one
    as long after the change."""
    return (wall.replace(tzinfo=zone).astimezone(UTC) - _EPOCH) // _MS
