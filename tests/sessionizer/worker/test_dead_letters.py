"""A bad record as its letter: whole, exact, and never larger than the topic takes."""

import pytest

from schemas import dead_letter as contract
from schemas.dead_letter import CUT_BYTES, DETAIL_BYTES, LARGEST_RECORD_BYTES, Letter
from schemas.topic import DEAD_LETTERS, declared
from sessionizer.worker.dead_letters import BadRecord, dead_letter
from sessionizer.worker.transaction import MAX_REQUEST_BYTES, Outgoing
from tests.builders.batches import T0
from tests.sessionizer.worker.records import FetchedRecord

BAD = BadRecord("wrong_key", "not the visitor's")


def told(letter: Outgoing) -> Letter:
    read = contract.read(letter.key, letter.headers)
    assert isinstance(read, Letter)
    return read


def bytes_of(letter: Outgoing) -> int:
    headers = sum(len(name) + len(content) for name, content in letter.headers)
    return len(letter.key) + len(letter.value or b"") + headers


@pytest.mark.parametrize("key", [None, b"", b"shop/ann", b"\xff"])
@pytest.mark.parametrize("value", [None, b"", b"\xc1"])
def test_a_letter_is_the_record_and_tells_what_is_known_of_it(key: bytes | None, value: bytes | None) -> None:
    letter = dead_letter(FetchedRecord(7, key, value, partition=3), BAD)
    assert (letter.topic, letter.key, letter.value) == (DEAD_LETTERS, b"playhead.batches-3-7", value)
    assert told(letter) == Letter(
        position=contract.Position("playhead.batches", 3, 7),
        reason="wrong_key",
        detail="not the visitor's",
        record_key=key,
        recorded_at=T0,
    )


@pytest.mark.parametrize("key_bytes", [8, LARGEST_RECORD_BYTES // 2, LARGEST_RECORD_BYTES])
def test_the_largest_record_is_whole_in_its_letter(key_bytes: int) -> None:
    record = FetchedRecord(7, bytes(key_bytes), bytes(LARGEST_RECORD_BYTES - key_bytes))
    letter = dead_letter(record, BadRecord("wrong_key", "x" * 10_000_000))
    assert (letter.value, told(letter).record_key, told(letter).whole_bytes) == (
        record.value,
        record.key,
        None,
    )
    limit = int(declared()[DEAD_LETTERS].config["max.message.bytes"])
    assert bytes_of(letter) < limit - 64 * 1024
    assert limit == MAX_REQUEST_BYTES


def test_of_a_larger_record_the_beginning_is_kept_and_its_size_told() -> None:
    record = FetchedRecord(7, bytes(3 << 20), b"a" * LARGEST_RECORD_BYTES)
    letter = dead_letter(record, BAD)
    assert told(letter).whole_bytes == LARGEST_RECORD_BYTES + (3 << 20)
    assert (letter.value, told(letter).record_key) == (b"a" * CUT_BYTES, bytes(CUT_BYTES))
    assert told(dead_letter(FetchedRecord(7, None, bytes(17 << 20)), BAD)).record_key is None
    assert dead_letter(FetchedRecord(7, bytes(17 << 20), None), BAD).value is None


def test_what_is_bad_is_told_in_few_words_wherever_it_goes() -> None:
    bad = BadRecord("wrong_key", "\ud800" + "é" * 5_000_000)
    assert len(bad.detail.encode()) <= DETAIL_BYTES
    assert len(str(bad)) <= DETAIL_BYTES + 20
