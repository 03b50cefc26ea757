"""What a batch of `seeds` holds, read anew from its text."""

import json

from query_api.events.order import Batch

META, FULL_SNAPSHOT, INCREMENTAL = 4, 2, 3


def snapshots_at(batch: Batch) -> list[int]:
    """Times of its full snapshots in whole ms, in order, as the collector tells them."""
    events = json.loads(b"[" + batch.payload + b"]")
    return sorted(int(each["timestamp"]) for each in events if each["type"] == FULL_SNAPSHOT)
