"""Rule 6: what of a batch was seen already in its window, and what is remembered of it."""

from schemas.envelope import Batch
from sessionizer.core import seqs
from sessionizer.core.admit import BATCH_ID_BYTES, HASH_BYTES
from sessionizer.core.state import Seen

REMEMBERED_HASHES = 4_096
REMEMBERED_BATCH_IDS = 64
MOST_RUNS = 64
"""Runs of seqs of a window; past that the lowest two are taken for one."""


def batch_id_seen(seen: Seen, batch: Batch) -> bool:
    """Whether a batch without a seq arrived already, as a whole."""
    ids = seen.batch_ids
    return any(batch.batch_id == ids[at : at + BATCH_ID_BYTES] for at in range(0, len(ids), BATCH_ID_BYTES))


def events_seen(seen: Seen, batch: Batch) -> tuple[int, ...]:
    """Positions of the events that are among the window's last 4,096 of earlier batches.

    Only earlier batches count: with a coarse clock two events of one batch can be equal byte by byte.
    """
    if not batch.event_hashes or not seen.event_hashes:
        return ()
    hashes = memoryview(batch.event_hashes).cast("Q")
    earlier = memoryview(seen.event_hashes).cast("Q")
    again = set(hashes).intersection(earlier)
    if not again:
        return ()
    return tuple(position for position, event_hash in enumerate(hashes) if event_hash in again)


def remember(seen: Seen, batch: Batch, taken_out: tuple[int, ...]) -> None:
    """Remember a batch that was taken, so that it is known when it comes again."""
    if batch.seq is not None:
        seqs.add(seen.seqs, batch.seq)
        if len(seen.seqs) > 2 * MOST_RUNS:
            del seen.seqs[1:3]
        return
    seen.batch_ids = (seen.batch_ids + batch.batch_id)[-REMEMBERED_BATCH_IDS * BATCH_ID_BYTES :]
    if batch.event_hashes:
        hashes = batch.event_hashes
        if taken_out:
            again = frozenset(taken_out)
            starts = (at * HASH_BYTES for at in range(batch.events) if at not in again)
            hashes = b"".join(hashes[start : start + HASH_BYTES] for start in starts)
        seen.event_hashes = (seen.event_hashes + hashes)[-REMEMBERED_HASHES * HASH_BYTES :]
