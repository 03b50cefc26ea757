"""Envelope v1: what is written is read, what is unreadable has a reason, what is added later does no harm."""

from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.envelope import Batch, Tick, UnreadableEnvelope, decode, encode, visitor_key
from tests.builders.batches import T0, a_batch, a_tick


def parts_of(envelope: Batch | Tick) -> list[Any]:
    parts: list[Any] = msgspec.msgpack.decode(encode(envelope))
    return parts


def reason_of(value: bytes) -> str:
    with pytest.raises(UnreadableEnvelope) as caught:
        decode(value)
    assert caught.value.detail
    return caught.value.reason


@pytest.mark.parametrize(
    "envelope",
    [
        a_tick(T0),
        a_batch(T0),
        a_batch(T0, seq=None, hashes=[1, 2**64 - 1], sent=False),
        a_batch(T0, meta_at=T0, href="https://shop.example/ä", full_snapshots_at=(T0, T0), final=True),
        a_batch(T0, visitor_id="customer-7", encoding="zstd", payload=bytes(range(256))),
    ],
)
def test_what_is_written_is_read(envelope: Batch | Tick) -> None:
    assert decode(encode(envelope)) == envelope


def test_kind_and_version_come_first() -> None:
    assert parts_of(a_batch())[:2] == ["batch", 1]
    assert parts_of(a_tick(T0)) == ["tick", 1, T0]


@pytest.mark.parametrize("envelope", [a_batch(), a_tick(T0)])
def test_fields_that_a_later_release_adds_are_passed_over(envelope: Batch | Tick) -> None:
    assert decode(msgspec.msgpack.encode([*parts_of(envelope), "later", {"and": "more"}])) == envelope


def test_the_optional_fields_at_the_end_may_be_absent() -> None:
    assert decode(msgspec.msgpack.encode(parts_of(a_batch())[:-3])) == a_batch()


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"\xc1",
        b'["tick"',
        encode(a_tick(T0))[:-1],
        encode(a_tick(T0)) + b"\x00",
        b"\x93\xa4tick\x01" + b"\x91" * 100_000,
        b"\x92\xa2\xff\xfe\x01",
        b"\xdd\xff\xff\xff\xff",
    ],
)
def test_not_msgpack(value: bytes) -> None:
    assert reason_of(value) == "not_msgpack"


@pytest.mark.parametrize("value", [[], ["forget", 1], [1, 2], {"tick": 1}, "tick", None, 7, [["tick"], 1]])
def test_unknown_kind(value: object) -> None:
    assert reason_of(msgspec.msgpack.encode(value)) == "unknown_kind"


@pytest.mark.parametrize(
    "value", [["tick", 2, T0], ["tick", 2, "of", "another", "form"], ["batch", 0], ["batch", "1"]]
)
def test_unknown_version(value: object) -> None:
    assert reason_of(msgspec.msgpack.encode(value)) == "unknown_version"


def test_a_missing_field_is_invalid() -> None:
    assert reason_of(msgspec.msgpack.encode(parts_of(a_batch())[:-4])) == "invalid_field"
    assert reason_of(msgspec.msgpack.encode(["tick", 1])) == "invalid_field"


@pytest.mark.parametrize("at", range(2, len(parts_of(a_batch()))))
def test_a_field_of_another_type_is_invalid(at: int) -> None:
    parts = parts_of(a_batch())
    parts[at] = {"not": "a field"}
    assert reason_of(msgspec.msgpack.encode(parts)) == "invalid_field"


def test_an_unknown_encoding_is_invalid() -> None:
    parts = parts_of(a_batch())
    parts[parts.index("identity")] = "brotli"
    assert reason_of(msgspec.msgpack.encode(parts)) == "invalid_field"


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=4),
    st.binary(max_size=40),
)
def test_any_bytes_are_an_envelope_or_unreadable(changes: list[tuple[int, int]], noise: bytes) -> None:
    changed = bytearray(encode(a_batch()))
    for at, byte in changes:
        changed[at % len(changed)] = byte
    for value in (bytes(changed), noise):
        # Anything else that is raised would stop the sessionizer at this record for ever.
        with suppress(UnreadableEnvelope):
            assert isinstance(decode(value), Batch | Tick)


def test_the_record_key_is_connection_slash_visitor() -> None:
    assert visitor_key("demo-shop", "v_1") == b"demo-shop/v_1"
