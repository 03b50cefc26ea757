"""What a block asks the shell to write and to count; read it once the block is sealed."""

import msgspec

from schemas.dead_letter import Impossible
from schemas.envelope import Batch, Erasure
from sessionizer.core.state import ChangelogEntry, Reason, Session, Visitor
from sessionizer.core.versions import SessionVersion, session_version


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

    `changelog` is there once the block is sealed. `sessions` and `announced` are made when
    they are asked for: after that, and before the shard's next block, which changes the states.

    Attributes:
        assigned: rows of `recordings`, in order of offset.
        changed: keys of the visitors that changed.
        changelog: records for the changelog; the position is last and must be written last.
        rejected: records for the dead letters.
        erasures: rows that are to go, in order of offset, before this block's rows are written.
        partition: whose block it is; known once it is sealed.
        started: ids of the sessions that began.
        counts: for metrics.
        touched: visitor key and state of every session that changed, by session id.
    """

    __slots__ = (
        "assigned",
        "changed",
        "changelog",
        "counts",
        "erasures",
        "partition",
        "rejected",
        "started",
        "touched",
    )

    def __init__(self) -> None:
        self.assigned: list[Assigned] = []
        self.partition = -1
        self.changed: dict[bytes, None] = {}
        self.changelog: list[ChangelogEntry] = []
        self.rejected: list[Rejected] = []
        self.counts = Counts()
        self.erasures: list[Erasing] = []
        self.started: set[bytes] = set()
        self.touched: dict[bytes, tuple[bytes, Session]] = {}

    @property
    def sessions(self) -> list[SessionVersion]:
        """The last version of every session that changed, in order of its first change."""
        return [session_version(self.partition, key, session) for key, session in self.touched.values()]

    @property
    def announced(self) -> list[SessionVersion]:
        """Those that other systems are told of: the session began, or it is completed."""
        return [
            session_version(self.partition, key, session)
            for key, session in self.touched.values()
            if session.completed_at is not None or session.id in self.started
        ]

    def session_changed(self, key: bytes, visitor: Visitor, session: Session) -> None:
        """Note one change of a session: its version rises by one, whatever else the block brings."""
        session.version += 1
        self.touched[session.id] = key, session
        self.visitor_changed(key, visitor)

    def visitor_changed(self, key: bytes, visitor: Visitor) -> None:
        """Note one change of what is remembered of a visitor."""
        visitor.changes += 1
        self.changed[key] = None
