"""What may be asked of the list of sessions and of its totals, as it stands in the address of a call."""

from typing import Annotated

from pydantic import Field, StringConstraints, field_validator
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import ValidationInfo

from query_api.cursor import MAX_LENGTH
from query_api.friction.parameters import ClickThresholdParameters
from query_api.friction.thresholds import ClickThresholds
from query_api.sessions.activity import MOST, BucketLength, time_zones
from query_api.sessions.filters import Filters, Friction, Status
from query_api.sessions.order import Direction, Order, Sort
from schemas.rrweb_event import LATEST_AT

MOST_NAMES = 20
MOST_NUMBER = 2**53 - 1
"""The largest whole number that a browser counts to."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Country = Annotated[str, StringConstraints(pattern="^[A-Za-z]{2}$")]


class FilterParameters(ClickThresholdParameters):
    """All that are given must hold."""

    status: Status | None = Field(None, description="Sessions of this status.", examples=["completed"])
    from_: int | None = Field(
        None,
        alias="from",
        ge=0,
        le=LATEST_AT,
        description="Sessions that started at this time (ms since the epoch) or later.",
        examples=[1_795_478_400_000],
    )
    to: int | None = Field(
        None,
        ge=0,
        le=LATEST_AT,
        description="Sessions that started before this time (ms since the epoch).",
        examples=[1_795_564_800_000],
    )
    url: str | None = Field(
        None,
        min_length=1,
        max_length=1_000,
        description="Sessions that came to a page, the landing page or any later one, whose address contains "
        "this text. Upper and lower case are one; no character stands for others.",
        examples=["/checkout"],
    )
    visitor: str | None = Field(
        None,
        min_length=1,
        max_length=256,
        description="Sessions of the visitor with exactly this `visitor_id`.",
        examples=["v_8f2k1"],
    )
    browser: list[Name] = Field(
        [],
        max_length=MOST_NAMES,
        description="Sessions of this browser, a whole name as sessions have it (`Chrome` is not `Chrome "
        "Mobile`), in upper or lower case. Given several times: of any of them.",
        examples=[["Chrome", "Chrome Mobile"]],
    )
    os: list[Name] = Field(
        [],
        max_length=MOST_NAMES,
        description="Sessions of this operating system; as `browser`.",
        examples=[["Mac OS X"]],
    )
    country: list[Country] = Field(
        [],
        max_length=MOST_NAMES,
        description="Sessions from this country, ISO 3166-1 alpha-2. Given several times: from any of them.",
        examples=[["NL", "BE"]],
    )
    min_duration: int | None = Field(
        None,
        ge=0,
        le=MOST_NUMBER,
        description="Sessions of at least this `duration_ms`, in ms.",
        examples=[30_000],
    )
    min_events: int | None = Field(
        None, ge=0, le=MOST_NUMBER, description="Sessions of at least so many events.", examples=[10]
    )
    replayable: bool | None = Field(
        None, description="Sessions that can be played, or those that cannot.", examples=[True]
    )
    has: list[Friction] = Field(
        [],
        max_length=MOST_NAMES,
        description="Sessions with a rage click (fast clicks at one place), a dead click (one that the page "
        "did not answer), an error (written to the console, or caught by nobody; recorded where the "
        "recorder's `data-errors` is on). Given several times: with each of them.",
        examples=[["rage_click"]],
    )

    @field_validator("to")
    @classmethod
    def _is_later(cls, to: int | None, others: ValidationInfo) -> int | None:
        from_at = others.data.get("from_")
        if to is not None and from_at is not None and to <= from_at:
            raise PydanticCustomError("not_later", "It must be later than `from`")
        return to

    def filters(self) -> Filters:
        return Filters(
            status=self.status,
            from_at=self.from_,
            to_at=self.to,
            url=self.url,
            visitor=self.visitor,
            browsers=tuple(self.browser),
            oses=tuple(self.os),
            countries=tuple(self.country),
            min_duration_ms=self.min_duration,
            min_events=self.min_events,
            replayable=self.replayable,
            has=frozenset(self.has),
            thresholds=ClickThresholds(
                rage_clicks=self.rage_clicks,
                rage_within_ms=self.rage_within_ms,
                rage_radius_px=self.rage_radius_px,
                dead_after_ms=self.dead_after_ms,
            ),
        )


class ListParameters(FilterParameters):
    sort: Sort = Field(
        "started_at", description="What the list is sorted by.", examples=["started_at", "duration"]
    )
    direction: Direction = Field(
        "desc",
        description="The latest, longest or most first (`desc`), or last (`asc`).",
        examples=["desc"],
    )
    limit: int = Field(50, ge=1, le=200, description="Sessions a page.", examples=[50])
    cursor: str | None = Field(
        None,
        max_length=MAX_LENGTH,
        description="`next_cursor` of the page before, as it is, with the same filters and the same order.",
        examples=["q7oB2X0aY1GTzwAAAZsP"],
    )

    def order(self) -> Order:
        return Order(self.sort, self.direction)


class StatsParameters(FilterParameters):
    bucket: BucketLength | None = Field(
        None,
        description="How long a bucket of the activity is, an ISO 8601 duration. Without it the length is "
        f"chosen that suits the time from `from` to `to`. More than {MOST:,} buckets are refused.",
        examples=["PT1H"],
    )
    time_zone: str = Field(
        "UTC",
        max_length=64,
        description="Whose hours, days and weeks the buckets are: a time zone's name (IANA).",
        examples=["Europe/Amsterdam"],
    )

    @field_validator("time_zone")
    @classmethod
    def _is_known(cls, time_zone: str) -> str:
        if time_zone not in time_zones():
            raise PydanticCustomError(
                "unknown_time_zone", "It is not the name of a time zone (IANA), such as Europe/Amsterdam"
            )
        return time_zone
