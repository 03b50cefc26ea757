"""Where a stream begins in the batch that holds a window's newest full snapshot. Pure.

A batch is cut into its events where a seek begins and nowhere else (docs/adr/0083-a-page-that-begins-at-a-
snapshot.md); so it is here.
"""

from typing import NamedTuple

from query_api.events.order import Batch, cut
from query_api.events.snapshots import last_full_snapshot, last_meta


class BeginningBatch(NamedTuple):
    events: list[bytes]
    """The snapshot and what comes after it; before it its Meta event, where that is in this batch."""
    has_meta: bool


def from_snapshot(batch: Batch, snapshot_at: int) -> BeginningBatch | None:
    """None where the batch holds no full snapshot up to `snapshot_at` (ms, the visitor's clock)."""
    snapshot = last_full_snapshot(batch, snapshot_at)
    if snapshot is None:
        return None
    events = [event for place, event in cut(batch) if place >= snapshot.place]
    meta = last_meta(batch, None, snapshot.place)
    return BeginningBatch(([] if meta is None else [meta.event]) + events, meta is not None)
