"""What a block asks the shell to write and to count; read it once the block is sealed."""

from typing import Literal

import msgspec

from schemas.dead_letter import Impossible
from schemas.envelope import Batch, Erasure
from sessionizer.core.state import ChangelogEntry, Reason, Session, Visitor


class Assigned(msgspec.Struct, frozen=True, gc=False):
    """A batch and the session that it belongs to: a row of `recordings`."""

    offset: int
    session_id: bytes
    """16 bytes"""
    skew_ms: int
    """Add it to the batch's client times to have the collector's clock."""
    expires_on: int
    """Days since 1970"""
    events: int
    """Without those taken out."""
    raw_bytes: int
    """The batch's bytes; where events are taken out, the share of those that stay."""
    batch: Batch
    taken_out: tuple[int, ...] = ()
    """Positions of events that earlier batches hold (rule 6): the payload is to be rewritten without them."""
    late: bool = False
    """Its session was completed already (rule 5)."""


class WindowVersion(msgspec.Struct, frozen=True, gc=False):
    """A window in a row of `sessions`; times are the visitor's clock."""

    id: str
    first_at: int
    last_at: int
    skew_ms: int
    events: int
    batches: int
    playable_at: int | None
    missing: int
    missing_seqs: tuple[int, ...]
    """The lowest of them, 100 at most."""
    ended: bool


class SessionVersion(msgspec.Struct, frozen=True, gc=False):
    """A row of `sessions`, but for what is parsed from the user agent. Times are the collector's clock."""

    tenant_id: str
    connection_id: str
    session_id: bytes
    """16 bytes"""
    visitor: str
    """As in the record key."""
    visitor_id: str
    """What the client itself calls its visitor; where it does not, as in the record key."""
    started_at: int
    first_event_at: int
    last_event_at: int
    status: Literal["active", "completed"]
    completed_at: int | None
    completion_reason: Literal["", "inactivity", "max_duration", "ended"]
    landing_url: str
    user_agent: str
    country: str
    events: int
    batches: int
    raw_bytes: int
    replayable: bool
    windows: tuple[WindowVersion, ...]
    """In order of time."""
    partition: int
    expires_on: int
    """Days since 1970"""
    version: int


class Rejected(msgspec.Struct, frozen=True, gc=False):
    """A record for the dead letters: readable, but impossible."""

    offset: int
    reason: Impossible
    """See `admit`."""
    detail: str


class Erasing(msgspec.Struct, gc=False):
    """Rows that are to go, and a receipt to be given (rule 11).

    Rows of `erasure.session_id`, or else of every session of the visitor but `stays`. This block's own rows
    that are among them are withheld: they are in `assigned` and `sessions` no more.
    """

    offset: int
    erasure: Erasure
    withheld: dict[bytes, list[int]]
    """Batches and events of this block that get no row, by session id."""
    stays: tuple[bytes, ...] = ()
    """Ids of the visitor's sessions that began after the erasure; filled when the block is sealed."""


class Counts(msgspec.Struct):
    """For metrics. A repeated block counts again: these tell of work, not of what is in the tables."""

    ticks: int = 0
    batches: int = 0
    """Assigned to a session"""
    events: int = 0
    """In them"""
    started: int = 0
    """Sessions"""
    completed: dict[Reason, int] = {}
    """Sessions"""
    late: int = 0
    """Batches added to a completed session (rule 5)"""
    duplicate_batches: int = 0
    """Rule 6"""
    duplicate_events: int = 0
    """Taken out of a batch (rule 6)"""
    missing: int = 0
    """Seqs found missing (rule 7)"""
    arrived: int = 0
    """Missing seqs that arrived after all"""
    erasures: int = 0
    """Rule 11"""
    erased: int = 0
    """Late batches of what was erased, dropped (rule 11)"""
    repeated: int = 0
    """Records that the visitor's state held already: the block was begun before a crash"""


class Effects:
    """What one block of one partition asks for.

    `sessions` and `changelog` are there once the block is sealed (`sessionizer.core.block.seal`).

    Attributes:
        assigned: rows of `recordings`, in order of offset.
        sessions: the last version of every session that changed, in order of its first change.
        changed: keys of the visitors that changed.
        changelog: records for the changelog; the position is last and must be written last.
        rejected: records for the dead letters.
        erasures: rows that are to go, in order of offset, before this block's rows are written.
        announced: the versions among `sessions` that other systems are told of (topic playhead.sessions).
        started: ids of the sessions that began.
        counts: for metrics.
        touched: visitor key and state of every session that changed, by session id.
    """

    __slots__ = (
        "announced",
        "assigned",
        "changed",
        "changelog",
        "counts",
        "erasures",
        "rejected",
        "sessions",
        "started",
        "touched",
    )

    def __init__(self) -> None:
        self.announced: list[SessionVersion] = []
        self.assigned: list[Assigned] = []
        self.sessions: list[SessionVersion] = []
        self.changed: dict[bytes, None] = {}
        self.changelog: list[ChangelogEntry] = []
        self.rejected: list[Rejected] = []
        self.counts = Counts()
        self.erasures: list[Erasing] = []
        self.started: set[bytes] = set()
        self.touched: dict[bytes, tuple[bytes, Session]] = {}

    def session_changed(self, key: bytes, visitor: Visitor, session: Session) -> None:
        """Note one change of a session: its version rises by one, whatever else the block brings."""
        session.version += 1
        self.touched[session.id] = key, session
        self.visitor_changed(key, visitor)

    def visitor_changed(self, key: bytes, visitor: Visitor) -> None:
        """Note one change of what is remembered of a visitor."""
        visitor.changes += 1
        self.changed[key] = None
