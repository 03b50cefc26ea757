"""What one pass of the core over the log gives: the production core, with the whole log as one block."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from schemas.topic import BATCHES
from sessionizer.core.block import run_block
from sessionizer.core.effects import Assigned
from sessionizer.core.rules import Rules
from sessionizer.core.state import Shard
from sessionizer.core.versions import SessionVersion
from sessionizer.sink.payload import events_text, without_events
from sessionizer.sink.sessions import session_row
from sessionizer.worker.block_reader import read_block
from sessionizer.worker.kafka_record import KafkaRecord
from tests.faults.rows import RecordingRow, SessionRow, WindowRow, digest

MAX_PAYLOAD_BYTES = 64 << 20


class Truth(msgspec.Struct):
    assigned: list[tuple[int, Assigned]]
    """With the partition"""
    sessions: dict[bytes, SessionVersion]
    """The last version of each."""
    dead: set[bytes]
    """Keys of the dead letters."""
    shards: dict[int, Shard]
    """As they are after the last record."""


def core_truth(log: Mapping[int, Sequence[KafkaRecord]], rules: Rules) -> Truth:
    """Run the records of each partition through the core in one block."""
    found = Truth(assigned=[], sessions={}, dead=set(), shards={})
    for number, records in log.items():
        shard = found.shards[number] = Shard(number)
        if not records:
            continue
        read = read_block(records, MAX_PAYLOAD_BYTES, ())
        effects = run_block(shard, read.records, records[-1].offset, rules)
        found.assigned += [(number, each) for each in effects.assigned]
        found.sessions |= {session.session_id: session for session in effects.sessions}
        bad = read.bad.keys() | {each.offset for each in effects.rejected}
        found.dead |= {f"{BATCHES}-{number}-{offset}".encode() for offset in bad}
    return found


def recording_rows(found: Truth) -> list[RecordingRow]:
    return [_recording_row(number, each) for number, each in found.assigned]


def _recording_row(partition: int, each: Assigned) -> RecordingRow:
    batch = each.batch
    text = events_text(batch.payload, batch.encoding, MAX_PAYLOAD_BYTES)
    return RecordingRow(
        partition=partition,
        offset=each.offset,
        visitor=batch.visitor,
        session_id=UUID(bytes=each.session_id),
        window=batch.window,
        seq=-1 if batch.seq is None else batch.seq,
        batch_id=batch.batch_id,
        received_at=batch.received_at,
        skew_ms=each.skew_ms,
        events=each.events,
        raw_bytes=each.raw_bytes,
        expires_on=each.expires_on,
        payload=digest(without_events(text, each.taken_out) if each.taken_out else text),
    )


def session_rows(found: Truth) -> list[SessionRow]:
    return [_session_row(version) for version in found.sessions.values()]


def _session_row(version: SessionVersion) -> SessionRow:
    values = {name: getattr(version, name) for name in SessionRow._fields}
    values["session_id"] = UUID(bytes=version.session_id)
    values["windows"] = tuple(WindowRow(*msgspec.structs.astuple(window)) for window in version.windows)
    return SessionRow(**values)


def session_bytes(found: Truth) -> bytes:
    """As `stored.stored_session_bytes` gives them."""
    versions = sorted(found.sessions.values(), key=lambda version: version.session_id)
    return b"".join(piece for version in versions for piece in session_row(version))
