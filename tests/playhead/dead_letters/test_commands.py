"""`playhead dead-letters` on a real broker: what is printed, what is written, and what an exit code says."""

import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.structs import ConsumerRecord

from playhead.cli import main
from playhead.kafka import topics
from playhead.stack.ports import free_ports
from schemas.dead_letter import LARGEST_RECORD_BYTES, Letter, letter_headers
from schemas.envelope import encode, visitor_key
from schemas.topic import BATCHES, DEAD_LETTERS, Topic, declared
from tests.builders.batches import a_batch
from tests.faults.log import all_readable
from tests.playhead.dead_letters.letters import at
from tests.servers.broker import KafkaServer
from tests.servers.waiting import run

pytestmark = [pytest.mark.stack, pytest.mark.timeout(120)]

NOW = time.time_ns() // 1_000_000
DAY = 86_400_000


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


Playhead = Callable[..., Said]


@pytest.fixture
def playhead(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Playhead:
    def call(*arguments: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["playhead", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        return Said(int(ended.value.code or 0), *capsys.readouterr())

    return call


@pytest.fixture
def broker(kafka: KafkaServer) -> KafkaServer:
    run(kafka.fresh_topics())
    return kafka


@dataclass(frozen=True)
class Put:
    """A letter that the topic is to hold."""

    offset: int
    key: bytes | None
    value: bytes | None
    reason: str = "payload_too_large"
    partition: int = 0
    recorded_at: int = NOW
    put_aside_at: int = NOW

    @property
    def position(self) -> str:
        return str(at(self.offset, self.partition))


def put_aside(kafka: KafkaServer, *letters: Put, committed: bool = True) -> None:
    """As a worker does: in a transaction."""

    async def write() -> None:
        producer = AIOKafkaProducer(
            bootstrap_servers=kafka.bootstrap, transactional_id="worker", max_request_size=32 << 20
        )
        await producer.start()
        await producer.begin_transaction()
        for put in letters:
            letter = Letter(
                position=at(put.offset, put.partition),
                reason=put.reason,
                detail="why",
                record_key=put.key,
                recorded_at=put.recorded_at,
            )
            await producer.send(
                DEAD_LETTERS,
                put.value,
                key=put.position.encode(),
                headers=letter_headers(letter),
                timestamp_ms=put.put_aside_at,
            )
        await (producer.commit_transaction() if committed else producer.abort_transaction())
        await producer.stop()
        await all_readable(kafka.bootstrap, DEAD_LETTERS)

    run(write())


def records_of(kafka: KafkaServer, topic: str) -> list[ConsumerRecord]:
    async def read() -> list[ConsumerRecord]:
        found: list[ConsumerRecord] = []
        assigned = [TopicPartition(topic, number) for number in range(declared()[topic].partitions)]
        async with AIOKafkaConsumer(
            bootstrap_servers=kafka.bootstrap, auto_offset_reset="earliest", isolation_level="read_committed"
        ) as consumer:
            consumer.assign(assigned)
            ends = await consumer.end_offsets(assigned)
            while any([await consumer.position(tp) < ends[tp] for tp in assigned]):
                for records in (await consumer.getmany(timeout_ms=100)).values():
                    found += records
        return found

    return run(read())


def by_collector(kafka: KafkaServer, key: bytes) -> int:
    """The partition to which the collector's producer sends this key."""

    async def ask() -> int:
        async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap) as producer:
            sent = await producer.send_and_wait(BATCHES, b"", key=key)
        return int(sent.partition)

    return run(ask())


def lines_of(said: Said) -> list[dict[str, object]]:
    return [json.loads(line) for line in said.out.splitlines()]


def positions(said: Said) -> list[object]:
    return [line["position"] for line in lines_of(said)]


ANN, BEN = visitor_key("shop", "ann"), visitor_key("shop", "ben")
FIRST = Put(1, ANN, b"first", put_aside_at=NOW - 3 * DAY)
SECOND = Put(2, BEN, b"second", reason="unknown_version", partition=3)
THIRD = Put(3, ANN, b"\xc1", reason="not_msgpack")


def test_letters_are_listed_filtered_and_limited(broker: KafkaServer, playhead: Playhead) -> None:
    there = ["--bootstrap", broker.bootstrap]
    assert playhead("dead-letters", "list", *there) == Said(0, "", "no dead letters\n")
    put_aside(broker, Put(9, ANN, b"never"), committed=False)
    put_aside(broker, FIRST, SECOND, THIRD)

    table = playhead("dead-letters", "list", *there)
    assert [line.split()[0] for line in table.out.splitlines()] == [
        "position",
        FIRST.position,
        SECOND.position,
        THIRD.position,
    ]
    assert "3 dead letters" in table.err
    assert positions(playhead("dead-letters", "list", "--json", "--reason", "unknown_version", *there)) == [
        SECOND.position
    ]
    assert positions(playhead("dead-letters", "list", "--json", "--partition", 3, *there)) == [
        SECOND.position
    ]
    assert positions(playhead("dead-letters", "list", "--json", "--since", "2d", *there)) == [
        SECOND.position,
        THIRD.position,
    ]
    newest = playhead("dead-letters", "list", "--json", "--limit", 1, *there)
    assert positions(newest) == [THIRD.position]
    assert "the newest 1 of them are listed" in newest.err


def test_one_is_shown_and_its_bytes_written(broker: KafkaServer, playhead: Playhead, tmp_path: Path) -> None:
    value = encode(a_batch(NOW, payload=b'[{"secret":1}]'))
    put_aside(
        broker, FIRST, Put(2, ANN, value, reason="impossible_time"), Put(3, ANN, None, reason="no_value")
    )
    raw, payload = tmp_path / "raw", tmp_path / "payload"
    there = ["--bootstrap", broker.bootstrap]
    said = playhead("dead-letters", "show", at(2), "--raw", raw, "--payload", payload, *there)
    assert said.code == 0
    assert "batch.visitor" in said.out
    assert "secret" not in said.out
    assert (raw.read_bytes(), payload.read_bytes()) == (value, b'[{"secret":1}]')

    no_batch = playhead("dead-letters", "show", at(1), "--payload", payload, *there)
    assert (no_batch.code, "no batch that can be read" in no_batch.err) == (1, True)
    no_value = playhead("dead-letters", "show", at(3), "--raw", raw, *there)
    assert (no_value.code, "has no value" in no_value.err) == (1, True)


def test_a_letter_goes_back_once_with_its_key_and_bytes_where_the_collector_sends_its_visitor(
    broker: KafkaServer, playhead: Playhead
) -> None:
    there = ["--bootstrap", broker.bootstrap]
    expected = by_collector(broker, ANN)
    put_aside(broker, FIRST, SECOND)
    before = len(records_of(broker, BATCHES))

    dry = playhead("dead-letters", "replay", FIRST.position, "--dry-run", *there)
    assert (dry.code, dry.err) == (0, "1 would be put back\n")
    assert len(records_of(broker, BATCHES)) == before

    done = playhead("dead-letters", "replay", FIRST.position, *there)
    assert done.code == 0
    [back] = [record for record in records_of(broker, BATCHES) if record.value == b"first"]
    assert (back.key, back.partition) == (ANN, expected)
    assert back.timestamp > NOW - DAY, "its place in the log is now"
    assert done.out == f"put back  {FIRST.position}  as {BATCHES}-{back.partition}-{back.offset}\n"
    first, second = lines_of(playhead("dead-letters", "list", "--json", *there))
    assert (first["replayed_to"], second["replayed_to"]) == (
        f"{BATCHES}-{back.partition}-{back.offset}",
        None,
    )

    refused = playhead("dead-letters", "replay", SECOND.position, FIRST.position, *there)
    assert refused.code == 1
    assert "--again" in refused.err
    assert len(records_of(broker, BATCHES)) == before + 1, "all of what was named, or nothing"
    assert playhead("dead-letters", "replay", FIRST.position, "--again", *there).code == 0
    assert len(records_of(broker, BATCHES)) == before + 2


def test_all_that_wait_go_back_but_not_garbage_nor_what_is_old(
    broker: KafkaServer, playhead: Playhead
) -> None:
    there = ["--bootstrap", broker.bootstrap]
    old = Put(4, ANN, b"old", recorded_at=NOW - 8 * DAY)
    put_aside(broker, FIRST, SECOND, THIRD, old)
    done = playhead("dead-letters", "replay", "--all", *there)
    assert done.code == 0
    assert sorted(record.value for record in records_of(broker, BATCHES)) == [b"first", b"second"]
    assert "1 left out: not_msgpack" in done.err
    assert "1 left out: it is older" in done.err
    again = playhead("dead-letters", "replay", "--all", *there)
    assert "2 left out: put back already" in again.err
    assert "0 put back" in again.err

    assert playhead("dead-letters", "replay", "--reason", "not_msgpack", *there).code == 0
    assert playhead("dead-letters", "replay", old.position, *there).code == 1
    assert playhead("dead-letters", "replay", old.position, "--old", *there).code == 0
    assert sorted(record.value for record in records_of(broker, BATCHES)) == [
        b"first",
        b"old",
        b"second",
        b"\xc1",
    ]


def test_no_key_an_empty_key_no_value_and_16_mib_go_back_as_they_were(
    broker: KafkaServer, playhead: Playhead
) -> None:
    largest = bytes(LARGEST_RECORD_BYTES - 100)
    letters = [
        Put(1, None, b"no key", partition=2),
        Put(2, b"", b"empty key"),
        Put(3, ANN, None),
        Put(4, BEN, largest),
    ]
    put_aside(broker, *letters)
    done = playhead(
        "dead-letters", "replay", *(each.position for each in letters), "--bootstrap", broker.bootstrap
    )
    assert done.code == 0, done.err
    back = {(record.key, record.value): record.partition for record in records_of(broker, BATCHES)}
    assert back.keys() == {(each.key, each.value) for each in letters}
    assert back[None, b"no key"] == 2, "without a key it goes to the partition where it was"


def test_what_is_wrong_is_said_with_what_to_do(
    broker: KafkaServer, playhead: Playhead, tmp_path: Path
) -> None:
    there = ["--bootstrap", broker.bootstrap]
    calls: Sequence[tuple[Sequence[object], int, str]] = [
        (["show", at(5), *there], 1, "no dead letter stands for"),
        (["replay", at(5), *there], 1, "no dead letter stands for"),
        (["show", "x", *there], 1, "is no position"),
        (["list", "--bootstrap", f"127.0.0.1:{free_ports(1)[0]}"], 1, "name another with --bootstrap"),
        (["list", "--data", tmp_path], 1, "start one with `playhead run`"),
        (["list", "--reason", "bad luck", *there], 2, "is none of"),
        (["list", "--since", "yesterday", *there], 2, "is no time"),
        (["replay", *there], 2, "say what to put back"),
        (["replay", at(5), "--all", *there], 2, "one of them"),
    ]
    for arguments, code, why in calls:
        said = playhead("dead-letters", *arguments)
        assert (said.code, said.out) == (code, ""), arguments
        assert why in " ".join(said.err.replace("│", " ").split()), said.err
        assert "Traceback" not in said.err
    run(broker.delete_topics({DEAD_LETTERS}))
    said = playhead("dead-letters", "list", *there)
    assert (said.code, "`playhead topics` creates it" in said.err) == (1, True)


def test_a_topic_of_an_earlier_version_is_given_its_new_limit(
    broker: KafkaServer, playhead: Playhead
) -> None:
    now = declared()[DEAD_LETTERS]
    before = {**now.config, "max.message.bytes": str(LARGEST_RECORD_BYTES)}
    old = Topic(name=now.name, key=now.key, value=now.value, partitions=now.partitions, config=before)
    run(topics.apply(broker.bootstrap, {DEAD_LETTERS: old}))
    until_configured(broker, before)
    said = playhead("topics", "--bootstrap", broker.bootstrap)
    assert f"set back   {DEAD_LETTERS}: max.message.bytes is 16777216, declared 17825792" in said.out
    until_configured(broker, now.config)
    put_aside(broker, Put(1, ANN, bytes(LARGEST_RECORD_BYTES)))


def until_configured(kafka: KafkaServer, config: dict[str, str]) -> None:
    """The controller's word comes before the broker knows."""
    deadline = time.monotonic() + 30
    while run(topics.real(kafka.bootstrap, {DEAD_LETTERS}))[DEAD_LETTERS].config != config:
        assert time.monotonic() < deadline
        time.sleep(0.05)
