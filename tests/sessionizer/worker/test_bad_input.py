"""Every reason for a dead letter on the whole worker, and the largest records that the log takes.

Bad records and good ones take turns in one partition, on a real broker and the real engine. Every bad one
must be in the dead letters as it was, with its reason, and counted; and every good one in the tables.
"""

import gzip
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError
from backports import zstd
from clickhouse_connect.driver.client import Client

from schemas import dead_letter
from schemas.dead_letter import DETAIL_BYTES, LARGEST_RECORD_BYTES, REASONS, Letter
from schemas.envelope import VERSION, Batch, Tick, encode, visitor_key
from schemas.topic import BATCHES, DEAD_LETTERS
from sessionizer.worker.kafka_record import KafkaRecord
from tests.builders.batches import a_batch, an_erasure
from tests.builders.events import a_batch_of, a_click
from tests.faults.log import log_of
from tests.faults.waiting import caught_up
from tests.servers.broker import KafkaServer
from tests.servers.engine import ClickHouseDatabase
from tests.servers.sessionizer import Sessionizers, workers_on
from tests.sessionizer.worker.test_worker import now_ms, stopped

pytestmark = [pytest.mark.stack, pytest.mark.timeout(180)]

MIB = 1 << 20
MAX_PAYLOAD_BYTES = 32 * MIB
KEY = b"shop/ann"
AT = now_ms()
REFUSED_WINDOW = "refuse-me"

KeyAndValue = tuple[bytes | None, bytes | None]


def raw(parts: object) -> KeyAndValue:
    return KEY, msgspec.msgpack.encode(parts)


def batch_with(**fields: Any) -> KeyAndValue:
    batch = a_batch(AT, **{"payload": b"[{}]", **fields})
    return visitor_key(batch.connection, batch.visitor), encode(batch)


SOUND = encode(a_batch(AT, payload=b"[{}]"))
BATCH: list[Any] = msgspec.msgpack.decode(SOUND)
WITHOUT_DEFAULTS = BATCH[: -len(Batch.__struct_defaults__)]
NO_TEXT = msgspec.msgpack.encode(["batch", VERSION, "tenant"]).replace(b"tenant", b"\xff\xfe\xfd\xfc\xfb\xfa")
BAD: dict[str, list[KeyAndValue]] = {
    "no_value": [(KEY, None), (None, None)],
    "not_msgpack": [
        (KEY, b""),
        (KEY, b"\x00garbage"),
        (KEY, b"\xc1"),
        (KEY, SOUND[:-1]),
        (KEY, b"\x91" * 100_000 + b"\x01"),
        (KEY, NO_TEXT),
        (None, b"no tick"),
    ],
    "unknown_kind": [raw(["session", 1]), raw({}), raw([]), raw(None), raw([["batch"], 1])],
    "unknown_version": [raw(["batch", VERSION + 1, "x"]), raw(["tick", None, AT]), raw(["erasure", "1"])],
    "invalid_field": [
        raw(WITHOUT_DEFAULTS[:-1]),
        raw(["batch", VERSION]),
        raw(["tick", VERSION]),
        raw(["tick", VERSION, "now"]),
        raw([*BATCH[:8], float(AT), *BATCH[9:]]),
        raw([*WITHOUT_DEFAULTS[:-2], "brotli", WITHOUT_DEFAULTS[-1]]),
        raw(["erasure", VERSION, bytes(16), "demo"]),
    ],
    "wrong_key": [
        (b"shop/else", SOUND),
        (b"", SOUND),
        (None, SOUND),
        (KEY, encode(Tick(VERSION, AT))),
        (b"", encode(Tick(VERSION, AT))),
        (b"shop/else", encode(an_erasure(AT))),
        (b"\xff" * 5 * MIB, SOUND),
    ],
    "impossible_time": [
        batch_with(received_at=-1),
        batch_with(received_at=10**15),
        batch_with(first_at=AT + 1),
        batch_with(last_at=10**15),
        batch_with(sent_at=-5),
        (None, encode(Tick(VERSION, -1))),
        (KEY, encode(an_erasure(-1))),
    ],
    "impossible_count": [
        batch_with(events=0),
        batch_with(raw_bytes=-1),
        batch_with(seq=None, event_hashes=b"1234567"),
    ],
    "impossible_setting": [batch_with(gap_ms=0), batch_with(max_session_ms=-1), batch_with(retention_days=0)],
    "impossible_identity": [
        batch_with(batch_id=b"short"),
        batch_with(seq=-1),
        batch_with(window=""),
        batch_with(connection="a/b"),
        (KEY, encode(an_erasure(AT, session_id=b"short"))),
    ],
    "payload_not_decodable": [
        batch_with(payload=gzip.compress(b"[{}]")[:-4], encoding="gzip"),
        batch_with(payload=b"no zstd", encoding="zstd"),
        batch_with(payload=b"\xff\xff", encoding="deflate"),
        batch_with(payload=b"\x28", encoding="zstd"),
    ],
    "payload_too_large": [
        batch_with(payload=zstd.compress(bytes(MAX_PAYLOAD_BYTES + 1)), encoding="zstd"),
        batch_with(payload=gzip.compress(bytes(MAX_PAYLOAD_BYTES + 1)), encoding="gzip"),
    ],
    "payload_not_an_array": [batch_with(payload=b"{}"), batch_with(payload=b""), batch_with(payload=b"[")],
    "payload_empty": [batch_with(payload=b"[]"), batch_with(payload=b" [ \n] ")],
    "refused_by_clickhouse": [batch_with(window=REFUSED_WINDOW)],
}


@pytest.fixture
def client(clickhouse: ClickHouseDatabase) -> Client:
    return clickhouse.client()


@pytest_asyncio.fixture
async def workers(
    kafka: KafkaServer, clickhouse: ClickHouseDatabase, tmp_path: Path
) -> AsyncIterator[Sessionizers]:
    async with workers_on(
        kafka, clickhouse, tmp_path, grace_ms=200, tick_ms=200, max_payload_bytes=MAX_PAYLOAD_BYTES
    ) as started:
        yield started


async def send(
    kafka: KafkaServer, records: Sequence[KeyAndValue], compression: str | None = None
) -> list[int]:
    """To partition 0, whatever the key; gives the offsets."""
    offsets = []
    async with AIOKafkaProducer(
        bootstrap_servers=kafka.bootstrap,
        acks="all",
        max_request_size=64 * MIB,
        compression_type=compression,
    ) as producer:
        for key, value in records:
            if key is None and value is None:
                batch = producer.create_batch()
                batch.append(key=None, value=None, timestamp=None)
                sent = await (await producer.send_batch(batch, BATCHES, partition=0))
            else:
                sent = await producer.send_and_wait(BATCHES, value, key=key, partition=0)
            offsets.append(sent.offset)
    return offsets


async def letters_of(kafka: KafkaServer) -> dict[int, tuple[Letter, KafkaRecord]]:
    """By the offset of the record in partition 0; each once."""
    found: dict[int, tuple[Letter, KafkaRecord]] = {}
    for records in (await log_of(kafka.bootstrap, DEAD_LETTERS)).values():
        for record in records:
            letter = dead_letter.read(record.key, record.headers)  # type: ignore[attr-defined]
            assert isinstance(letter, Letter)
            assert (letter.position.topic, letter.position.partition) == (BATCHES, 0)
            assert letter.position.offset not in found
            found[letter.position.offset] = letter, record
    return found


def good(visitor: str, seq: int) -> KeyAndValue:
    return visitor_key("shop", visitor), encode(a_batch_of([a_click(AT + seq)], visitor=visitor, seq=seq))


def stored(client: Client, visitor: str) -> list[tuple[int, int]]:
    query = "SELECT batches, events FROM sessions FINAL WHERE visitor_id = {visitor:String}"
    return [tuple(row) for row in client.query(query, parameters={"visitor": visitor}).result_rows]


def test_every_reason_that_a_record_can_have_is_tried() -> None:
    """`impossible_value` is behind the bounds of `core.admit`, so no record reaches it: see test_commit."""
    assert BAD.keys() == REASONS.keys() - {"impossible_value"}


async def test_each_bad_record_is_a_dead_letter_and_the_good_ones_around_it_are_taken(
    kafka: KafkaServer, client: Client, workers: Sessionizers
) -> None:
    client.command(f"ALTER TABLE recordings ADD CONSTRAINT refused CHECK window_id != '{REFUSED_WINDOW}'")
    bad = [(reason, record) for reason, records in BAD.items() for record in records]
    turns = [each for seq, (_, record) in enumerate(bad) for each in (good("around", seq), record)]
    offsets = (await send(kafka, [*turns, good("around", len(bad))]))[1::2]

    worker = workers.start()
    await worker.ready()
    await caught_up(kafka.bootstrap)
    counted = await worker.metric("playhead_sessionizer_dead_letters_total")
    await stopped(worker)

    letters = await letters_of(kafka)
    assert {offset: letter.reason for offset, (letter, _) in letters.items()} == {
        offset: reason for offset, (reason, _) in zip(offsets, bad, strict=True)
    }
    for offset, (_, (key, value)) in zip(offsets, bad, strict=True):
        letter, record = letters[offset]
        assert (letter.record_key, record.value, letter.whole_bytes) == (key, value, None)
        assert letter.detail
        assert len(letter.detail.encode()) <= DETAIL_BYTES
    expected = Counter(reason for reason, _ in bad)
    assert counted == {f'{{reason="{reason}"}}': float(expected[reason]) for reason in REASONS}
    assert stored(client, "around") == [(len(bad) + 1, len(bad) + 1)]
    assert stored(client, "ann") == []
    assert len(worker.process.log_end(10_000)) < 200_000, "what is logged of a bad record is bounded"


def padded(key: bytes, value_before: bytes, size: int) -> bytes:
    """A value that makes a batch of one record of exactly `size` bytes in the log."""
    # 61 of the batch; of the record 4 of its length, attributes, two deltas, 4 + 1 of lengths, header count.
    return value_before + bytes(size - 61 - 4 - 3 - 1 - len(key) - 4 - 1 - len(value_before))


def largest_batch(key: bytes) -> bytes:
    """The largest envelope that the log takes: one event with a text of almost 16 MiB."""
    room = len(padded(key, b"", LARGEST_RECORD_BYTES))

    def of(length: int) -> bytes:
        event = {"type": 5, "timestamp": AT, "data": {"tag": "big", "payload": "x" * length}}
        return encode(a_batch_of([event], visitor="largest", compressed=False, received_at=AT))

    return of(1_000_000 + room - len(of(1_000_000)))


async def test_records_of_16_mib_pass_good_or_bad(
    kafka: KafkaServer, client: Client, workers: Sessionizers
) -> None:
    garbage = padded(KEY, b"\x00garbage", LARGEST_RECORD_BYTES)
    key = visitor_key("shop", "largest")
    largest = largest_batch(key)
    assert len(largest) == len(padded(key, b"", LARGEST_RECORD_BYTES))
    with pytest.raises(MessageSizeTooLargeError):
        await send(kafka, [(KEY, garbage + b"\x00")])
    with pytest.raises(MessageSizeTooLargeError):
        await send(kafka, [(key, largest + b"\x00")])

    bad: list[KeyAndValue] = [(KEY, garbage), (KEY, largest), (bytes(12 * MIB), bytes(3 * MIB))]
    offsets = await send(kafka, [good("beside", 0), *bad, (key, largest), good("beside", 1)])
    worker = workers.start()
    await worker.ready()
    await caught_up(kafka.bootstrap)
    await stopped(worker)

    letters = await letters_of(kafka)
    assert list(letters) == offsets[1:4]
    assert [letter.reason for letter, _ in letters.values()] == ["not_msgpack", "wrong_key", "not_msgpack"]
    for (letter, record), (sent_key, value) in zip(letters.values(), bad, strict=True):
        assert (letter.record_key, record.value) == (sent_key, value)
    assert stored(client, "largest") == [(1, 1)]
    assert stored(client, "beside") == [(2, 2)]
    batch = msgspec.msgpack.decode(largest, type=Batch)
    query = "SELECT max(length(payload)) FROM recordings"
    assert client.query(query).result_rows == [(len(batch.payload) - len("[]"),)]


async def test_of_a_record_that_only_compression_let_in_the_beginning_is_kept(
    kafka: KafkaServer, client: Client, workers: Sessionizers
) -> None:
    bad = [(KEY, b"\xc1" + bytes(40 * MIB))]
    offsets = await send(kafka, bad, compression="zstd")
    await send(kafka, [good("behind", 0)])
    worker = workers.start()
    await worker.ready()
    await caught_up(kafka.bootstrap)
    await stopped(worker)
    [(letter, record)] = (await letters_of(kafka)).values()
    assert letter.position.offset == offsets[0]
    assert letter.whole_bytes == 40 * MIB + 1 + len(KEY)
    assert record.value == b"\xc1" + bytes(dead_letter.CUT_BYTES - 1)
    assert stored(client, "behind") == [(1, 1)]
