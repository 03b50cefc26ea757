"""A million sessions as versions of rows, in the order in which a sessionizer would write them. Pure.

Time is cut into as many stretches as the table is to have parts. A session that is over within its stretch is
one row; one that goes on is a row of its stretch, still active, and a row of the next, as merges leave it.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from benchmarks.query.page_batches import Page, joined
from benchmarks.query.size import MOST_RECORDED_LAST, Size
from schemas.topic import BATCHES
from sessionizer.core.identity import session_id
from sessionizer.core.versions import SessionVersion, WindowVersion

GAP_MS = 30 * 60_000
GRACE_MS = 120_000
DAY_MS = 86_400_000
PARTITIONS = 4
LONGEST_MS = 3 * 3_600_000
MEDIAN_MS = 150_000
BATCH_MS = 5_000

_MOZILLA = "Mozilla/5.0"
_WINDOWS = f"{_MOZILLA} (Windows NT 10.0; Win64; x64"
_KHTML = "(KHTML, like Gecko)"
_CHROME = f"AppleWebKit/537.36 {_KHTML} Chrome/131.0.0.0"
_SAFARI = f"AppleWebKit/605.1.15 {_KHTML} Version/17.6"
BROWSERS: Sequence[tuple[int, str]] = (
    (38, f"{_WINDOWS}) {_CHROME} Safari/537.36"),
    (11, f"{_MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) {_SAFARI} Safari/605.1.15"),
    (14, f"{_MOZILLA} (iPhone; CPU iPhone OS 17_6 like Mac OS X) {_SAFARI} Mobile/15E148 Safari/604.1"),
    (16, f"{_MOZILLA} (Linux; Android 14; Pixel 8) {_CHROME} Mobile Safari/537.36"),
    (6, f"{_WINDOWS}; rv:132.0) Gecko/20100101 Firefox/132.0"),
    (8, f"{_WINDOWS}) {_CHROME} Safari/537.36 Edg/131.0.0.0"),
    (4, f"{_MOZILLA} (X11; Linux x86_64) {_CHROME} Safari/537.36"),
    (3, f"{_MOZILLA} (X11; Ubuntu; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0"),
)
"""With their weight."""
COUNTRIES = ("DE", "DE", "DE", "FR", "GB", "US", "US", "PL", "NL", "AT", "CH", "")
PATHS = (
    "/",
    "/",
    "/pricing",
    "/docs/start",
    "/blog/2026/{n}",
    "/product/{n}",
    "/product/{n}",
    "/search?q={n}",
    "/cart",
)
_AGENTS = [agent for weight, agent in BROWSERS for _ in range(weight)]


@dataclass(frozen=True)
class Grown:
    """A session, whole.

    Attributes:
        started_at: ms since the epoch, as all that is named `*_at`.
        recorded: the page whose batches are its recording; None for a session that is a row alone.
    """

    started_at: int
    id: bytes
    tenant: str
    connection: str
    visitor: str
    window: str
    last_at: int
    events: int
    batches: int
    raw_bytes: int
    landing_url: str
    user_agent: str
    country: str
    playable_at: int | None
    partition: int
    recorded: Page | None = None

    @property
    def due_at(self) -> int:
        """From when on the sessionizer holds it to be over."""
        return self.last_at + GAP_MS + GRACE_MS

    def version(self, now: int, expires_on: int) -> SessionVersion:
        """Its row as it is written at `now`."""
        over = self.due_at <= now
        part = (
            1.0 if self.last_at <= now else max((now - self.started_at) / (self.last_at - self.started_at), 0)
        )
        last_at = min(self.last_at, now)
        events, batches = max(1, int(self.events * part)), max(1, int(self.batches * part))
        raw_bytes = max(2, int(self.raw_bytes * part))
        window = WindowVersion(
            id=self.window,
            first_at=self.started_at,
            last_at=last_at,
            skew_ms=0,
            events=events,
            batches=batches,
            playable_at=self.playable_at,
            missing=0,
            missing_seqs=(),
            ended=False,
        )
        return SessionVersion(
            tenant_id=self.tenant,
            connection_id=self.connection,
            session_id=self.id,
            visitor=self.visitor,
            visitor_id=self.visitor,
            started_at=self.started_at,
            first_event_at=self.started_at,
            last_event_at=last_at,
            status="completed" if over else "active",
            completed_at=self.last_at + GAP_MS if over else None,
            completion_reason="inactivity" if over else "",
            landing_url=self.landing_url,
            user_agent=self.user_agent,
            country=self.country,
            events=events,
            batches=batches,
            raw_bytes=raw_bytes,
            replayable=self.playable_at is not None,
            windows=(window,),
            partition=self.partition,
            expires_on=expires_on,
            version=batches + over,
        )


def tenant_of(number: int) -> str:
    return f"tenant-{number:02}"


def connection_of(number: int) -> str:
    return f"shop-{number:02}"


class Block(NamedTuple):
    """What one stretch of time writes: a part of `sessions`, and the recordings that began in it."""

    rows: list[SessionVersion]
    recorded: list[Grown]


class Growth:
    """All sessions of a size that ends at a moment.

    Args:
        until_at: ms since the epoch.
        pages: recordings; recorded sessions take them in turn, drawn anew each time.
    """

    def __init__(self, size: Size, until_at: int, pages: Sequence[Page]) -> None:
        self.size, self.until_at, self.pages = size, until_at, pages
        mean = sum(page.events for page in pages) / len(pages)
        self._recorded = round(size.corpus_events / mean)
        self._stretch_ms = size.period_ms // size.parts

    @property
    def expires_on(self) -> int:
        """Days since 1970. One for all, so that one partition holds all: the most that a partition can."""
        return self.until_at // DAY_MS + 400

    def stretch(self, number: int) -> list[Grown]:
        """The sessions that begin in one stretch of time, of all tenants."""
        return [each for tenant in range(self.size.tenants) for each in self._begun(number, tenant)]

    def blocks(self) -> Iterator["Block"]:
        """What is written in each stretch, the oldest first."""
        going_on: list[Grown] = []
        for number in range(self.size.parts):
            now = self.until_at - (self.size.parts - 1 - number) * self._stretch_ms
            begun = self.stretch(number)
            if number == self.size.parts - 1:
                begun.append(self.long)
            rows = [each.version(now, self.expires_on) for each in (*going_on, *begun)]
            recorded = [each for each in begun if each.recorded is not None]
            yield Block(rows, sorted(recorded, key=lambda each: each.started_at))
            going_on = [each for each in (*going_on, *begun) if each.due_at > now]

    @property
    def long(self) -> Grown:
        """The one long session: the recordings one after the other, as a window going from page to page."""
        draw = random.Random(f"{self.size.seed} long")
        whole = joined(self.pages, self.size.long_ms)
        return self._one(draw, 0, self.until_at - whole.length_ms - GAP_MS - GRACE_MS - DAY_MS // 24, whole)

    def _begun(self, number: int, tenant: int) -> Iterator[Grown]:
        draw = random.Random(f"{self.size.seed} {number} {tenant}")
        per, start_at = self.size.per_stretch, self.until_at - (self.size.parts - number) * self._stretch_ms
        before = (number * self.size.tenants + tenant) * per
        share = self._recorded / self.size.sessions
        for place in range(per):
            at = start_at + (place * self._stretch_ms + draw.randrange(self._stretch_ms)) // per
            has_recording = int((before + place + 1) * share) > int((before + place) * share)
            if number == self.size.parts - 1 and place < MOST_RECORDED_LAST:
                # These are over when the table ends, and no other that is over began later.
                at = self.until_at - GAP_MS - GRACE_MS - LAST_BEFORE_MS + place * 1_000
                has_recording = True
            yield self._one(draw, tenant, at, draw.choice(self.pages) if has_recording else None)

    def _one(self, draw: random.Random, tenant: int, at: int, page: Page | None) -> Grown:
        visitor = f"v-{draw.getrandbits(24) % (self.size.sessions // 3 + 1):020x}"
        partition, offset = draw.randrange(PARTITIONS), draw.getrandbits(40)
        connection = connection_of(tenant)
        path = draw.choice(PATHS).format(n=draw.randrange(400))
        if page is None:
            length_ms = min(int(draw.lognormvariate(0, 1.1) * MEDIAN_MS), LONGEST_MS)
            batches = 1 + length_ms // BATCH_MS
            events = batches * draw.randint(5, 45)
            raw_bytes = 250_000 + events * 400
            playable_at = at + 30 if draw.random() < 0.97 else None
        else:
            length_ms, batches, events, raw_bytes = (
                page.length_ms,
                len(page.batches),
                page.events,
                page.raw_bytes,
            )
            playable_at = at + page.batches[0].snapshots_ms[0]
        return Grown(
            started_at=at,
            id=session_id(connection, visitor, BATCHES, partition, offset, at),
            tenant=tenant_of(tenant),
            connection=connection,
            visitor=visitor,
            window=f"w-{draw.getrandbits(64):016x}",
            last_at=at + length_ms,
            events=events,
            batches=batches,
            raw_bytes=raw_bytes,
            landing_url=f"https://{connection}.example{path}",
            user_agent=draw.choice(_AGENTS),
            country=draw.choice(COUNTRIES),
            playable_at=playable_at,
            partition=partition,
            recorded=page,
        )


LAST_BEFORE_MS = 65_000
"""A recorded session is about a minute long."""
