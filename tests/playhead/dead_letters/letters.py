"""Records of the dead letters' topic, without a broker."""

from collections.abc import Sequence
from dataclasses import dataclass

from playhead.dead_letters.book import Book
from schemas.dead_letter import Letter, Mark, Position, letter_headers, mark_headers
from schemas.topic import BATCHES

T0 = 1_764_000_000_000


@dataclass(frozen=True)
class FakeRecord:
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


def at(offset: int, partition: int = 0) -> Position:
    return Position(BATCHES, partition, offset)


def a_letter_record(
    position: Position,
    *,
    offset: int = 0,
    put_aside_at: int = T0,
    reason: str = "wrong_key",
    detail: str = "why",
    record_key: bytes | None = b"shop/ann",
    recorded_at: int | None = T0,
    whole_bytes: int | None = None,
    value: bytes | None = b"bad",
) -> FakeRecord:
    letter = Letter(
        position=position,
        reason=reason,
        detail=detail,
        record_key=record_key,
        recorded_at=recorded_at,
        whole_bytes=whole_bytes,
    )
    return FakeRecord(0, offset, put_aside_at, str(position).encode(), value, letter_headers(letter))


def a_mark_record(
    position: Position, to: Position, *, offset: int = 0, recorded_at: int | None = T0, replayed_at: int = T0
) -> FakeRecord:
    mark = Mark(position=position, recorded_at=recorded_at, replayed_at=replayed_at, replayed_to=to)
    return FakeRecord(0, offset, replayed_at, str(position).encode(), None, mark_headers(mark))


def a_book(*records: FakeRecord) -> Book:
    book = Book()
    for record in records:
        book.apply(record)
    return book
