"""Records that could not be read go to `playhead.dead-letters`, unchanged; their partition goes on.

What a letter's headers are, and every reason, is in `schemas.dead_letter`.
"""

from schemas.dead_letter import (
    CUT_BYTES,
    LARGEST_RECORD_BYTES,
    Letter,
    Position,
    Reason,
    bounded_detail,
    letter_headers,
)
from schemas.topic import DEAD_LETTERS
from sessionizer.worker.kafka_record import KafkaRecord
from sessionizer.worker.transaction import Outgoing


class BadRecord(ValueError):  # noqa: N818
    """A record of `playhead.batches` that no row or state can be made of.

    `detail` is bounded here: it may quote a key or a field of megabytes, and goes to a header and to the log.
    """

    def __init__(self, reason: Reason, detail: str):
        detail = bounded_detail(detail)
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


def dead_letter(record: KafkaRecord, bad: BadRecord) -> Outgoing:
    """The record as its letter; a reader of committed records sees it once.

    A record larger than any topic takes was compressed by its producer. Whole, its letter would be refused,
    and its partition would stand still for ever; so of such a record only the beginning is kept.
    """
    position = Position(record.topic, record.partition, record.offset)
    key, value = record.key, record.value
    size = len(key or b"") + len(value or b"")
    whole = size <= LARGEST_RECORD_BYTES
    letter = Letter(
        position=position,
        reason=bad.reason,
        detail=bad.detail,
        record_key=key if whole or key is None else key[:CUT_BYTES],
        recorded_at=record.timestamp,
        whole_bytes=None if whole else size,
    )
    return Outgoing(
        topic=DEAD_LETTERS,
        key=str(position).encode(),
        value=value if whole or value is None else value[:CUT_BYTES],
        headers=tuple(letter_headers(letter)),
    )
