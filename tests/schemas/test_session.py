"""The values of `playhead.sessions`: what is written is read back, and the two kinds are told apart."""

from uuid import UUID

import msgspec
import pytest

from schemas.session import ErasureReceipt, Remains, decode, encode, receipt_key, session_key

RECEIPT = ErasureReceipt(
    erasure_id=UUID(int=1),
    tenant_id="demo",
    connection_id="shop",
    scope="visitor",
    accepted_at=1_764_000_000_000,
    session_ids=(UUID(int=2),),
    batches=3,
    events=40,
    remains=(Remains(topic="playhead.batches", until=1_764_700_000_000),),
)


def test_a_receipt_is_read_as_it_was_written() -> None:
    assert decode(encode(RECEIPT)) == RECEIPT
    assert msgspec.json.decode(encode(RECEIPT))["kind"] == "erasure"


def test_another_kind_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        decode(encode(RECEIPT).replace(b'"erasure"', b'"something"', 1))


def test_keys_do_not_meet() -> None:
    assert session_key(UUID(int=1)) == b"00000000-0000-0000-0000-000000000001"
    assert receipt_key(UUID(int=1)) == b"erasure/00000000-0000-0000-0000-000000000001"
