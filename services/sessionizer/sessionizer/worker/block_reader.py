"""A block's records, read: envelopes, and the text of each payload. What cannot be read is named.

All of it happens before the core sees the block and before anything is written, so that a bad record is
neither counted nor inserted.
"""

from collections.abc import Container

import msgspec

from schemas import envelope
from schemas.envelope import Batch, UnreadableEnvelope
from sessionizer.core.record import Record
from sessionizer.sink.payload import UndecodablePayload, events_text
from sessionizer.worker.dead_letters import BadRecord
from sessionizer.worker.kafka_record import KafkaRecord, KafkaRecords


class ReadBlock(msgspec.Struct):
    records: list[Record]
    """The readable ones, in order of offset."""
    texts: dict[int, bytes]
    """Each batch's events, comma-separated, by offset."""
    bad: dict[int, BadRecord]
    """By offset."""


def read_block(records: KafkaRecords, max_payload_bytes: int, excluded: Container[int]) -> ReadBlock:
    """Read every record but those at the excluded offsets."""
    block = ReadBlock(records=[], texts={}, bad={})
    for record in records:
        if record.offset in excluded:
            continue
        try:
            read, text = _read(record, max_payload_bytes)
        except BadRecord as bad:
            block.bad[record.offset] = bad
        else:
            block.records.append(read)
            if text is not None:
                block.texts[record.offset] = text
    return block


def _read(record: KafkaRecord, max_payload_bytes: int) -> tuple[Record, bytes | None]:
    if record.value is None:
        raise BadRecord("no_value", "the record has no value")
    try:
        content = envelope.decode(record.value)
        text = (
            events_text(content.payload, content.encoding, max_payload_bytes)
            if isinstance(content, Batch)
            else None
        )
    except (UnreadableEnvelope, UndecodablePayload) as error:
        raise BadRecord(error.reason, error.detail) from error
    return Record(offset=record.offset, key=record.key, envelope=content), text
