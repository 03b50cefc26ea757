"""The batches of recorded sessions, as rows of `recordings` and, beside them, as a row an event. Pure."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import xxhash

from benchmarks.query.grown_sessions import DAY_MS, Grown
from benchmarks.query.page_batches import Stamp
from schemas.envelope import VERSION, Batch
from sessionizer.core.effects import Assigned
from sessionizer.sink.recordings import recording_row
from sessionizer.sink.row_binary import Pieces

ARRIVES_AFTER_MS = 40
BLOCK_BYTES = 12_000_000
"""Of events' JSON in an insert: what 2 MiB of compressed batches hold, as the sessionizer takes them."""


class GrownBatch(NamedTuple):
    """A batch of a recorded session."""

    assigned: Assigned
    partition: int
    text: bytes
    stamps: Sequence[Stamp]
    start_at: int
    """What the times of `stamps` are after."""

    @property
    def row(self) -> Pieces:
        return recording_row(self.assigned, self.partition, self.text)

    def events(self) -> Iterator[tuple[int, bytes]]:
        """Each event's time and its own bytes."""
        begin = 0
        for stamp in self.stamps:
            yield self.start_at + stamp.after_ms, self.text[begin : stamp.end]
            begin = stamp.end + 1


def batches_of(session: Grown, first_offset: int, expires_on: int) -> Iterator[GrownBatch]:
    """In order.

    Args:
        first_offset: of the first record; the others follow.
        expires_on: days since 1970.
    """
    if session.recorded is None:
        return
    for seq, page_batch in enumerate(session.recorded.batches):
        start_at = session.started_at
        batch = Batch(
            version=VERSION,
            tenant=session.tenant,
            connection=session.connection,
            visitor=session.visitor,
            window=session.window,
            seq=seq,
            batch_id=xxhash.xxh3_128_digest(f"{session.window}/{seq}".encode()),
            received_at=start_at + page_batch.last_ms + ARRIVES_AFTER_MS,
            sent_at=start_at + page_batch.last_ms + ARRIVES_AFTER_MS,
            first_at=start_at + page_batch.first_ms,
            last_at=start_at + page_batch.last_ms,
            events=page_batch.events,
            raw_bytes=page_batch.raw_bytes,
            full_snapshots_at=tuple(start_at + after_ms for after_ms in page_batch.snapshots_ms),
            meta_at=None if page_batch.meta_ms is None else start_at + page_batch.meta_ms,
            href=page_batch.href,
            width=1440,
            height=900,
            user_agent=session.user_agent,
            country=session.country,
            gap_ms=30 * 60_000,
            max_session_ms=DAY_MS,
            retention_days=400,
            final=False,
            encoding="identity",
            payload=b"",
            in_order=page_batch.in_order,
        )
        assigned = Assigned(
            offset=first_offset + seq,
            session_id=session.id,
            skew_ms=0,
            expires_on=expires_on,
            events=page_batch.events,
            raw_bytes=page_batch.raw_bytes,
            batch=batch,
        )
        yield GrownBatch(assigned, session.partition, page_batch.at(start_at), page_batch.stamps, start_at)


def blocks(batches: Iterator[GrownBatch], most_bytes: int = BLOCK_BYTES) -> Iterator[list[GrownBatch]]:
    """Runs of batches of about so many bytes of JSON."""
    block: list[GrownBatch] = []
    size = 0
    for batch in batches:
        block.append(batch)
        size += len(batch.text)
        if size >= most_bytes:
            yield block
            block, size = [], 0
    if block:
        yield block
