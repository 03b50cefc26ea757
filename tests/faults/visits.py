"""What visitors do while processes die: real recordings, and everything else that a log may hold.

A visit is a generator: it yields what is to be sent, or how long nothing happens, and is told where in the
log each envelope landed. Gaps are seconds, so that sessions begin, end and are forgotten within a test.
"""

import gzip
import random
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, NamedTuple

from schemas.envelope import VERSION, Batch, Erasure
from schemas.topic import BATCHES
from sessionizer.core.identity import session_id
from tests.builders.batches import DAY, a_batch
from tests.builders.events import Event, a_batch_of, a_click, a_full_snapshot, a_meta

RECORDINGS = Path(__file__).parents[2] / "examples" / "recordings"
BATCH_EVENTS = 40
GAP_MS = 4_000
MAXIMUM_MS = 8_000
CONNECTION = "shop"


class Pause(NamedTuple):
    ms: int


class Place(NamedTuple):
    partition: int
    offset: int


Visit = Generator[Batch | Erasure | Pause, Place, None]


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class Visitor(NamedTuple):
    number: int
    random: random.Random

    def name(self, kind: str) -> str:
        return f"{kind}-{self.number}"


def recorded(visitor: Visitor) -> Visit:
    """What a recording shows, now. Some batches arrive after the next one; the last may close the page."""
    files = sorted(RECORDINGS.glob("*.jsonl.gz"))
    events = gzip.decompress(files[visitor.number % len(files)].read_bytes()).splitlines()
    closes = visitor.random.random() < 0.4
    held: Batch | None = None
    starts = range(0, len(events), BATCH_EVENTS)
    for seq, start in enumerate(starts):
        part = events[start : start + BATCH_EVENTS]
        payload = b"[" + b",".join(part) + b"]"
        now = now_ms()
        batch = a_batch(
            now,
            visitor=visitor.name("recorded"),
            seq=seq,
            lasts_ms=500,
            events=len(part),
            raw_bytes=len(payload),
            gap_ms=GAP_MS,
            full_snapshots_at=(now - 100,) if b'"type":2,' in payload else (),
            meta_at=now - 200 if b'"type":4,' in payload else None,
            href="https://shop.example/" if b'"type":4,' in payload else None,
            final=closes and seq == len(starts) - 1,
            encoding="gzip",
            payload=gzip.compress(payload, 1),
        )
        if held is None and visitor.random.random() < 0.15:
            held = batch
            continue
        yield batch
        if held is not None:
            yield held
            held = None
        yield Pause(visitor.random.randrange(100, 900))


def returning(visitor: Visitor) -> Visit:
    """Comes back after the gap, twice; then batches of the earlier sessions arrive late."""
    late: list[Batch] = []
    seq = 0
    for _ in range(3):
        for _ in range(visitor.random.randrange(2, 5)):
            batch = clicks(visitor.name("returning"), seq=seq, snapshot=seq == 0)
            seq += 1
            if visitor.random.random() < 0.3:
                late.append(batch)
            else:
                yield batch
            yield Pause(visitor.random.randrange(200, 1_200))
        yield Pause(GAP_MS + visitor.random.randrange(500, 4_000))
    for batch in late:
        yield received_later(batch)
        yield Pause(visitor.random.randrange(100, 500))


def unnumbered(visitor: Visitor) -> Visit:
    """A client without seqs that sends the same events again in other groupings (rule 6)."""
    began = now_ms()
    events = [a_meta(began), a_full_snapshot(began + 1), *(a_click(began + 2 + n, n) for n in range(60))]
    for start in range(0, len(events), 8):
        again_and_new = events[max(0, start - 3) : start + 8]
        now = now_ms()
        yield a_batch_of(
            again_and_new,
            seq=None,
            visitor=visitor.name("unnumbered"),
            received_at=now,
            sent_at=now,
            gap_ms=GAP_MS,
        )
        yield Pause(visitor.random.choice([100, 700, GAP_MS + 1_000]))


def with_a_wrong_clock(visitor: Visitor) -> Visit:
    """Its clock is years off and is set in mid-session; some batches do not tell when they were sent."""
    clock_ms = visitor.random.choice([-400 * DAY, -70_000, 20_000, 900 * DAY])
    set_at = visitor.random.randrange(2, 8)
    for seq in range(10):
        yield clicks(
            visitor.name("clock"),
            seq=seq,
            snapshot=seq == 0,
            clock_ms=clock_ms if seq < set_at else 0,
            sent=visitor.random.random() < 0.9,
        )
        yield Pause(visitor.random.randrange(100, 1_500))


def past_the_maximum(visitor: Visitor) -> Visit:
    """Never away for as long as the gap, so the maximum ends its sessions (rule 2)."""
    for seq in range(25):
        window = f"w{seq % 3}"
        yield clicks(
            visitor.name("endless"),
            window=window,
            seq=seq // 3,
            snapshot=seq < 3,
            max_session_ms=MAXIMUM_MS,
        )
        yield Pause(visitor.random.randrange(300, 1_500))


def closing(visitor: Visitor) -> Visit:
    """Closes both of its windows, so its session is ended; a batch of it is late, and it is soon back."""
    name = visitor.name("closing")
    for seq in range(3):
        yield clicks(name, window="a", seq=seq, snapshot=seq == 0, final=seq == 2)
        yield clicks(name, window="b", seq=seq, final=seq == 2)
        yield Pause(300)
    late = clicks(name, window="a", seq=3, final=True)
    yield Pause(visitor.random.randrange(1_000, 6_000))
    yield received_later(late)
    yield clicks(name, window="c", seq=0, snapshot=True)


def offline(visitor: Visitor) -> Visit:
    """Sends in one go, in any order, what it has queued for up to half a minute."""
    queued = []
    for seq in range(8):
        queued.append(clicks(visitor.name("offline"), seq=seq, snapshot=seq == 0))
        yield Pause(visitor.random.randrange(200, 6_000))
    visitor.random.shuffle(queued)
    for batch in queued:
        yield received_later(batch)


def erased(visitor: Visitor) -> Visit:
    """Everything of it is erased, or its first session alone; late batches of that come, and new ones."""
    name, seq = visitor.name("erased"), 0
    first: Batch | None = None
    place = Place(0, 0)
    late = []
    for _ in range(visitor.random.randrange(3, 7)):
        batch = clicks(name, seq=seq, snapshot=seq == 0)
        seq += 1
        if first is None:
            first, place = batch, (yield batch)
        elif visitor.random.random() < 0.3:
            late.append(batch)
        else:
            yield batch
        yield Pause(visitor.random.choice([300, 600, GAP_MS + 500]))
    assert first is not None
    yield Pause(visitor.random.choice([0, 0, 2_000, 8_000]))
    which = None
    if visitor.random.random() < 0.5:
        started_at = first.first_at
        which = session_id(CONNECTION, name, BATCHES, *place, started_at=started_at)
    yield an_erasure(visitor, name, which)
    for batch in late:
        yield received_later(batch)
        yield Pause(300)
    for _ in range(2):
        yield clicks(name, seq=seq, snapshot=True)
        seq += 1
        yield Pause(300)


KINDS: tuple[Callable[[Visitor], Visit], ...] = (
    recorded,
    recorded,
    returning,
    unnumbered,
    with_a_wrong_clock,
    past_the_maximum,
    closing,
    offline,
    erased,
)


def clicks(
    visitor: str, *, seq: int, snapshot: bool = False, clock_ms: int = 0, sent: bool = True, **fields: object
) -> Batch:
    """Some clicks of the last moments, sent now."""
    now = now_ms()
    at = now + clock_ms
    events: list[Event] = [a_click(at - 40 + 10 * n, n) for n in range(5)]
    if snapshot:
        events = [a_meta(at - 60, f"https://shop.example/{visitor}"), a_full_snapshot(at - 50), *events]
    values: dict[str, Any] = {"received_at": now, "sent_at": at if sent else None, "gap_ms": GAP_MS, **fields}
    return a_batch_of(events, seq=seq, visitor=visitor, connection=CONNECTION, **values)


def received_later(batch: Batch) -> Batch:
    """The same, received now; the visitor's clock is as wrong as it was."""
    now = now_ms()
    sent_at = None if batch.sent_at is None else batch.sent_at + now - batch.received_at
    return changed(batch, received_at=now, sent_at=sent_at)


def an_erasure(visitor: Visitor, name: str, which: bytes | None) -> Erasure:
    return Erasure(
        version=VERSION,
        erasure_id=visitor.random.randbytes(16),
        tenant="demo",
        connection=CONNECTION,
        visitor=name,
        received_at=now_ms(),
        session_id=which,
    )


def changed(batch: Batch, **fields: object) -> Batch:
    values = {name: getattr(batch, name) for name in batch.__struct_fields__}
    return Batch(**{**values, **fields})
