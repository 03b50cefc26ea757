"""An oracle for the core, written another way: slow, whole, without blocks, deadlines or summaries.

It knows the whole log from the start. For each visitor it keeps every batch of every session, and whenever
a fact is wanted (a span, a window's end) it is worked out from the batches again. What becomes due between
two records is found by looking for the earliest thing due, again and again.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate

from schemas.envelope import Batch, Erasure
from sessionizer.core.identity import session_id
from sessionizer.core.record import Record
from sessionizer.core.rules import Rules


@dataclass
class Taken:
    """A batch as its session holds it."""

    offset: int
    batch: Batch
    at: int
    events: int
    raw_bytes: int
    watermark: int
    taken_out: list[int]
    """Positions of its events that an earlier batch holds."""

    @property
    def skew_ms(self) -> int:
        return self.at - self.batch.last_at

    @property
    def start(self) -> int:
        return max(0, self.at - min(self.batch.last_at - self.batch.first_at, self.batch.max_session_ms))


@dataclass
class OracleSession:
    taken: list[Taken]
    version: int = 0
    completed_at: int | None = None
    reason: str = ""
    missing: dict[str, set[int]] = field(default_factory=dict)

    @property
    def first(self) -> Taken:
        return self.taken[0]

    @property
    def last_at(self) -> int:
        return max(t.at for t in self.taken)

    @property
    def first_at(self) -> int:
        earliest, last = self.first.start, self.first.at
        for t in self.taken:
            last = max(last, t.at)
            earliest = min(earliest, max(t.start, last - self.first.batch.max_session_ms))
        return earliest

    @property
    def gap_ms(self) -> int:
        return self.first.batch.gap_ms

    @property
    def maximum_ms(self) -> int:
        return self.first.batch.max_session_ms

    def of_window(self, window: str) -> list[Taken]:
        return [t for t in self.taken if t.batch.window == window]

    def window_ids(self) -> list[str]:
        return list(dict.fromkeys(t.batch.window for t in self.taken))

    def closed(self, window: str) -> bool:
        batches = [t.batch for t in self.of_window(window)]
        if batches[0].seq is not None:
            return max(batches, key=lambda b: -1 if b.seq is None else b.seq).final
        latest = max(b.last_at for b in batches)
        return any(b.final for b in batches if b.last_at == latest)

    def due(self, rules: Rules) -> tuple[int, int, str]:
        """When it is over if nothing more arrives: watermark, completed_at, reason."""
        gap, maximum = self.last_at + self.gap_ms, self.first_at + self.maximum_ms
        due = (maximum, maximum, "max_duration") if maximum <= gap else (gap, gap, "inactivity")
        ended = self.taken[-1].watermark + rules.ended_after_ms
        if ended < due[0] and all(self.closed(w) for w in self.window_ids()):
            return ended, ended + rules.grace_ms, "ended"
        return due

    def forgotten_from(self, rules: Rules) -> int:
        assert self.completed_at is not None
        return max(self.completed_at, self.taken[-1].watermark) + rules.retain_ms

    def holds(self, at: int) -> bool:
        if self.reason == "ended" and at >= self.completed_at:
            return False
        near = self.first_at - self.gap_ms < at < self.last_at + self.gap_ms
        span = max(at, self.last_at) - min(at, self.first_at)
        return near and (self.first_at <= at <= self.last_at or span < self.maximum_ms)

    def distance(self, at: int) -> int:
        return (
            0 if self.first_at <= at <= self.last_at else min(abs(at - self.first_at), abs(at - self.last_at))
        )


def at_by(batch: Batch, skew_ms: int) -> int:
    return max(0, min(batch.received_at, batch.last_at + skew_ms))


@dataclass
class OracleVisitor:
    rules: Rules
    partition: int = 0
    remembered: list[OracleSession] = field(default_factory=list)
    """Completed ones in order of touch, and the active one."""
    all: list[OracleSession] = field(default_factory=list)
    arrived: dict[str, list[tuple[Batch, list[int]]]] = field(default_factory=dict)
    """By window: every batch taken while the window is remembered, with the hashes of its events."""
    erased: list[tuple[int, int, int]] = field(default_factory=list)
    """First, last and moment of every erasure."""
    receipts: dict[bytes, tuple[frozenset[bytes], int, int]] = field(default_factory=dict)
    """By erasure id: ids of the sessions that went, their batches and events."""

    def id_of(self, session: OracleSession) -> bytes:
        b, place = session.first.batch, (self.rules.topic, self.partition, session.first.offset)
        return session_id(b.connection, b.visitor, *place, started_at=session.first.start)

    def active(self) -> OracleSession | None:
        return next((s for s in self.remembered if s.completed_at is None), None)

    def forget(self, session: OracleSession) -> None:
        self.remembered.remove(session)
        known = {w for s in self.remembered for w in s.window_ids()}
        self.arrived = {w: batches for w, batches in self.arrived.items() if w in known}

    def complete(self, session: OracleSession, at: int, reason: str) -> None:
        session.completed_at, session.reason = at, reason
        session.version += 1
        self.touch(session)

    def touch(self, session: OracleSession) -> None:
        self.remembered.remove(session)
        self.remembered.append(session)
        completed = [s for s in self.remembered if s.completed_at is not None]
        if len(completed) > self.rules.retained_sessions:
            self.forget(completed[0])

    def pass_time(self, watermark: int) -> None:
        while True:
            due = [
                (s.forgotten_from(self.rules), 0, s) for s in self.remembered if s.completed_at is not None
            ]
            active = self.active()
            if active is not None:
                due.append((active.due(self.rules)[0], 1, active))
            due = [d for d in due if d[0] <= watermark]
            if not due:
                return
            _, is_completion, session = min(due, key=lambda d: d[:2])
            if is_completion:
                self.complete(session, *session.due(self.rules)[1:])
            else:
                self.forget(session)

    def already(self, batch: Batch) -> list[int] | None:
        """Positions of events that arrived before; None where the batch as a whole did."""
        before = self.arrived.get(batch.window, [])
        if batch.seq is not None:
            return None if any(b.seq == batch.seq for b, _ in before) else []
        if batch.batch_id in [b.batch_id for b, _ in before if b.seq is None][-64:]:
            return None
        hashes = hashes_of(batch)
        known = [h for _, taken in before for h in taken][-4096:]
        again = [i for i, h in enumerate(hashes) if h in known]
        return None if hashes and len(again) == len(hashes) else again

    def erase(self, erasure: Erasure, watermark: int) -> None:
        self.pass_time(watermark)
        span: tuple[int, int] | None
        if erasure.session_id is None:
            gone, span = self.all, (0, erasure.received_at)
        else:
            gone = [s for s in self.all if self.id_of(s) == erasure.session_id]
            remembered = [s for s in gone if s in self.remembered]
            if remembered:
                span = remembered[0].first_at, remembered[0].last_at
            elif erasure.first_at is not None and erasure.last_at is not None:
                span = erasure.first_at, erasure.last_at
            else:
                span = None
        # A sender that had no answer writes the record again: it erases again, and the receipt tells of both.
        ids, batches, events = self.receipts.get(erasure.erasure_id, (frozenset(), 0, 0))
        self.receipts[erasure.erasure_id] = (
            ids | {self.id_of(s) for s in gone},
            batches + sum(len(s.taken) for s in gone),
            events + sum(t.events for s in gone for t in s.taken),
        )
        for session in list(gone):
            self.all.remove(session)
            if session in self.remembered:
                self.forget(session)
        if span is not None:
            self.erased.append((*span, erasure.received_at))

    def was_erased(self, batch: Batch, home: tuple[OracleSession, int] | None, watermark: int) -> bool:
        own = batch.received_at - batch.sent_at if batch.sent_at is not None else 0
        at = at_by(batch, own)
        for first, last, erased_at in self.erased:
            if erased_at + self.rules.erasure_kept_ms <= watermark or at > erased_at:
                continue
            away = 0 if first <= at <= last else min(abs(at - first), abs(at - last))
            near = away == 0 or away < batch.gap_ms
            if near and (home is None or away <= home[0].distance(home[1])):
                return True
        return False

    def home(self, batch: Batch) -> tuple[OracleSession, int] | None:
        own = batch.received_at - batch.sent_at if batch.sent_at is not None else 0
        pinned = {
            id(s): s.of_window(batch.window)[0].skew_ms for s in self.remembered if s.of_window(batch.window)
        }
        tries = [[(s, at_by(batch, pinned.get(id(s), own))) for s in self.remembered]]
        if batch.sent_at is not None:
            was_set = [
                s for s in self.remembered if abs(own - pinned.get(id(s), own)) > self.rules.clock_jump_ms
            ]
            tries.append([(s, at_by(batch, own)) for s in was_set])
        for candidates in tries:
            holding = [(s, at) for s, at in candidates if s.holds(at)]
            if holding:
                return min(holding, key=lambda h: (h[0].distance(h[1]), h[0].first_at, h[0].first.offset))
        return None

    def take(self, offset: int, batch: Batch, watermark: int) -> None:
        self.pass_time(watermark)
        again = self.already(batch)
        if again is None:
            return
        events = batch.events - len(again)
        raw_bytes = batch.raw_bytes * events // batch.events
        home = self.home(batch)
        if self.was_erased(batch, home, watermark):
            return
        if home is not None:
            session, at = home
            session.taken.append(Taken(offset, batch, at, events, raw_bytes, watermark, again))
            if session.completed_at is not None:
                self.touch(session)
        else:
            own = batch.received_at - batch.sent_at if batch.sent_at is not None else 0
            at = at_by(batch, own)
            session = OracleSession([Taken(offset, batch, at, events, raw_bytes, watermark, again)])
            self.begin(session, at)
        session.version += 1
        if batch.seq is not None:
            self.note_seq(session, batch)
        hashes = [h for i, h in enumerate(hashes_of(batch)) if i not in again]
        self.arrived.setdefault(batch.window, []).append((batch, hashes))

    def begin(self, session: OracleSession, at: int) -> None:
        self.all.append(session)
        active = self.active()
        self.remembered.append(session)
        if active is None:
            return
        if at < active.first_at:
            session.completed_at, session.reason = at + session.gap_ms, "inactivity"
            self.touch(session)
        elif at >= active.last_at + active.gap_ms:
            self.complete(active, active.last_at + active.gap_ms, "inactivity")
        else:
            at = min(active.first_at + active.maximum_ms, active.last_at + active.gap_ms)
            self.complete(active, at, "max_duration")

    def note_seq(self, session: OracleSession, batch: Batch) -> None:
        window, seq = batch.window, batch.seq
        assert seq is not None
        for other in self.remembered:
            if seq in other.missing.get(window, set()):
                other.missing[window].remove(seq)
                if other is not session:
                    other.version += 1
                return
        before = {b.seq for b, _ in self.arrived.get(window, []) if b.seq is not None}
        if before:
            low, high = min(before), max(before)
            session.missing.setdefault(window, set()).update(range(high + 1, seq), range(seq + 1, low))


def hashes_of(batch: Batch) -> list[int]:
    if batch.seq is not None or batch.event_hashes is None:
        return []
    data = batch.event_hashes
    return [int.from_bytes(data[i : i + 8], "little") for i in range(0, len(data), 8)]


def oracle_sessions(log: list[Record], rules: Rules, partition: int = 0) -> list[tuple[bytes, OracleSession]]:
    """Every session that the log makes, with its visitor's key, as it is after the log's last record."""
    return [
        (key, session) for key, visitor in oracle_visitors(log, rules, partition) for session in visitor.all
    ]


def oracle_visitors(
    log: list[Record], rules: Rules, partition: int = 0
) -> Iterator[tuple[bytes, OracleVisitor]]:
    """Every visitor of the log by its key, one after the other, as it is after the log's last record."""
    times = [max(0, record.envelope.received_at - rules.grace_ms) for record in log]
    watermarks = list(accumulate(times, max))
    own: dict[bytes, list[tuple[Record, int]]] = {}
    for record, watermark in zip(log, watermarks, strict=True):
        if record.key is not None:
            own.setdefault(record.key, []).append((record, watermark))
    for key in sorted(own):
        visitor = OracleVisitor(rules, partition)
        for record, watermark in own[key]:
            if isinstance(record.envelope, Batch):
                visitor.take(record.offset, record.envelope, watermark)
            elif isinstance(record.envelope, Erasure):
                visitor.erase(record.envelope, watermark)
        visitor.pass_time(watermarks[-1])
        yield key, visitor
