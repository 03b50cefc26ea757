"""What time the activity covers, and into which buckets it is cut. Pure."""

from typing import NamedTuple

from query_api.problems import Reason, Refusal
from query_api.sessions import look_back
from query_api.sessions.activity import (
    MOST,
    BucketLength,
    Stretch,
    about_so_many,
    chosen_length,
    edges,
)
from query_api.sessions.filters import Filters
from query_api.sessions.repository import SpanRow


class Cut(NamedTuple):
    length: BucketLength
    at: list[int]
    """Where the buckets begin, and at last where the last one ends; ms since the epoch."""


def covered(filters: Filters, known: SpanRow, now: int) -> Stretch:
    """`from_at` to `to_at`; without them, from the oldest session until now, and a day where there is none.

    A session that seems to start later than now is covered too: each that is counted is in the activity.
    Sessions outside of the time asked for change nothing.
    """
    to_at = filters.to_at
    if to_at is None:
        to_at = max(now, known.last_at_ms + 1 if known.known else 0, (filters.from_at or 0) + 1)
    from_at = filters.from_at
    if from_at is None:
        there_is_one = known.known and known.first_at_ms < to_at
        from_at = known.first_at_ms if there_is_one else max(to_at - look_back.DAY_MS, 0)
    return Stretch(from_at, max(to_at, from_at + 1))


def fits(stretch: Stretch, bucket: BucketLength | None) -> bool:
    """Whether `cut_of` does not refuse."""
    return about_so_many(stretch, bucket or chosen_length(stretch)) <= MOST


def cut_of(stretch: Stretch, bucket: BucketLength | None, time_zone: str) -> Cut:
    """
    Args:
        bucket: how long a bucket is; without it, what suits the stretch.
        time_zone: one of `activity.time_zones()`.

    Raises:
        Refusal: bad_parameter, where buckets of that length would be too many.
    """
    length = bucket or chosen_length(stretch)
    if not fits(stretch, length):
        raise Refusal(
            Reason.BAD_PARAMETER,
            f"bucket: {length} makes {about_so_many(stretch, length):,} buckets of the time asked for, and "
            f"{MOST:,} are the most; ask for longer ones, or for less time with `from` and `to`.",
        )
    return Cut(length, edges(stretch, length, time_zone))
