"""What the envelope says of a batch's events, so that nothing after the collector opens the payload.

Pure. Knows the two kinds of rrweb event that carry such facts: Meta (4) and FullSnapshot (2).
"""

import msgspec
import xxhash
from msgspec import Raw

from collector.decode import Event
from collector.plain_array import read
from schemas.rrweb_event import LATEST_AT

FULL_SNAPSHOT = 2
META = 4
HREF_MAX_CHARS = 8_192
"""A longer address (a data: URL) is cut: it is stored with each batch and in the session's state."""
SIZE_MAX = 2**31 - 1


class Summary(msgspec.Struct, frozen=True, gc=False):
    """All `*_at` in whole ms on the visitor's clock, fractions cut off."""

    events: int
    first_at: int
    last_at: int
    full_snapshots_at: tuple[int, ...]
    """In order of time."""
    meta_at: int | None
    """Of the earliest Meta event; of equals the first. `href`, `width` and `height` are that event's."""
    href: str | None
    width: int | None
    height: int | None
    in_order: bool
    """The timestamps, with their fractions, never go back."""


class _Meta(msgspec.Struct, gc=False):
    href: str | None = None
    width: int | float | None = None
    height: int | float | None = None


_meta = msgspec.json.Decoder(_Meta).decode
_each = msgspec.json.Decoder(list[Raw]).decode


def summarise(events: list[Event]) -> Summary:
    """The facts of at least one event."""
    exact = [event.timestamp for event in events]
    times = list(map(int, exact))
    types = [event.type for event in events]
    full_snapshots = [at for at, kind in zip(times, types, strict=True) if kind == FULL_SNAPSHOT]
    meta_at = href = width = height = None
    # Most batches have none.
    if META in types:
        meta_at, index = min((at, index) for index, at in enumerate(times) if types[index] == META)
        href, width, height = _facts(events[index].data)
    return Summary(
        len(events),
        min(times),
        max(times),
        tuple(sorted(full_snapshots)),
        meta_at,
        href,
        width,
        height,
        in_order=exact == sorted(exact),
    )


def summarise_plain(text: bytes, max_events: int) -> Summary | None:
    """`summarise` of what `decode` makes of a usual body, in one pass over its bytes (ADR 116).

    None where the body is not a plain array of at most so many events, or holds what is rare: `decode` then
    says what it is. Who has a Summary needs no `decode`: it would take the text, as it is.
    """
    found = read(text, most_events=max_events, latest_at=LATEST_AT, full_snapshot=FULL_SNAPSHOT, meta=META)
    if found is None:
        return None
    events, first_at, last_at, full_snapshots_at, meta_at, meta, in_order = found
    href, width, height = (None, None, None) if meta_at is None else _facts(Raw(meta))
    return Summary(
        events, first_at, last_at, full_snapshots_at, meta_at, href, width, height, in_order=in_order
    )


def _facts(data: Raw) -> tuple[str | None, int | None, int | None]:
    """A Meta whose data is not rrweb's is kept like any event, and has no facts."""
    try:
        meta = _meta(data)
    except msgspec.DecodeError:
        return None, None, None
    return meta.href and meta.href[:HREF_MAX_CHARS], _size(meta.width), _size(meta.height)


def _size(value: int | float | None) -> int | None:
    return int(value) if value is not None and 0 <= value <= SIZE_MAX else None


def hash_events(array: bytes) -> bytes:
    """A 64-bit hash of each event's bytes, little-endian, concatenated (rule 6)."""
    return b"".join(xxhash.xxh3_64_intdigest(raw).to_bytes(8, "little") for raw in _each(array))
