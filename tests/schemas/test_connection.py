"""A connection, and the book that the records of its topic make."""

from typing import Any

import msgspec
import pytest

from schemas.connection import Connection, ConnectionBook, decode, encode

KEY_1, KEY_2 = "key-one-1", "key-two-2"


def a_connection(connection_id: str = "shop", **fields: Any) -> Connection:
    values = {"tenant": "demo", "name": "Shop", "created_at": 5, "write_keys": (KEY_1,)}
    return Connection(id=connection_id, **{**values, **fields})


def a_book(*connections: Connection) -> ConnectionBook:
    book = ConnectionBook()
    for connection in connections:
        book.apply(connection.id.encode(), encode(connection))
    return book


def test_what_is_written_is_read() -> None:
    connection = a_connection(
        allowed_origins=("https://shop.example",), consent_required=True, sample_rate=0.5
    )
    assert decode(encode(connection)) == connection


def test_the_defaults_are_those_of_rule_2() -> None:
    connection = decode(b'{"id":"a","tenant":"t","name":"n","created_at":0,"write_keys":[]}')
    assert (connection.gap_ms, connection.max_session_ms, connection.retention_days) == (
        1_800_000,
        86_400_000,
        30,
    )


def test_fields_that_a_later_release_adds_are_passed_over() -> None:
    later = {**msgspec.json.decode(encode(a_connection())), "later": 1}
    assert decode(msgspec.json.encode(later)) == a_connection()


@pytest.mark.parametrize(
    "field",
    [
        {"id": "a/b"},
        {"id": ""},
        {"id": "x" * 65},
        {"tenant": "a b"},
        {"write_keys": ["short"]},
        {"gap_ms": 999},
        {"gap_ms": 86_400_001},
        {"max_session_ms": 0},
        {"retention_days": 0},
        {"sample_rate": 1.1},
        {"created_at": -1},
    ],
)
def test_a_field_out_of_its_range_is_refused(field: dict[str, Any]) -> None:
    value = msgspec.json.encode({**msgspec.json.decode(encode(a_connection())), **field})
    with pytest.raises(msgspec.ValidationError):
        decode(value)


def test_a_connection_is_found_by_id_and_by_key() -> None:
    shop, admin = a_connection(), a_connection("admin", write_keys=(KEY_2,))
    book = a_book(shop, admin)
    assert (book.by_id("shop"), book.by_key(KEY_2), book.by_key("nobody's"), len(book)) == (
        shop,
        admin,
        None,
        2,
    )


def test_both_keys_work_during_a_rotation_and_the_old_one_ends_with_it() -> None:
    book = a_book(a_connection(write_keys=(KEY_1,)), a_connection(write_keys=(KEY_1, KEY_2)))
    assert book.by_key(KEY_1) == book.by_key(KEY_2) == book.by_id("shop")
    book.apply(b"shop", encode(a_connection(write_keys=(KEY_2,))))
    assert book.by_key(KEY_1) is None
    assert book.by_key(KEY_2) == book.by_id("shop")
    assert len(book) == 1


def test_a_key_that_moved_to_another_connection_stays_with_it() -> None:
    book = a_book(a_connection("old"), a_connection("new"), a_connection("old", write_keys=()))
    assert book.by_key(KEY_1) == book.by_id("new")
    book.apply(b"old", None)
    assert book.by_key(KEY_1) == book.by_id("new")


@pytest.mark.parametrize("value", [None, b""])
def test_a_record_without_a_value_removes_the_connection_and_its_keys(value: bytes | None) -> None:
    book = a_book(a_connection())
    assert book.apply(b"shop", value) is None
    assert (book.by_id("shop"), book.by_key(KEY_1), list(book)) == (None, None, [])
    assert book.apply(b"never there", None) is None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (b"shop", b"{"),
        (b"shop", b"{}"),
        (b"shop", b"\xff"),
        (b"other", encode(a_connection())),
        (b"\xff", b"{}"),
        (b"\xff", None),
    ],
)
def test_a_record_that_is_no_connection_changes_nothing(key: bytes, value: bytes | None) -> None:
    book = a_book(a_connection())
    with pytest.raises(msgspec.DecodeError):
        book.apply(key, value)
    assert book.by_key(KEY_1) == a_connection()


def test_a_tenants_connections_come_in_order_of_creation() -> None:
    book = a_book(
        a_connection("c", created_at=2),
        a_connection("b", created_at=1),
        a_connection("a", created_at=2),
        a_connection("d", tenant="other"),
    )
    assert [connection.id for connection in book.of_tenant("demo")] == ["b", "a", "c"]
