"""What of a block can be read, and why the rest cannot."""

import gzip

import msgspec
import pytest

from schemas.envelope import VERSION, encode
from sessionizer.worker.block_reader import read_block
from tests.builders.batches import a_batch
from tests.builders.events import a_batch_of, a_click
from tests.sessionizer.worker.records import FetchedRecord, a_record_of, a_tick_record, records_of

LIMIT = 10_000
KEY = b"shop/ann"


def test_batches_and_ticks_are_read_and_each_batch_has_its_text() -> None:
    batch = a_batch_of([a_click(1), a_click(2)])
    read = read_block([*records_of([batch]), a_tick_record(1)], LIMIT, ())
    assert [record.offset for record in read.records] == [0, 1]
    assert read.records[0].envelope == batch
    assert read.texts == {0: gzip.decompress(batch.payload)[1:-1]}
    assert read.bad == {}


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "no_value"),
        (b"", "not_msgpack"),
        (b"\xc1", "not_msgpack"),
        (msgspec.msgpack.encode(["session", 1]), "unknown_kind"),
        (msgspec.msgpack.encode(["tick", VERSION + 1, 0]), "unknown_version"),
        (msgspec.msgpack.encode(["batch", VERSION, "demo"]), "invalid_field"),
        (encode(a_batch(payload=b"\x1f\x8b", encoding="gzip")), "payload_not_decodable"),
        (encode(a_batch(payload=b"{}")), "payload_not_an_array"),
        (encode(a_batch(payload=b"[]")), "payload_empty"),
        (encode(a_batch(payload=b"[" + b"1," * LIMIT + b"1]")), "payload_too_large"),
    ],
)
def test_a_bad_record_is_named_and_the_others_are_read(value: bytes | None, reason: str) -> None:
    good = [a_record_of(a_batch_of([a_click(1)], seq=seq), offset) for seq, offset in ((0, 6), (1, 8))]
    read = read_block([good[0], FetchedRecord(7, KEY, value), good[1]], LIMIT, ())
    assert [record.offset for record in read.records] == [6, 8]
    assert {offset: bad.reason for offset, bad in read.bad.items()} == {7: reason}


def test_an_excluded_record_is_not_read() -> None:
    read = read_block(records_of([a_batch_of([a_click(1)])] * 3), LIMIT, {1})
    assert [record.offset for record in read.records] == [0, 2]
    assert read.bad == {}
