"""Records that could not be read go to `playhead.dead-letters`, unchanged; their partition goes on."""

from schemas.topic import DEAD_LETTERS
from sessionizer.worker.kafka_record import KafkaRecord
from sessionizer.worker.transaction import Outgoing

DETAIL_BYTES = 1_000


class BadRecord(ValueError):  # noqa: N818
    """A record of `playhead.batches` that no row or state can be made of.

    `reason` is one of a closed set: those of `schemas.envelope.UnreadableEnvelope`, of
    `sink.payload.UndecodablePayload`, of `core.effects.Impossible`, and `no_value`, `impossible_value`,
    `refused_by_clickhouse`.
    """

    def __init__(self, reason: str, detail: str):
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


def dead_letter(record: KafkaRecord, bad: BadRecord) -> Outgoing:
    """The record as its letter; a reader of committed records sees it once."""
    return Outgoing(
        topic=DEAD_LETTERS,
        key=f"{record.topic}-{record.partition}-{record.offset}".encode(),
        value=record.value,
        headers=(
            ("reason", bad.reason.encode()),
            ("detail", bad.detail.encode()[:DETAIL_BYTES]),
            ("record_key", record.key or b""),
        ),
    )
