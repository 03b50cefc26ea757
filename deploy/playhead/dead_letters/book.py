"""The dead letters of the topic, each with whether it was put back. Pure: made from records in order."""

from collections.abc import Iterable, Iterator
from typing import Protocol

import msgspec

from playhead.dead_letters.problems import NoSuchLetter
from schemas.dead_letter import Letter, Mark, NotADeadLetter, Position, parse_position, read


class TopicRecord(Protocol):
    """What is used of a record that aiokafka fetched."""

    @property
    def partition(self) -> int: ...

    @property
    def offset(self) -> int: ...

    @property
    def timestamp(self) -> int: ...

    @property
    def key(self) -> bytes | None: ...

    @property
    def value(self) -> bytes | None: ...

    @property
    def headers(self) -> Iterable[tuple[str, bytes]]: ...


class Held(msgspec.Struct):
    """A dead letter as the topic holds it, without its value."""

    letter: Letter
    partition: int
    """Of `playhead.dead-letters`."""
    offset: int
    """Of `playhead.dead-letters`."""
    put_aside_at: int
    """ms"""
    value_bytes: int | None
    """Length of the letter's value; None where the record had none."""
    mark: Mark | None = None
    """The last one: when it was put back, and where to."""


class Book:
    """Letters in the order in which they were put aside.

    One letter stands for one record. Two logs can have had a record at the same place, the second after the
    topic was made anew; the record's own time tells them apart.
    """

    def __init__(self) -> None:
        self._held: dict[tuple[Position, int | None], Held] = {}
        self.foreign = 0
        """Records that are neither letter nor mark."""

    def apply(self, record: TopicRecord) -> None:
        """Take the topic's next record."""
        try:
            told = read(record.key, record.headers)
        except NotADeadLetter:
            self.foreign += 1
            return
        identity = told.position, told.recorded_at
        if isinstance(told, Mark):
            # A mark outlives its letter by the days between them.
            if (held := self._held.get(identity)) is not None:
                held.mark = told
        elif identity not in self._held:
            self._held[identity] = Held(
                letter=told,
                partition=record.partition,
                offset=record.offset,
                put_aside_at=record.timestamp,
                value_bytes=None if record.value is None else len(record.value),
            )

    def __iter__(self) -> Iterator[Held]:
        return iter(self._held.values())

    def __len__(self) -> int:
        return len(self._held)

    def select(
        self, *, reason: str | None = None, partition: int | None = None, since: int | None = None
    ) -> list[Held]:
        """Those with this reason, of this partition of `playhead.batches`, put aside at or after `since`."""
        return [
            held
            for held in self
            if (reason is None or held.letter.reason == reason)
            and (partition is None or held.letter.position.partition == partition)
            and (since is None or held.put_aside_at >= since)
        ]

    def named(self, name: str) -> Held:
        """The letter of a position: topic-partition-offset, or with the record's time, …@ms.

        Raises:
            NoSuchLetter: none has it, or two have it and the name does not say which.
        """
        text, _, time = name.partition("@")
        try:
            position = parse_position(text)
            recorded_at = int(time) if time else None
        except (NotADeadLetter, ValueError):
            raise NoSuchLetter(
                f"{name!r} is no position; `playhead dead-letters list` shows them, as playhead.batches-0-1"
            ) from None
        found = [
            held
            for held in self
            if held.letter.position == position and (not time or held.letter.recorded_at == recorded_at)
        ]
        if not found:
            raise NoSuchLetter(
                f"no dead letter stands for {name}; `playhead dead-letters list` shows those that there are. "
                "They are kept for 30 days"
            )
        if len(found) > 1:
            names = " or ".join(f"{position}@{held.letter.recorded_at}" for held in found)
            raise NoSuchLetter(
                f"the topic was made anew, and {position} was a bad record in both logs: say {names}"
            )
        return found[0]
