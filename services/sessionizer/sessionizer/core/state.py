"""A partition's state: what a changelog value holds, and the shard that is made of such values.

Visitors stand in the shard as their encoded bytes, so that a live session costs about what its facts
weigh; a visitor is opened when a record or a deadline touches it and encoded again when the block is sealed.
Knows nothing of the rules but the shape of what they remember.
"""

import heapq
from collections.abc import Iterable
from typing import Literal

import msgspec

POSITION_KEY = b"\x00position"
"""The key of a partition's position in the changelog; no visitor key holds a NUL."""

MOST_OPEN = 100
"""Visitors that are decoded at a time. More fall out of the processor's caches before they are encoded, and a
batch costs half as much again."""

NEVER = 1 << 62
"""A deadline that no watermark reaches."""

Reason = Literal["inactivity", "max_duration", "ended"]


class Window(msgspec.Struct, array_like=True, gc=False):
    """What a session knows of one of its windows. All times are the visitor's clock, unchanged."""

    id: str
    skew_ms: int
    """Pinned at the window's first batch in this session; add it to have the collector's clock."""
    first_at: int
    last_at: int
    events: int = 0
    batches: int = 0
    ended: bool = False
    """The window's last batch, by seq or else by time, was `final`."""
    highest_seq: int = -1
    meta_at: int | None = None
    """Its earliest Meta."""
    playable_at: int | None = None
    """Its earliest FullSnapshot at or after that Meta (rule 10)."""
    waiting: list[int] = []
    """FullSnapshots before `meta_at`, ascending: an earlier Meta may still arrive."""
    missing: list[int] = []
    """Runs of seqs that were passed over and have not arrived (rule 7); see `seqs`."""
    unlisted: int = 0
    """How many more were missing than `missing` can hold."""


class Session(msgspec.Struct, array_like=True, gc=False):
    """A session. Times are the collector's clock unless a field says otherwise."""

    id: bytes
    """16 bytes, UUIDv7 layout (rule 8)."""
    tenant: str
    visitor_id: str | None
    """What the client itself calls its visitor, where a batch told."""
    started_at: int
    """Start of its first batch to arrive; never changes."""
    first_at: int
    """Start of its span."""
    last_at: int
    """End of its span."""
    gap_ms: int
    max_session_ms: int
    expires_on: int
    """Days since 1970; never changes, so that every version of its row is in one partition of the table."""
    user_agent: str
    country: str
    version: int = 0
    """Rises by one with every change."""
    events: int = 0
    batches: int = 0
    raw_bytes: int = 0
    landing_at: int | None = None
    landing_url: str = ""
    touched_watermark: int = 0
    """The watermark when its last batch was added."""
    completed_at: int | None = None
    reason: Reason | None = None
    windows: list[Window] = []


class Seen(msgspec.Struct, array_like=True, gc=False):
    """What arrived of a visitor's window, across its sessions (rule 6)."""

    seqs: list[int] = []
    """Runs of seqs; see `seqs`."""
    batch_ids: bytes = b""
    """Of batches without a seq: 16 bytes each, oldest first."""
    event_hashes: bytes = b""
    """Of their events: 8 bytes each, oldest first."""


class Erased(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The marker of an erasure: late batches of this span are dropped (rule 11). The collector's clock."""

    first_at: int
    last_at: int
    erased_at: int
    """Nothing that happened after it is dropped."""


class Visitor(msgspec.Struct, array_like=True, gc=False):
    """All that is remembered of one visitor: the value of a changelog record."""

    offset: int = -1
    """Its last record that this state has seen."""
    changes: int = 0
    """Rises with every change; with `offset` it orders the changelog values of a visitor."""
    due: int = NEVER
    """The watermark for which it stands in the shard's deadlines; never after what is really due."""
    active: Session | None = None
    completed: list[Session] = []
    """Retained for late batches, the last touched at the end (rule 5)."""
    seen: dict[str, Seen] = {}
    """By window id."""
    erased: list[Erased] = []
    """In order of erasure."""

    def sessions(self) -> list[Session]:
        return [*self.completed, self.active] if self.active is not None else self.completed


class Position(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """How far a partition's state has come. Written last in every block."""

    offset: int
    watermark: int
    partitions: int = 0
    """How many partitions `playhead.batches` had: with another count, visitors may be elsewhere. 0 where that
    was not noted."""


class _Head(msgspec.Struct, array_like=True, gc=False):
    """The first fields of a Visitor; the rest is passed over."""

    offset: int
    changes: int
    due: int
    active: msgspec.Raw


ChangelogEntry = tuple[bytes, bytes | None]
"""Key and value of a changelog record; no value is a tombstone."""

encode_visitor = msgspec.msgpack.Encoder().encode
decode_visitor = msgspec.msgpack.Decoder(Visitor).decode
encode_position = msgspec.msgpack.Encoder().encode
decode_position = msgspec.msgpack.Decoder(Position).decode
_decode_head = msgspec.msgpack.Decoder(_Head).decode
_NIL = msgspec.Raw(b"\xc0")


class Shard:
    """One partition's state.

    Attributes:
        partition: its number.
        offset: the last record that the state holds, -1 before the first; moves when a block is sealed.
        watermark: rule 3, in ms; moves with every record.
        partitions: how many partitions the log had when the position was written, 0 where it is not known;
            noted in each position that is written.
        visitors: encoded visitors by record key.
        deadlines: heap of (watermark, key): no visitor is due before its entry.
        active_sessions: how many visitors have an active session.
    """

    __slots__ = (
        "_closed",
        "_open",
        "active_sessions",
        "deadlines",
        "offset",
        "partition",
        "partitions",
        "visitors",
        "watermark",
    )

    def __init__(self, partition: int) -> None:
        self.partition = partition
        self.offset = -1
        self.watermark = 0
        self.partitions = 0
        self.visitors: dict[bytes, bytes] = {}
        self.deadlines: list[tuple[int, bytes]] = []
        self.active_sessions = 0
        self._open: dict[bytes, Visitor] = {}
        self._closed: dict[bytes, bytes] = {}
        """What the block at work has encoded, by record key."""

    def apply(self, key: bytes, value: bytes | None) -> None:
        """Take one changelog record while the shard is recovered.

        Merges: a value that is older than what is held changes nothing, so a changelog read twice, or from
        a block that was never finished, does no harm. Call `rebuild_deadlines` after the last: it looks into
        the values.

        Raises:
            msgspec.DecodeError: a position, or one of two values of a visitor, is no state of ours.
        """
        if key == POSITION_KEY:
            if value is None:
                # A rebuild begins: what came before is void, also where the rebuild was not finished.
                self.visitors.clear()
                self.offset, self.watermark, self.partitions = -1, 0, 0
            else:
                position = decode_position(value)
                if position.offset > self.offset:
                    self.offset = position.offset
                    self.partitions = position.partitions
                    self.watermark = max(self.watermark, position.watermark)
        elif value is None:
            self.visitors.pop(key, None)
        else:
            held = self.visitors.get(key)
            if held is not None:
                new, old = _decode_head(value), _decode_head(held)
                if (new.offset, new.changes) < (old.offset, old.changes):
                    return
            self.visitors[key] = value

    def rebuild_deadlines(self) -> None:
        """Make deadlines and gauges from the visitors; recovery ends with it.

        Raises:
            msgspec.DecodeError: a visitor's value is no state of ours.
        """
        self._open.clear()
        self._closed.clear()
        deadlines: list[tuple[int, bytes]] = []
        active = 0
        for key, value in self.visitors.items():
            head = _decode_head(value)
            deadlines.append((head.due, key))
            active += head.active != _NIL
        heapq.heapify(deadlines)
        self.deadlines = deadlines
        self.active_sessions = active

    def find(self, key: bytes) -> Visitor | None:
        """Open a visitor; None where nothing is remembered of it. Change it before the next one is opened."""
        visitor = self._open.get(key)
        if visitor is None:
            value = self.visitors.get(key)
            if value is not None:
                if len(self._open) >= MOST_OPEN:
                    self._close_all()
                visitor = self._open[key] = decode_visitor(value)
        return visitor

    def add(self, key: bytes) -> Visitor:
        """Open a visitor of whom nothing is remembered. Change it before the next one is opened."""
        if len(self._open) >= MOST_OPEN:
            self._close_all()
        visitor = self._open[key] = Visitor()
        return visitor

    def _close_all(self) -> None:
        visitors, closed = self.visitors, self._closed
        for key, visitor in self._open.items():
            closed[key] = visitors[key] = encode_visitor(visitor)
        self._open.clear()

    def schedule(self, key: bytes, visitor: Visitor, due: int) -> None:
        """Have the visitor looked at when the watermark reaches `due`. Its earlier entry becomes void."""
        visitor.due = due
        heapq.heappush(self.deadlines, (due, key))

    def forget(self, key: bytes) -> None:
        """Remove a visitor; its changelog entry will be a tombstone."""
        self._open.pop(key, None)
        self._closed.pop(key, None)
        self.visitors.pop(key, None)

    def seal(self, changed: Iterable[bytes], offset: int) -> list[ChangelogEntry]:
        """Close the block that ends at `offset`; gives its changelog records, the position last.

        A visitor of whom nothing is remembered has a tombstone among them.
        """
        self._close_all()
        closed, visitors = self._closed, self.visitors
        entries: list[ChangelogEntry] = [
            (key, closed[key] if key in closed else visitors.get(key)) for key in changed
        ]
        self._closed = {}
        self.offset = offset
        position = Position(offset, self.watermark, self.partitions)
        entries.append((POSITION_KEY, encode_position(position)))
        return entries
