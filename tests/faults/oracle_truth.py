"""What the oracle of the core's tests gives for the log: other code, without the core's state and rules.

It is told which records are bad by who sent them, and opens payloads with other libraries than the worker.
"""

import gzip
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import msgspec

from schemas.envelope import Batch, decode
from schemas.topic import BATCHES
from sessionizer.core.record import Record
from sessionizer.core.rules import Rules
from sessionizer.worker.kafka_record import KafkaRecord
from tests.faults.rows import ReceiptRow, RecordingRow, SessionRow, WindowRow, digest
from tests.faults.traffic import Sent
from tests.faults.traffic import digest as record_digest
from tests.sessionizer.core.oracle import OracleSession, OracleVisitor, Taken, oracle_visitors

DAY_MS = 86_400_000
LISTED_SEQS = 100

_events = msgspec.json.Decoder(list[msgspec.Raw]).decode


class OracleTruth(msgspec.Struct):
    recordings: list[RecordingRow]
    sessions: list[SessionRow]
    events: Counter[tuple[object, ...]]
    """By session and window."""
    dead: set[bytes]
    """Keys of the dead letters."""
    receipts: list[ReceiptRow]


def oracle_truth(log: Mapping[int, Sequence[KafkaRecord]], rules: Rules, sent: Sent) -> OracleTruth:
    found = OracleTruth(recordings=[], sessions=[], events=Counter(), dead=set(), receipts=[])
    for number, records in log.items():
        readable: list[Record] = []
        for record in records:
            if record_digest(record.key, record.value) in sent.bad:
                found.dead.add(f"{BATCHES}-{number}-{record.offset}".encode())
            else:
                assert record.value is not None
                readable.append(Record(record.offset, record.key, decode(record.value)))
        for _, visitor in oracle_visitors(readable, rules, number):
            for session in visitor.all:
                _add(found, visitor, session)
            found.receipts += _receipts(visitor)
    return found


def _add(found: OracleTruth, visitor: OracleVisitor, session: OracleSession) -> None:
    row = _session_row(visitor, session)
    found.sessions.append(row)
    for taken in session.taken:
        found.recordings.append(_recording_row(row, taken))
        found.events[row.session_id, taken.batch.window] += taken.events


def _receipts(visitor: OracleVisitor) -> list[ReceiptRow]:
    return [
        ReceiptRow(
            erasure_id=UUID(bytes=erasure_id),
            session_ids=frozenset(UUID(bytes=each) for each in ids),
            batches=batches,
            events=events,
        )
        for erasure_id, (ids, batches, events) in visitor.receipts.items()
    ]


def _recording_row(session: SessionRow, taken: Taken) -> RecordingRow:
    batch = taken.batch
    array = gzip.decompress(batch.payload) if batch.encoding == "gzip" else batch.payload
    events = [bytes(event) for n, event in enumerate(_events(array)) if n not in taken.taken_out]
    return RecordingRow(
        partition=session.partition,
        offset=taken.offset,
        visitor=batch.visitor,
        session_id=session.session_id,
        window=batch.window,
        seq=-1 if batch.seq is None else batch.seq,
        batch_id=batch.batch_id,
        received_at=batch.received_at,
        skew_ms=taken.skew_ms,
        events=taken.events,
        raw_bytes=taken.raw_bytes,
        expires_on=session.expires_on,
        payload=digest(b",".join(events)),
    )


def _session_row(visitor: OracleVisitor, session: OracleSession) -> SessionRow:
    first, taken = session.first.batch, session.taken
    windows = [_window_row(session, window) for window in session.window_ids()]
    told = [each.batch.visitor_id for each in taken if each.batch.visitor_id]
    return SessionRow(
        session_id=UUID(bytes=visitor.id_of(session)),
        tenant_id=first.tenant,
        connection_id=first.connection,
        visitor=first.visitor,
        visitor_id=told[0] if told else first.visitor,
        started_at=session.first.start,
        first_event_at=session.first_at,
        last_event_at=session.last_at,
        status="active" if session.completed_at is None else "completed",
        completed_at=session.completed_at,
        completion_reason=session.reason,
        landing_url=_landing_url(taken),
        user_agent=first.user_agent,
        country=first.country,
        events=sum(each.events for each in taken),
        batches=len(taken),
        raw_bytes=sum(each.raw_bytes for each in taken),
        replayable=any(window.playable_at is not None for window in windows),
        windows=tuple(sorted(windows, key=lambda window: (window.first_at + window.skew_ms, window.id))),
        partition=visitor.partition,
        expires_on=-(-first.received_at // DAY_MS) + first.retention_days,
        version=session.version,
    )


def _landing_url(taken: Iterable[Taken]) -> str:
    metas = [
        (each.batch.meta_at + each.skew_ms, each.offset, each.batch.href or "")
        for each in taken
        if each.batch.meta_at is not None
    ]
    return min(metas)[2] if metas else ""


def _window_row(session: OracleSession, window: str) -> WindowRow:
    of_window = session.of_window(window)
    batches: list[Batch] = [each.batch for each in of_window]
    metas = [batch.meta_at for batch in batches if batch.meta_at is not None]
    snapshots = [at for batch in batches for at in batch.full_snapshots_at]
    playable = [at for at in snapshots if metas and at >= min(metas)]
    missing = sorted(session.missing.get(window, set()))
    return WindowRow(
        id=window,
        first_at=min(batch.first_at for batch in batches),
        last_at=max(batch.last_at for batch in batches),
        skew_ms=of_window[0].skew_ms,
        events=sum(each.events for each in of_window),
        batches=len(batches),
        playable_at=min(playable, default=None),
        missing=len(missing),
        missing_seqs=tuple(missing[:LISTED_SEQS]),
        ended=session.closed(window),
    )
