"""What the calls about sessions answer. All `*_at` are ms since the epoch."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from query_api.playability.schemas import PLAYABILITY, WindowPlayability
from query_api.sessions.activity import BucketLength
from query_api.sessions.replayability import WhyNot

SESSION: dict[str, Any] = {
    "session_id": "019abf3c-5d80-7c3e-9f21-6b8d0e4a7c55",
    "connection_id": "demo-shop",
    "visitor_id": "v_8f2k1",
    "started_at": 1_795_500_000_000,
    "first_event_at": 1_795_500_000_000,
    "last_event_at": 1_795_500_061_250,
    "duration_ms": 61_250,
    "status": "completed",
    "completed_at": 1_795_501_980_000,
    "completion_reason": "inactivity",
    "landing_url": "https://shop.example/cart",
    "user_agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0",
    "browser": "Chrome",
    "os": "Linux",
    "device": "Other",
    "country": "NL",
    "events": 412,
    "batches": 21,
    "raw_bytes": 1_834_201,
    "replayable": True,
    "not_replayable_reason": None,
}
WINDOW: dict[str, Any] = {
    "window_id": "w_1",
    "first_at": 1_795_500_000_120,
    "last_at": 1_795_500_061_370,
    "skew_ms": -120,
    "events": 412,
    "batches": 21,
    "playable_at": 1_795_500_000_180,
    "missing": 0,
    "missing_seqs": [],
    "ended": True,
    "playability": PLAYABILITY,
}


class Session(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [SESSION]})

    session_id: str = Field(json_schema_extra={"format": "uuid"})
    connection_id: str
    visitor_id: str
    started_at: int = Field(description="Start of its first batch to arrive; never changes.")
    first_event_at: int = Field(description="Start of its span, on the collector's clock.")
    last_event_at: int = Field(description="End of its span, on the collector's clock.")
    duration_ms: int = Field(description="last_event_at - first_event_at")
    status: Literal["active", "completed"]
    completed_at: int | None
    completion_reason: Literal["inactivity", "max_duration", "ended"] | None
    landing_url: str = Field(description="Empty while no page is known.")
    user_agent: str
    browser: str
    os: str
    device: str
    country: str = Field(description="ISO 3166-1 alpha-2, or empty.")
    events: int
    batches: int
    raw_bytes: int = Field(description="Bytes of its events' JSON.")
    replayable: bool
    not_replayable_reason: WhyNot | None = Field(
        description="What it lacks to be played: any events, a Meta event, or a FullSnapshot behind a Meta. "
        "While it is active that may still come. Null where it can be played."
    )


class Sessions(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"sessions": [SESSION], "next_cursor": None}]})

    sessions: list[Session] = Field(description="In the order asked for.")
    next_cursor: str | None = Field(
        description="Give it back as `cursor` for the next page; null on the last."
    )


class ActivityBucket(BaseModel):
    starts_at: int = Field(description="A round time in the time zone asked for.")
    ends_at: int = Field(description="Where the next one begins.")
    sessions: int = Field(description="Sessions that started in it.")
    active: int = Field(description="Those of them that are active; the others are completed.")
    events: int = Field(description="Events of these sessions in all.")


class Activity(BaseModel):
    """How many sessions started when. The first and the last bucket reach beyond `from` and `to` to the next
    round time, and count only what is asked for."""

    # Its title names the type in generated clients, where ActivityBucket is taken.
    bucket: BucketLength = Field(
        title="Bucket length", description="How long a bucket is, an ISO 8601 duration."
    )
    time_zone: str
    buckets: list[ActivityBucket] = Field(
        description="All from `from` (without it, the connection's oldest session) to `to` (without it, "
        "now), also those without a session."
    )


ACTIVITY: dict[str, Any] = {
    "bucket": "PT6H",
    "time_zone": "Europe/Amsterdam",
    "buckets": [
        {
            "starts_at": 1_795_474_800_000,
            "ends_at": 1_795_496_400_000,
            "sessions": 0,
            "active": 0,
            "events": 0,
        },
        {
            "starts_at": 1_795_496_400_000,
            "ends_at": 1_795_518_000_000,
            "sessions": 128,
            "active": 3,
            "events": 53_401,
        },
    ],
}


class Stats(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "total": 128,
                    "active": 3,
                    "completed": 125,
                    "events": 53_401,
                    "replayable": 121,
                    "median_duration_ms": 48_210,
                    "activity": ACTIVITY,
                }
            ]
        }
    )

    total: int
    active: int
    completed: int
    events: int = Field(description="Events of these sessions in all.")
    replayable: int = Field(description="Those that can be played.")
    median_duration_ms: int | None = Field(
        description="Half of them last no longer; of an even number, the shorter of the middle two. Null "
        "without sessions."
    )
    activity: Activity


class Window(BaseModel):
    """One tab's recorder. `first_at`, `last_at` and `playable_at` are on the visitor's clock."""

    window_id: str
    first_at: int
    last_at: int
    skew_ms: int = Field(description="Add it to a time of the visitor's clock to have it on the collector's.")
    events: int
    batches: int
    playable_at: int | None = Field(description="Its first playable time; null while there is none.")
    missing: int = Field(description="Batches that are known to be missing.")
    missing_seqs: list[int] = Field(description="Their numbers, the first of them where there are many.")
    ended: bool = Field(description="The window said that it was closing.")
    playability: WindowPlayability


class SessionWithWindows(Session):
    model_config = ConfigDict(json_schema_extra={"examples": [SESSION | {"windows": [WINDOW]}]})

    windows: list[Window] = Field(description="In order of their first event.")
