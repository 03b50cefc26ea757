"""Records of playhead.connections, one after another, make the book; a bad one changes nothing."""

import pytest
from prometheus_client import REGISTRY

from collector.connections import apply
from schemas.connection import ConnectionBook, encode
from tests.collector.builders import KEY, connection


def bad_records() -> float:
    return REGISTRY.get_sample_value("playhead_collector_bad_connection_records_total") or 0.0


def test_a_record_sets_a_connection_and_an_empty_one_removes_it():
    book = ConnectionBook()
    apply(book, b"shop", encode(connection()), 0)
    assert book.by_key(KEY) == connection()
    apply(book, b"shop", None, 1)
    assert book.by_key(KEY) is None


@pytest.mark.parametrize(
    ("key", "value"),
    [(b"shop", b"{"), (b"shop", b'{"id":"shop"}'), (b"shop", b"\xff"), (b"\xff", None), (b"shop", b"[]")],
)
def test_a_record_that_is_no_connection_is_counted_and_passed_over(key, value):
    book = ConnectionBook()
    apply(book, b"shop", encode(connection()), 0)
    before = bad_records()
    apply(book, key, value, 1)
    assert book.by_key(KEY) == connection()
    assert bad_records() == before + 1


def test_a_record_without_a_key_removes_nothing():
    book = ConnectionBook()
    apply(book, b"shop", encode(connection()), 0)
    apply(book, None, None, 1)
    assert book.by_key(KEY) == connection()
