"""Whether the tables hold what the log says: it is read again, and judged by the core and by the oracle.

Nothing here is taken from the worker but how far it came: its position in the changelog.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec
from clickhouse_connect.driver.client import Client

from schemas.topic import BATCHES, DEAD_LETTERS, SESSIONIZER_CHANGELOG
from sessionizer.core.rules import Rules
from sessionizer.core.state import Shard, decode_visitor
from sessionizer.worker.kafka_record import KafkaRecord
from sessionizer.worker.recovery import Recovery
from tests.faults import core_truth
from tests.faults.announced import announced, session_differences
from tests.faults.core_truth import Truth
from tests.faults.log import all_readable, ends_of, log_of
from tests.faults.oracle_truth import oracle_truth
from tests.faults.stored import (
    doubled,
    stored_events,
    stored_recordings,
    stored_session_bytes,
    stored_sessions,
)
from tests.faults.traffic import Sent, digest

SHOWN = 5
"""So many rows of a difference are told."""

Log = Mapping[int, Sequence[KafkaRecord]]


@dataclass
class Verdict:
    truth: Truth
    differences: list[str]
    """In words; none where everything is as the log says."""
    records: int
    recordings: int
    sessions: int
    events: int
    dead_letters: int
    receipts: int
    changelog_records: int
    """Those that compaction has left."""
    changelog_end: int
    """Offsets given so far"""


async def verdict(bootstrap: str, client: Client, rules: Rules, sent: Sent) -> Verdict:
    """Judge what is there now; no worker may be in the middle of a block."""
    await all_readable(bootstrap, SESSIONIZER_CHANGELOG)
    whole = await log_of(bootstrap, BATCHES)
    shards = await Recovery(bootstrap).shards(set(whole))
    log = {
        number: [record for record in records if record.offset <= shards[number].offset]
        for number, records in whole.items()
    }
    truth, oracle = core_truth.core_truth(log, rules), oracle_truth(log, rules, sent)
    recordings, sessions = stored_recordings(client), stored_sessions(client)
    events, letters = stored_events(client), await dead_letter_keys(bootstrap)
    told = await announced(bootstrap)
    differences = [
        *_lost(whole, sent),
        *_foreign(log, sent),
        *_differences("recordings, by the core", core_truth.recording_rows(truth), recordings),
        *_differences("recordings, by the oracle", oracle.recordings, recordings),
        *_differences("sessions, by the core", core_truth.session_rows(truth), sessions),
        *_differences("sessions, by the oracle", oracle.sessions, sessions),
        *_differences("events, by the oracle", oracle.events.items(), events.items()),
        *_differences("dead letters, by the core", truth.dead, letters),
        *_differences("dead letters, by who sent them", oracle.dead, letters),
        *_differences("receipts, by the oracle", oracle.receipts, told.receipts),
        *session_differences(told, oracle.sessions)[:SHOWN],
        *_state_differences(truth, shards),
        *doubled(client),
    ]
    if core_truth.session_bytes(truth) != stored_session_bytes(client):
        differences.append("rows of sessions are not, byte for byte, what the core says")
    return Verdict(
        truth=truth,
        differences=differences,
        records=sum(map(len, log.values())),
        recordings=len(recordings),
        sessions=len(sessions),
        events=sum(events.values()),
        dead_letters=len(letters),
        receipts=len(told.receipts),
        changelog_records=sum(map(len, (await log_of(bootstrap, SESSIONIZER_CHANGELOG)).values())),
        changelog_end=sum((await ends_of(bootstrap, SESSIONIZER_CHANGELOG)).values()),
    )


async def assert_tables_are_the_log(bootstrap: str, client: Client, rules: Rules, *, sent: Sent) -> Truth:
    """Every batch, session, event and dead letter is what the log says, by the core and by the oracle."""
    found = await verdict(bootstrap, client, rules, sent)
    assert not found.differences, "\n".join(found.differences)
    return found.truth


async def dead_letter_keys(bootstrap: str) -> list[bytes]:
    letters = await log_of(bootstrap, DEAD_LETTERS)
    return [letter.key for records in letters.values() for letter in records if letter.key is not None]


def _differences(what: str, expected: Iterable[object], found: Iterable[object]) -> list[str]:
    """Rows that are missing, that nobody expects, and that are there twice."""
    wanted, held = list(expected), list(found)
    missing, unexpected = set(wanted) - set(held), set(held) - set(wanted)
    told = [f"{what}: missing {row}" for row in _some(missing)]
    told += [f"{what}: unexpected {row}" for row in _some(unexpected)]
    if len(set(held)) < len(held):
        told.append(f"{what}: {len(held) - len(set(held))} rows are there twice")
    if told:
        told.insert(0, f"{what}: {len(missing)} missing, {len(unexpected)} unexpected of {len(wanted)}")
    return told


def _some(rows: set[object]) -> list[object]:
    return sorted(rows, key=repr)[:SHOWN]


def _lost(log: Log, sent: Sent) -> list[str]:
    """Acknowledged records that the broker has not, or has otherwise."""
    held = {
        (number, record.offset): digest(record.key, record.value)
        for number, records in log.items()
        for record in records
    }
    lost = [place for place, told in sent.acknowledged.items() if held.get(place) != told]
    return [f"the log lacks {len(lost)} acknowledged records: {lost[:SHOWN]}"] if lost else []


def _foreign(log: Log, sent: Sent) -> list[str]:
    """Keyed records that nobody sent: the sessionizer writes ticks to this topic and nothing else."""
    known = sent.good | sent.bad
    foreign = [
        (number, record.offset)
        for number, records in log.items()
        for record in records
        if record.key is not None and digest(record.key, record.value) not in known
    ]
    return [f"the log has {len(foreign)} records of others: {foreign[:SHOWN]}"] if foreign else []


def _state_differences(truth: Truth, shards: Mapping[int, Shard]) -> list[str]:
    """Whether the changelog's state is the core's."""
    told: list[str] = []
    for number, shard in shards.items():
        told += _differences(f"state of partition {number}", _state(truth.shards[number]), _state(shard))
        if shard.watermark != truth.shards[number].watermark and shard.offset >= 0:
            told.append(f"watermark of partition {number}: {shard.watermark}")
    return told


def _state(shard: Shard) -> list[tuple[bytes, str]]:
    """Visitors by key. Left out is what depends on where blocks end: how often a visitor was looked at, and
    whether one of whom nothing is remembered any more waits for its tombstone.
    """
    found = []
    for key, value in shard.visitors.items():
        visitor = decode_visitor(value)
        if not (visitor.active or visitor.completed or visitor.erased):
            continue
        visitor.offset = visitor.changes = visitor.due = 0
        visitor.seen = dict(sorted(visitor.seen.items()))
        found.append((key, repr(msgspec.to_builtins(visitor))))
    return found
