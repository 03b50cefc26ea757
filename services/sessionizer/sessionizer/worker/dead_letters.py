"""Records that could not be read go to `playhead.dead-letters`, unchanged; their partition goes on."""

from aiokafka import AIOKafkaProducer

from schemas.topic import DEAD_LETTERS
from sessionizer.worker.kafka_record import KafkaRecord

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


async def send(producer: AIOKafkaProducer, record: KafkaRecord, bad: BadRecord) -> None:
    """Returns once the dead letter is acknowledged. Sent again after a crash it has the same key.

    Raises:
        aiokafka.errors.KafkaError: it was not acknowledged.
    """
    await producer.send_and_wait(
        DEAD_LETTERS,
        record.value,
        key=f"{record.topic}-{record.partition}-{record.offset}".encode(),
        headers=[
            ("reason", bad.reason.encode()),
            ("detail", bad.detail.encode()[:DETAIL_BYTES]),
            ("record_key", record.key or b""),
        ],
    )
