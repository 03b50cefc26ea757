"""Sessions of one visitor as the Python peers keep them: the same facts as Playhead's state, as a plain dict.

The rules are the plain ones: a gap of 30 minutes, batches known by their seqs as runs. Late batches of
completed sessions, clocks that jump, and erasures are left out: that much less is done here.
"""

from typing import Any

from schemas.envelope import Batch

State = dict[str, Any]


def add(state: State | None, batch: Batch) -> State:
    """The visitor's session with the batch in it; a new one where the gap has passed."""
    skew_ms = 0 if batch.sent_at is None else batch.received_at - batch.sent_at
    if state is not None and batch.window in state["windows"]:
        skew_ms = state["windows"][batch.window]["skew_ms"]
    at = max(0, min(batch.last_at + skew_ms, batch.received_at))
    if state is None or at >= state["last_at"] + state["gap_ms"]:
        state = begin(batch, at)
    window = state["windows"].get(batch.window)
    if window is None:
        window = state["windows"][batch.window] = {
            "skew_ms": skew_ms,
            "first_at": batch.first_at,
            "last_at": batch.last_at,
            "events": 0,
            "batches": 0,
            "ended": False,
            "highest_seq": -1,
            "meta_at": None,
            "playable_at": None,
            "seqs": [],
        }
    seqs, seq = window["seqs"], batch.seq
    if any(first <= seq < end for first, end in zip(seqs[::2], seqs[1::2], strict=True)):
        return state
    if seqs and seqs[-1] == seq:
        seqs[-1] += 1
    else:
        seqs += [seq, seq + 1]
    state["first_at"] = min(state["first_at"], at - (batch.last_at - batch.first_at))
    state["last_at"] = max(state["last_at"], at)
    state["version"] += 1
    state["events"] += batch.events
    state["batches"] += 1
    state["raw_bytes"] += batch.raw_bytes
    if batch.meta_at is not None and (state["landing_at"] is None or batch.meta_at < state["landing_at"]):
        state["landing_at"], state["landing_url"] = batch.meta_at, batch.href
    if seq >= window["highest_seq"]:
        window["highest_seq"], window["ended"] = seq, batch.final
    window["first_at"] = min(window["first_at"], batch.first_at)
    window["last_at"] = max(window["last_at"], batch.last_at)
    window["events"] += batch.events
    window["batches"] += 1
    if batch.meta_at is not None and (window["meta_at"] is None or batch.meta_at < window["meta_at"]):
        window["meta_at"] = batch.meta_at
    for snapshot_at in batch.full_snapshots_at:
        if (
            window["meta_at"] is not None
            and snapshot_at >= window["meta_at"]
            and window["playable_at"] is None
        ):
            window["playable_at"] = snapshot_at
    return state


def begin(batch: Batch, at: int) -> State:
    return {
        "id": batch.batch_id.hex(),
        "tenant": batch.tenant,
        "started_at": at - (batch.last_at - batch.first_at),
        "first_at": at,
        "last_at": at,
        "gap_ms": batch.gap_ms,
        "max_session_ms": batch.max_session_ms,
        "retention_days": batch.retention_days,
        "user_agent": batch.user_agent,
        "country": batch.country,
        "version": 0,
        "events": 0,
        "batches": 0,
        "raw_bytes": 0,
        "landing_at": None,
        "landing_url": None,
        "windows": {},
    }
