"""Records as a fetch gives them, without a broker."""

from collections.abc import Iterable
from dataclasses import dataclass

from schemas.envelope import VERSION, Batch, Tick, encode, visitor_key
from schemas.topic import BATCHES
from tests.builders.batches import T0


@dataclass(frozen=True)
class FetchedRecord:
    offset: int
    key: bytes | None
    value: bytes | None
    partition: int = 0
    topic: str = BATCHES
    timestamp: int = T0


def a_record_of(batch: Batch, offset: int) -> FetchedRecord:
    return FetchedRecord(offset, visitor_key(batch.connection, batch.visitor), encode(batch))


def a_tick_record(offset: int, at: int = T0) -> FetchedRecord:
    return FetchedRecord(offset, None, encode(Tick(VERSION, at)))


def records_of(batches: Iterable[Batch], first_offset: int = 0) -> list[FetchedRecord]:
    return [a_record_of(batch, offset) for offset, batch in enumerate(batches, first_offset)]
