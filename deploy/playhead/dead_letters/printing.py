"""Dead letters as text: a table, lines of JSON, and all that is known of one. Pure.

Keys, details and fields come from whoever wrote the record: what a terminal would obey is spelt out.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from rich.table import Table
from rich.text import Text

from playhead.dead_letters.book import Held
from playhead.dead_letters.instant import spelt
from schemas.dead_letter import REASONS
from schemas.envelope import Batch, UnreadableEnvelope, decode

_BYTES_FIELDS = frozenset({"payload", "event_hashes"})
LONGEST_FIELD = 2_000


def printable(text: str | bytes) -> str:
    """Text of one line without anything that a terminal would obey."""
    shown = text.decode(errors="backslashreplace") if isinstance(text, bytes) else text
    if len(shown) > LONGEST_FIELD:
        shown = f"{shown[:LONGEST_FIELD]}… ({len(shown)} characters)"
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in shown)


def key_text(key: bytes | None) -> str:
    if key is None:
        return "(no key)"
    return printable(key) or "(empty key)"


def table_of(letters: Iterable[Held]) -> Table:
    table = Table(box=None)
    for column in ("position", "time", "reason"):
        table.add_column(column, no_wrap=True)
    table.add_column("detail", overflow="fold", ratio=1)
    table.add_column("bytes", justify="right", no_wrap=True)
    table.add_column("visitor key", overflow="fold")
    table.add_column("replayed", no_wrap=True)
    for held in letters:
        letter = held.letter
        cells = (
            str(letter.position),
            spelt(held.put_aside_at),
            letter.reason,
            letter.detail,
            str(bytes_of(held)),
            key_text(letter.record_key),
            "" if held.mark is None else f"as {held.mark.replayed_to}",
        )
        table.add_row(*(Text(printable(cell)) for cell in cells))
    return table


def totals(letters: Sequence[Held]) -> str:
    """One line: how many, of which reasons, and how many were put back."""
    by_reason = Counter(held.letter.reason for held in letters)
    reasons = ", ".join(f"{number} {printable(reason)}" for reason, number in by_reason.most_common())
    back = sum(held.mark is not None for held in letters)
    return (
        f"{len(letters)} dead letters ({reasons}), {back} of them put back" if letters else "no dead letters"
    )


def bytes_of(held: Held) -> int:
    """Of the record's value; of key and value where it was too large to be kept whole."""
    return held.letter.whole_bytes if held.letter.whole_bytes is not None else held.value_bytes or 0


def as_json(held: Held) -> bytes:
    """One line. A key that is no UTF-8 has its bytes spelt out."""
    letter, mark = held.letter, held.mark
    key = letter.record_key
    return msgspec.json.encode(
        {
            "position": str(letter.position),
            "recorded_at": letter.recorded_at,
            "put_aside_at": held.put_aside_at,
            "reason": letter.reason,
            "detail": letter.detail,
            "bytes": bytes_of(held),
            "whole": letter.whole_bytes is None,
            "key": None if key is None else key.decode(errors="backslashreplace"),
            "replayed_at": None if mark is None else mark.replayed_at,
            "replayed_to": None if mark is None else str(mark.replayed_to),
        }
    )


def shown(held: Held, headers: Iterable[tuple[str, bytes]], value: bytes | None) -> list[tuple[str, str]]:
    """All that is known of a letter, but no payload: names and texts, a line each."""
    letter, mark = held.letter, held.mark
    lines = [
        ("position", str(letter.position)),
        ("put aside", spelt(held.put_aside_at)),
        ("replayed", "no" if mark is None else f"{spelt(mark.replayed_at)}, as {mark.replayed_to}"),
    ]
    if (meaning := REASONS.get(letter.reason)) is not None:
        lines += [("means", meaning.means), ("to do", meaning.remedy)]
    lines += [(f"header {printable(name)}", printable(content)) for name, content in headers]
    lines += [("record key", key_text(letter.record_key)), ("value", _length(value))]
    if letter.whole_bytes is not None:
        lines.append(("too large", f"key and value had {letter.whole_bytes} bytes; this is their beginning"))
    if value is not None:
        lines += _envelope(value)
    return lines


def batch_in(value: bytes | None) -> Batch | None:
    """The batch in a letter's value, where there is one."""
    try:
        found = decode(value or b"")
    except UnreadableEnvelope:
        return None
    return found if isinstance(found, Batch) else None


def _envelope(value: bytes) -> list[tuple[str, str]]:
    try:
        found = decode(value)
    except UnreadableEnvelope as error:
        return [("envelope", printable(f"cannot be read: {error}"))]
    kind = type(found).__name__.lower()
    return [
        ("envelope", kind),
        *((f"{kind}.{name}", _field(name, getattr(found, name))) for name in found.__struct_fields__),
    ]


def _field(name: str, content: Any) -> str:
    if isinstance(content, bytes):
        return f"{len(content)} bytes" if name in _BYTES_FIELDS else content.hex()
    if name.endswith("_at") and isinstance(content, int):
        return f"{content} ({spelt(content)})"
    return printable("none" if content is None else str(content))


def _length(value: bytes | None) -> str:
    return "none" if value is None else f"{len(value)} bytes"
