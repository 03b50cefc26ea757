"""Says from where a window can be played, and why not from its beginning, or not yet (rule 10). Pure.

All times are ms on the visitor's clock.
"""

from dataclasses import dataclass
from typing import Literal

from query_api.playability.repository import NOTHING_STORED, Place, WindowRow

Reason = Literal[
    "no_events", "no_full_snapshot", "no_meta", "first_part_missing", "no_full_snapshot_at_beginning"
]

BEGINNING_MS = 5_000
"""A page that loads is no longer without a snapshot than this; rrweb's first events come before it."""


@dataclass(frozen=True)
class Playability:
    from_at: int | None
    reason: Reason | None
    full_snapshots: list[Place]
    full_snapshots_in_all: int


def decide(
    *, events: int, first_at: int, playable_at: int | None, missing_seqs: list[int], stored: WindowRow | None
) -> Playability:
    """
    Args:
        events: of the window in this session.
        stored: what the store holds of it; None where nothing has arrived there.
    """
    row = stored or NOTHING_STORED
    if playable_at is None:
        reason: Reason | None = _why_not(events, row)
    else:
        reason = _why_not_from_the_beginning(first_at, playable_at, missing_seqs, row)
    return Playability(playable_at, reason, row.full_snapshots, row.full_snapshots_in_all)


def _why_not(events: int, row: WindowRow) -> Reason:
    if not events:
        return "no_events"
    return "no_meta" if row.full_snapshots_in_all else "no_full_snapshot"


def _why_not_from_the_beginning(
    first_at: int, playable_at: int, missing_seqs: list[int], row: WindowRow
) -> Reason | None:
    if not row.batches_before_playable:
        # All that there is plays, even if the recorder began in an earlier session (ADR 13).
        return None
    snapshot_seq = min((seq for at, seq in row.full_snapshots if at == playable_at), default=row.lowest_seq)
    if row.lowest_seq > 0 or any(seq < snapshot_seq for seq in missing_seqs):
        return "first_part_missing"
    return "no_full_snapshot_at_beginning" if playable_at - first_at > BEGINNING_MS else None
