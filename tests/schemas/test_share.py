"""A share, and the book that the records of its topic make."""

import uuid
from typing import Any

import msgspec
import pytest

from schemas.share import Share, ShareBook, decode, encode

SESSION, OTHER_SESSION = uuid.UUID(int=1), uuid.UUID(int=2)


def a_share(share_id: str = "one", **fields: Any) -> Share:
    values = {
        "tenant": "demo",
        "session_id": SESSION,
        "created_at": 5,
        "expires_at": 10,
        "created_by": "desk",
    }
    return Share(id=share_id, **{**values, **fields})


def a_book(*shares: Share) -> ShareBook:
    book = ShareBook()
    for share in shares:
        book.apply(share.id.encode(), encode(share))
    return book


def test_what_is_written_is_read() -> None:
    share = a_share(at=7)
    assert decode(encode(share)) == share


def test_fields_that_a_later_release_adds_are_passed_over() -> None:
    later = {**msgspec.json.decode(encode(a_share())), "later": 1}
    assert decode(msgspec.json.encode(later)) == a_share()


@pytest.mark.parametrize(
    "field", [{"id": "a/b"}, {"id": ""}, {"tenant": "a b"}, {"session_id": "no uuid"}, {"expires_at": -1}]
)
def test_what_is_no_share_is_refused(field: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        decode(msgspec.json.encode({**msgspec.json.decode(encode(a_share())), **field}))


def test_a_book_knows_shares_by_id_and_by_their_tenants_session() -> None:
    late, early = a_share("late", created_at=9), a_share("early", created_at=3)
    book = a_book(
        late,
        early,
        a_share("other-session", session_id=OTHER_SESSION),
        a_share("other-tenant", tenant="rival"),
    )

    assert book.by_id("late") == late
    assert book.by_id("none") is None
    assert book.of_session("demo", SESSION) == [early, late]
    assert len(book) == 4


def test_a_record_without_a_value_revokes() -> None:
    book = a_book(a_share("one"), a_share("two"))

    assert book.apply(b"one", None) is None
    assert book.apply(b"never was", None) is None

    assert book.by_id("one") is None
    assert book.of_session("demo", SESSION) == [a_share("two")]


@pytest.mark.parametrize(
    ("key", "value"), [(b"one", b"{nonsense"), (b"two", encode(a_share("one"))), (b"\xff\xfe", None)]
)
def test_a_record_that_is_no_share_changes_nothing(key: bytes, value: bytes | None) -> None:
    book = a_book(a_share("one"))

    with pytest.raises(msgspec.DecodeError):
        book.apply(key, value)

    assert book.of_session("demo", SESSION) == [a_share("one")]


def test_what_expired_can_be_forgotten() -> None:
    book = a_book(a_share("past", expires_at=10), a_share("valid", expires_at=11))

    book.forget_expired(10)

    assert [share.id for share in book.of_session("demo", SESSION)] == ["valid"]
