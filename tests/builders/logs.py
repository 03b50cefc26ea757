"""A partition's log, as records that the sessionizer's core takes."""

from collections.abc import Iterable, Sequence

from schemas.envelope import Batch, Envelope, Erasure, Tick, visitor_key
from sessionizer.core.record import Record
from tests.builders.batches import T0


class Log(list[Record]):
    """Records that print as a person would tell them, for the failures of property tests."""

    def __repr__(self) -> str:
        return "\n" + "\n".join(told(record) for record in self)


def told(record: Record) -> str:
    """One line: offset, who, what, and seconds since T0."""
    e = record.envelope
    received = f"received {(e.received_at - T0) / 1000:+}s"
    if isinstance(e, Erasure):
        what = e.session_id.hex() if e.session_id else "everything"
        return f"  {record.offset:3} {e.visitor} erasure of {what} {received}"
    if not isinstance(e, Batch):
        return f"  {record.offset:3} tick {received}"
    times = f"client {(e.first_at - T0) / 1000:+}s to {(e.last_at - T0) / 1000:+}s"
    sent = "no sent_at" if e.sent_at is None else f"own skew {(e.received_at - e.sent_at) / 1000}s"
    facts = [
        f"seq {e.seq}" if e.seq is not None else f"hashes {(e.event_hashes or b'')[::8].hex(' ')}",
        f"meta {(e.meta_at - T0) / 1000:+}s" if e.meta_at is not None else "",
        *(f"snapshot {(at - T0) / 1000:+}s" for at in e.full_snapshots_at),
        "final" if e.final else "",
    ]
    known = ", ".join(filter(None, (times, received, sent, *facts)))
    return f"  {record.offset:3} {e.visitor}/{e.window} {known}"


def a_log(envelopes: Iterable[Envelope], first_offset: int = 0) -> Log:
    """Records with consecutive offsets, each under the key that the collector gives it."""
    return Log(
        Record(
            offset=offset,
            key=None if isinstance(e, Tick) else visitor_key(e.connection, e.visitor),
            envelope=e,
        )
        for offset, e in enumerate(envelopes, first_offset)
    )


def in_blocks(log: Sequence[Record], sizes: Sequence[int]) -> list[Sequence[Record]]:
    """The log cut into blocks of these sizes, repeated as often as needed."""
    blocks: list[Sequence[Record]] = []
    at = 0
    while at < len(log):
        size = sizes[len(blocks) % len(sizes)]
        blocks.append(log[at : at + size])
        at += size
    return blocks
