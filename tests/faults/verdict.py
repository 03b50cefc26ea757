"""Whether the tables hold what the log says: it is read again and run through the core, in one pass.

Nothing here is taken from the worker but how far it came: its position in the changelog.
"""

from uuid import UUID

import msgspec
from aiokafka import AIOKafkaConsumer
from clickhouse_connect.driver.client import Client

from schemas.envelope import Batch
from schemas.topic import BATCHES, DEAD_LETTERS, SESSIONIZER_CHANGELOG
from sessionizer.core.block import run_block
from sessionizer.core.effects import Assigned, SessionVersion
from sessionizer.core.rules import Rules
from sessionizer.core.state import Shard
from sessionizer.sink import sessions
from sessionizer.sink.payload import events_text, without_events
from sessionizer.worker.block_reader import read_block
from sessionizer.worker.kafka_record import KafkaRecord
from sessionizer.worker.recovery import Recovery
from tests.servers.broker import partitions_of

SentBatch = tuple[str, str, int | None, bytes]
"""Visitor, window, seq and batch id."""


def sent_batch(batch: Batch) -> SentBatch:
    return batch.visitor, batch.window, batch.seq, batch.batch_id


class Truth(msgspec.Struct):
    """What one pass of the core over the log gives."""

    assigned: list[Assigned]
    sessions: dict[bytes, SessionVersion]
    """The last version of each."""
    dead: set[bytes]
    """Keys of the dead letters."""
    positions: dict[int, int]
    ends: dict[int, int]


async def log_of(bootstrap: str, topic: str) -> dict[int, list[KafkaRecord]]:
    """Every committed record of a declared topic, by partition."""
    partitions = partitions_of(topic)
    async with AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=None,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    ) as consumer:
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        records: dict[int, list[KafkaRecord]] = {tp.partition: [] for tp in partitions}
        while any([await consumer.position(tp) < ends[tp] for tp in partitions]):
            for tp, fetched in (await consumer.getmany(timeout_ms=500)).items():
                records[tp.partition].extend(fetched)
    return records


async def all_readable(bootstrap: str, topic: str) -> None:
    """Until no transaction is open: the broker answers a commit before its records can be read."""
    ends: list[object] = []
    while len(ends) < 2 or ends[0] != ends[1]:
        ends = []
        for isolation in ("read_uncommitted", "read_committed"):
            async with AIOKafkaConsumer(
                bootstrap_servers=bootstrap, group_id=None, isolation_level=isolation
            ) as consumer:
                ends.append(await consumer.end_offsets(partitions_of(topic)))


async def truth(bootstrap: str, rules: Rules, max_payload_bytes: int) -> Truth:
    """Run the log, up to the worker's position, through the core in one block a partition."""
    await all_readable(bootstrap, SESSIONIZER_CHANGELOG)
    log = await log_of(bootstrap, BATCHES)
    shards = await Recovery(bootstrap).shards(set(log))
    found = Truth(
        assigned=[],
        sessions={},
        dead=set(),
        positions={number: shard.offset for number, shard in shards.items()},
        ends={number: len(records) for number, records in log.items()},
    )
    for number, records in log.items():
        done = [record for record in records if record.offset <= shards[number].offset]
        if not done:
            continue
        read = read_block(done, max_payload_bytes, ())
        effects = run_block(Shard(number), read.records, done[-1].offset, rules)
        found.assigned += effects.assigned
        found.sessions |= {session.session_id: session for session in effects.sessions}
        bad = read.bad.keys() | {each.offset for each in effects.rejected}
        found.dead |= {f"{BATCHES}-{number}-{offset}".encode() for offset in bad}
    return found


def expected_recordings(found: Truth) -> list[tuple[object, ...]]:
    return sorted(
        (
            each.batch.visitor,
            UUID(bytes=each.session_id),
            each.batch.window,
            -1 if each.batch.seq is None else each.batch.seq,
            each.batch.batch_id,
            each.offset,
            each.events,
            _text(each),
        )
        for each in found.assigned
    )


def _text(each: Assigned) -> bytes:
    text = events_text(each.batch.payload, each.batch.encoding, 1 << 30)
    return without_events(text, each.taken_out) if each.taken_out else text


def stored_recordings(client: Client) -> list[tuple[object, ...]]:
    answer = client.query(
        """
        SELECT s.visitor_id, r.session_id, r.window_id, r.seq, r.batch_id, r.offset, r.events, r.payload
        FROM (SELECT * FROM recordings FINAL) AS r
        LEFT JOIN (SELECT session_id, visitor_id FROM sessions FINAL) AS s ON s.session_id = r.session_id
        """,
        column_formats={"payload": "bytes", "batch_id": "bytes"},
    )
    return sorted(tuple(row) for row in answer.result_rows)


def stored_sessions(client: Client) -> dict[bytes, bytes]:
    """Each session's row as RowBinary, all columns, as the worker wrote them."""
    columns = ", ".join(f"`{name}`" for name in sessions.COLUMNS)
    rows: dict[bytes, bytes] = {}
    for (session_id,) in client.query("SELECT session_id FROM sessions FINAL").result_rows:
        rows[session_id.bytes] = client.raw_query(
            f"SELECT {columns} FROM sessions FINAL WHERE session_id = {{id:UUID}}",
            parameters={"id": str(session_id)},
            fmt="RowBinary",
        )
    return rows


def expected_sessions(found: Truth) -> dict[bytes, bytes]:
    return {key: b"".join(sessions.session_row(version)) for key, version in found.sessions.items()}


async def dead_letter_keys(bootstrap: str) -> list[bytes]:
    letters = await log_of(bootstrap, DEAD_LETTERS)
    return [letter.key for records in letters.values() for letter in records if letter.key is not None]


async def assert_tables_are_the_log(
    bootstrap: str, client: Client, rules: Rules, *, sent: set[SentBatch], max_payload_bytes: int = 64 << 20
) -> Truth:
    """Every batch, session, event and dead letter is what one pass of the core over the log says."""
    found = await truth(bootstrap, rules, max_payload_bytes)
    stored = stored_recordings(client)
    missing = sent - {sent_batch(each.batch) for each in found.assigned}
    # Without a seq, a batch whose every event an earlier one has gets no row (rule 6).
    assert not {each for each in missing if each[2] is not None}, "a batch that was acknowledged has no row"
    assert stored == expected_recordings(found), "recordings are not what the log says"
    assert stored_sessions(client) == expected_sessions(found), "sessions are not what the log says"
    events = client.query("SELECT count() FROM events FINAL").result_rows[0][0]
    assert events == sum(each.events for each in found.assigned), "events are not what the log says"
    assert set(await dead_letter_keys(bootstrap)) == found.dead
    return found
