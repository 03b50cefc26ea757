"""A store in memory with what a live stream reads of it, and counts of how often it was asked."""

from collections.abc import Sequence

from query_api.live.arrival import BEFORE_ALL, Arrival
from query_api.live.repository import Arrived, Beginning, NewsRow, Next, SessionKey
from query_api.problems import Reason, Refusal

KEY = SessionKey("shop", "one", 0)
PARTITION = 3


class Store:
    """Of one session; each batch raises its version, as the sessionizer does."""

    def __init__(self) -> None:
        self.batches: list[Arrived] = []
        self.completed_at: int | None = None
        self.there = True
        self.away = False
        self.version = 1
        self.asked: list[str] = []

    def arrive(self, offset: int, text: str = "x", window: str = "w") -> Arrived:
        found = Arrived(Arrival(PARTITION, offset), window, offset, 1_000 + offset, f'"{text}"'.encode())
        self.batches = sorted([*self.batches, found])
        self.version += 1
        return found

    def complete(self, at: int) -> None:
        self.completed_at = at
        self.version += 1

    async def news(self, sessions: Sequence[SessionKey]) -> dict[str, NewsRow]:
        self._ask("news")
        if not self.there:
            return {}
        row = NewsRow(
            session_id=KEY.session_id,
            newest_version=self.version,
            newest_status="active" if self.completed_at is None else "completed",
            completed_at_ms=self.completed_at,
        )
        return {each.session_id: row for each in sessions if each == KEY}

    async def beginning(self, session: SessionKey, horizon: Arrival | None) -> Beginning:
        newest = max((each.at for each in self.batches), default=BEFORE_ALL)
        return Beginning(horizon or newest, {}, {})

    async def next(self, session: SessionKey, after: Arrival, beginning: Beginning, limit_bytes: int) -> Next:
        self._ask("next")
        found: list[Arrived] = []
        held = 0
        for each in self.batches:
            if each.at > after and held < limit_bytes:
                found.append(each)
                held += len(each.payload)
        return Next(found, more=held >= limit_bytes)

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self.away:
            raise Refusal(Reason.CLICKHOUSE_UNAVAILABLE)
