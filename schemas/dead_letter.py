"""Dead letters: the records of `playhead.batches` that no row and no state can be made of.

A record of `playhead.dead-letters` is a letter or a mark. A letter's value is the bad record's, unchanged;
its key is where that record stands; its headers say why it is here and what its key was. A mark has no value
and the key of a letter, and says that the letter's record was put back. Here is the one list of reasons, with
what each means and what an operator can do; docs/dead-letters.md shows it.
"""

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

Unreadable = Literal["not_msgpack", "unknown_kind", "unknown_version", "invalid_field"]
"""The value is no envelope; see `schemas.envelope`."""
Impossible = Literal[
    "wrong_key", "impossible_time", "impossible_count", "impossible_setting", "impossible_identity"
]
"""An envelope that says what cannot be; see `sessionizer.core.admit`."""
Undecodable = Literal["payload_not_decodable", "payload_too_large", "payload_not_an_array", "payload_empty"]
"""An envelope whose payload gives no row; see `sessionizer.sink.payload`."""
Reason = Literal["no_value", Unreadable, Impossible, Undecodable, "impossible_value", "refused_by_clickhouse"]

DETAIL_BYTES = 1_000
"""Longest detail, in UTF-8."""
LARGEST_RECORD_BYTES = 16 * 1024 * 1024
"""Largest key and value together that a letter holds whole: what a record of `playhead.batches` may have.
Only a record that its producer compressed can have more."""
CUT_BYTES = 1024 * 1024
"""Of a larger record a letter holds so much of the value, and so much of the key."""


class Meaning(msgspec.Struct, frozen=True):
    """Of a reason, for a person."""

    means: str
    remedy: str
    hopeless: bool = False
    """No version will ever read it: it is put back only where it is asked for by position or reason."""


REASONS: Mapping[str, Meaning] = {
    "no_value": Meaning(
        "The record has no value at all.",
        "Find who else writes to `playhead.batches`; the collector never does this.",
        hopeless=True,
    ),
    "not_msgpack": Meaning(
        "The value is not msgpack, or is nested too deep to be read.",
        "Find who else writes to `playhead.batches`; the collector never does this.",
        hopeless=True,
    ),
    "unknown_kind": Meaning(
        "msgpack, but neither a batch nor a tick nor an erasure.",
        "If a newer collector wrote it: update the sessionizer, then replay.",
    ),
    "unknown_version": Meaning(
        "An envelope of a version that this sessionizer does not read.",
        "Update the sessionizer, then replay.",
    ),
    "invalid_field": Meaning(
        "A field of the envelope is missing or has the wrong type; the detail names it.",
        "If versions differ: update the older service, then replay. Else it is a fault of the writer.",
    ),
    "wrong_key": Meaning(
        "The record's key is not that of the visitor in the envelope, so it may be in the wrong partition.",
        "Find who wrote it. A replay keeps the key, so it helps only after a fix of the sessionizer.",
    ),
    "impossible_time": Meaning(
        "A time is negative, beyond what the tables hold, or first_at is after last_at.",
        "Look at the clock of the collector if it is received_at; else at the client.",
    ),
    "impossible_count": Meaning(
        "No events, too many, too many bytes, or not one hash for each event.",
        "A fault of the writer; replay after a fix of the sessionizer's bounds, if they are wrong.",
    ),
    "impossible_setting": Meaning(
        "A gap, maximum or retention of the connection is zero, negative or far too long.",
        "Set the connection right. The envelope keeps the old setting, so a replay does not help.",
    ),
    "impossible_identity": Meaning(
        "An id is empty or has the wrong length, or the seq is no number that a browser counts to.",
        "A fault of the writer; replay after a fix of the sessionizer's bounds, if they are wrong.",
    ),
    "payload_not_decodable": Meaning(
        "The payload does not decompress: damaged, cut off, or not in the encoding that the envelope says.",
        "Look at the bytes with `show --payload`; replay after a fix of the decoder.",
    ),
    "payload_too_large": Meaning(
        "The payload decompresses to more than PLAYHEAD_SESSIONIZER_MAX_PAYLOAD_BYTES.",
        "Raise that setting on every worker, then replay.",
    ),
    "payload_not_an_array": Meaning(
        "The payload is not the text of a JSON array.",
        "A fault of the writer: the collector checks this.",
    ),
    "payload_empty": Meaning(
        "The payload is an array without events.",
        "A fault of the writer: the collector refuses empty batches.",
    ),
    "impossible_value": Meaning(
        "A value does not fit its column of `recordings`.",
        "A fault of ours, as the bounds should have caught it: report it, update, then replay.",
    ),
    "refused_by_clickhouse": Meaning(
        "ClickHouse refuses the row for what it holds; the detail is its error.",
        "Report it, update, then replay.",
    ),
}


class Position(msgspec.Struct, frozen=True, order=True):
    """Where a record stands."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}-{self.partition}-{self.offset}"


class NotADeadLetter(ValueError):  # noqa: N818
    """A record of the topic that is neither a letter nor a mark, or text that is no position."""


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """What the headers and the key of a letter tell; its value is the record's."""

    position: Position
    reason: str
    """One of `Reason`, or of a later version's."""
    detail: str
    record_key: bytes | None
    """The record's key: None where it had none, b"" where it was empty."""
    recorded_at: int | None
    """The record's timestamp in its log, ms; tells it from one at the same place of a log made anew."""
    whole_bytes: int | None = None
    """Key and value of a record that was too large to be here whole; None: it is whole."""


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """That the record of a letter was put back."""

    position: Position
    """The letter's."""
    recorded_at: int | None
    """The letter's."""
    replayed_at: int
    """ms"""
    replayed_to: Position


Headers = list[tuple[str, bytes]]


def parse_position(text: str) -> Position:
    """Of the form topic-partition-offset.

    Raises:
        NotADeadLetter: it has another form.
    """
    topic, *numbers = text.rsplit("-", 2)
    if not topic or len(numbers) != 2 or not all(part.isascii() and part.isdecimal() for part in numbers):
        raise NotADeadLetter(f"{text!r} is no position; one looks like playhead.batches-0-1234")
    return Position(topic, int(numbers[0]), int(numbers[1]))


def bounded_detail(text: str) -> str:
    """At most DETAIL_BYTES of UTF-8, whatever the text holds."""
    # A character has at least a byte: what is behind cannot stay, and may be megabytes.
    return text[:DETAIL_BYTES].encode(errors="backslashreplace")[:DETAIL_BYTES].decode(errors="ignore")


def letter_headers(letter: Letter) -> Headers:
    """A letter's headers. `record_key`, `recorded_at` and `whole_bytes` are absent where there is nothing."""
    headers = [("reason", letter.reason.encode()), ("detail", bounded_detail(letter.detail).encode())]
    if letter.record_key is not None:
        headers.append(("record_key", letter.record_key))
    if letter.recorded_at is not None:
        headers.append(("recorded_at", b"%d" % letter.recorded_at))
    if letter.whole_bytes is not None:
        headers.append(("whole_bytes", b"%d" % letter.whole_bytes))
    return headers


def mark_headers(mark: Mark) -> Headers:
    """A mark's headers. `recorded_at` is absent where the letter has none."""
    headers = [("replayed_at", b"%d" % mark.replayed_at), ("replayed_to", str(mark.replayed_to).encode())]
    if mark.recorded_at is not None:
        headers.append(("recorded_at", b"%d" % mark.recorded_at))
    return headers


def read(key: bytes | None, headers: Iterable[tuple[str, bytes]]) -> Letter | Mark:
    """What a record of `playhead.dead-letters` tells beside its value.

    Raises:
        NotADeadLetter: it is neither.
    """
    found = dict(headers)
    try:
        position = parse_position((key or b"").decode())
        recorded_at = _number(found.get("recorded_at"))
        if (replayed_at := found.get("replayed_at")) is not None:
            return Mark(
                position=position,
                recorded_at=recorded_at,
                replayed_at=int(replayed_at),
                replayed_to=parse_position(found["replayed_to"].decode()),
            )
        return Letter(
            position=position,
            reason=found["reason"].decode(),
            detail=found["detail"].decode(errors="replace"),
            record_key=found.get("record_key"),
            recorded_at=recorded_at,
            whole_bytes=_number(found.get("whole_bytes")),
        )
    except KeyError as error:
        raise NotADeadLetter(f"no header {error}") from None
    except UnicodeDecodeError as error:
        raise NotADeadLetter(str(error)) from None
    except NotADeadLetter:
        raise
    except ValueError as error:
        raise NotADeadLetter(f"a header is no number: {error}") from None


def _number(header: bytes | None) -> int | None:
    return None if header is None else int(header)


def is_hopeless(reason: str) -> bool:
    """Whether no version will ever read it. A reason of a later version is not."""
    return reason in REASONS and REASONS[reason].hopeless
