"""What GET /v1/sessions/{s} tells of a window's playability. Times are ms on the visitor's clock."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from query_api.playability.decide import Playability, Reason

PLAYABILITY: dict[str, Any] = {
    "from_at": 1_795_500_000_180,
    "reason": None,
    "full_snapshots": [{"at": 1_795_500_000_180, "seq": 0}],
    "full_snapshots_in_all": 1,
}


class FullSnapshotPlace(BaseModel):
    at: int
    seq: int | None = Field(description="Of the batch that holds it; null where the client numbers nothing.")


class WindowPlayability(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [PLAYABILITY]})

    from_at: int | None = Field(
        description="From where it can be played: its first full snapshot with a Meta event before it. Null "
        "while there is none; while the session is active it may still come."
    )
    reason: Reason | None = Field(
        description="Why it cannot be played: `no_events`, `no_full_snapshot`, `no_meta` (no full snapshot "
        "has a Meta event before it). Or why not from its beginning, but from `from_at` on: "
        "`first_part_missing` (batches before the first full snapshot are lost), "
        "`no_full_snapshot_at_beginning` (the recorder sent none there). Null where all of it plays."
    )
    full_snapshots: list[FullSnapshotPlace] = Field(
        description="Where `at` of `/events` can begin, in order; the first 500."
    )
    full_snapshots_in_all: int


def told(playability: Playability) -> WindowPlayability:
    return WindowPlayability(
        from_at=playability.from_at,
        reason=playability.reason,
        full_snapshots=[
            FullSnapshotPlace(at=at, seq=None if seq < 0 else seq) for at, seq in playability.full_snapshots
        ],
        full_snapshots_in_all=playability.full_snapshots_in_all,
    )
