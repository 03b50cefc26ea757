"""Sessions that began before the log's start, as the tables have them. Read only, and only for a rebuild.

Their first records are gone from the log, so the log alone no longer gives their ids. Knows the tables, and
the shape of the state that is made of their rows; what a rebuild does with them is decided in
`worker.rebuild_fold`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast
from uuid import UUID

import clickhouse_connect
from clickhouse_connect.driver import AsyncClient

from sessionizer.core import seqs
from sessionizer.core.duplicates import MOST_RUNS
from sessionizer.core.state import Reason, Seen, Session, Window

SLACK_MS = 3_600_000
"""Of the collectors' clocks, and of what was on its way: generous, since it only makes the search larger."""
DAY_MS = 86_400_000
IDS_AT_ONCE = 5_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TIMEOUT_S = 600

CUT = """
SELECT session_id
FROM recordings
WHERE partition = {partition:UInt16} AND session_id IN (
    SELECT session_id
    FROM sessions FINAL
    WHERE partition = {partition:UInt16}
        AND started_at <= fromUnixTimestamp64Milli({before:Int64}, 'UTC')
        AND (status = 'active' OR last_event_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC'))
)
GROUP BY session_id
HAVING min(`offset`) < {start:Int64}
"""
BATCHES_OF = """
SELECT
    session_id,
    window_id,
    groupUniqArrayIf(seq, seq >= 0),
    arrayMap(each -> hex(each.2), arraySort(groupUniqArrayIf((`offset`, batch_id), seq < 0))),
    toUnixTimestamp64Milli(max(received_at))
FROM recordings
WHERE session_id IN {ids:Array(UUID)}
GROUP BY session_id, window_id
"""
SESSIONS_OF = """
SELECT
    session_id, tenant_id, connection_id, visitor, visitor_id,
    toUnixTimestamp64Milli(started_at), toUnixTimestamp64Milli(first_event_at),
    toUnixTimestamp64Milli(last_event_at), completed_at, completion_reason, landing_url, user_agent, country,
    events, batches, raw_bytes, expires_on, version,
    windows.id, windows.first_at, windows.last_at, windows.skew_ms, windows.events, windows.batches,
    windows.playable_at, windows.missing, windows.missing_seqs, windows.ended
FROM sessions FINAL
WHERE session_id IN {ids:Array(UUID)}
ORDER BY session_id
"""


class CutSession:
    """A session as the tables have it, and what arrived of it."""

    def __init__(self, key: bytes, row: Mapping[str, Any]):
        self.key = key
        self.seen: dict[str, Seen] = {}
        """By window id."""
        self.received_at = 0
        """When its last batch was received, on the collector's clock."""
        self._row = row

    def session(self, gap_ms: int, max_session_ms: int, grace_ms: int) -> Session:
        """Its state, but for what the tables do not have: the time of a window's earliest Meta, and
        FullSnapshots that wait for one.
        """
        row = self._row
        visitor_id = None if row["visitor_id"] == row["visitor"] else row["visitor_id"]
        return Session(
            id=row["session_id"].bytes,
            tenant=row["tenant_id"],
            visitor_id=visitor_id,
            started_at=row["started_at"],
            first_at=row["first_event_at"],
            last_at=row["last_event_at"],
            gap_ms=gap_ms,
            max_session_ms=max_session_ms,
            expires_on=(row["expires_on"] - date(1970, 1, 1)).days,
            user_agent=row["user_agent"],
            country=row["country"],
            version=row["version"],
            events=row["events"],
            batches=row["batches"],
            raw_bytes=row["raw_bytes"],
            landing_at=row["first_event_at"] if row["landing_url"] else None,
            landing_url=row["landing_url"],
            touched_watermark=self.received_at - grace_ms,
            completed_at=None if row["completed_at"] is None else _ms(row["completed_at"]),
            reason=_reason(row["completion_reason"]),
            windows=self._windows(),
        )

    def _windows(self) -> list[Window]:
        row = self._row
        columns = [row[f"windows.{name}"] for name in WINDOW_COLUMNS]
        return [
            self._window(dict(zip(WINDOW_COLUMNS, values, strict=True)))
            for values in zip(*columns, strict=True)
        ]

    def _window(self, of: Mapping[str, Any]) -> Window:
        runs: list[int] = []
        for seq in of["missing_seqs"]:
            seqs.add(runs, seq)
        first_at = _ms(of["first_at"])
        playable_at = None if of["playable_at"] is None else _ms(of["playable_at"])
        seen = self.seen.get(of["id"], Seen())
        return Window(
            id=of["id"],
            skew_ms=of["skew_ms"],
            first_at=first_at,
            last_at=_ms(of["last_at"]),
            events=of["events"],
            batches=of["batches"],
            ended=bool(of["ended"]),
            highest_seq=seen.seqs[-1] - 1 if seen.seqs else -1,
            meta_at=first_at if playable_at is not None else None,
            playable_at=playable_at,
            missing=runs,
            unlisted=of["missing"] - len(of["missing_seqs"]),
        )


WINDOW_COLUMNS = (
    "id",
    "first_at",
    "last_at",
    "skew_ms",
    "events",
    "batches",
    "playable_at",
    "missing",
    "missing_seqs",
    "ended",
)
COLUMNS = (
    "session_id",
    "tenant_id",
    "connection_id",
    "visitor",
    "visitor_id",
    "started_at",
    "first_event_at",
    "last_event_at",
    "completed_at",
    "completion_reason",
    "landing_url",
    "user_agent",
    "country",
    "events",
    "batches",
    "raw_bytes",
    "expires_on",
    "version",
    *(f"windows.{name}" for name in WINDOW_COLUMNS),
)


class CutSessions:
    """Asks ClickHouse. Connects at the first question."""

    def __init__(self, url: str, user: str, password: str, database: str):
        self._url, self._user, self._password, self._database = url, user, password, database
        self._client: AsyncClient | None = None

    async def find(self, partition: int, start: int, received_at: int) -> list[CutSession]:
        """Those with a batch before the log's start that were remembered there, or are active still.

        Args:
            start: the first offset that the log has.
            received_at: of the record there, ms.

        Raises:
            clickhouse_connect.driver.exceptions.Error: the server does not answer, or refuses.
        """
        client = await self._connected()
        answer = await client.query(
            CUT,
            parameters={
                "partition": partition,
                "start": start,
                "before": received_at + SLACK_MS,
                "since": received_at - DAY_MS - SLACK_MS,
            },
        )
        ids = [session_id for (session_id,) in answer.result_rows]
        found: list[CutSession] = []
        for at in range(0, len(ids), IDS_AT_ONCE):
            found += await self._with_batches(client, ids[at : at + IDS_AT_ONCE])
        return found

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def _with_batches(self, client: AsyncClient, ids: Sequence[UUID]) -> Iterable[CutSession]:
        parameters = {"ids": [str(each) for each in ids]}
        found: dict[UUID, CutSession] = {}
        for values in (await client.query(SESSIONS_OF, parameters=parameters)).result_rows:
            row = dict(zip(COLUMNS, values, strict=True))
            key = f"{row['connection_id']}/{row['visitor']}".encode()
            found[row["session_id"]] = CutSession(key, row)
        for session_id, window, numbers, batch_ids, received_at in (
            await client.query(BATCHES_OF, parameters=parameters)
        ).result_rows:
            cut = found.get(session_id)
            if cut is None:
                continue
            seen = cut.seen.setdefault(window, Seen())
            for seq in sorted(numbers):
                seqs.add(seen.seqs, seq)
            del seen.seqs[1 : 1 + max(0, len(seen.seqs) - 2 * MOST_RUNS)]
            seen.batch_ids = bytes.fromhex("".join(batch_ids))
            cut.received_at = max(cut.received_at, received_at)
        return found.values()

    async def _connected(self) -> AsyncClient:
        if self._client is None:
            self._client = await clickhouse_connect.get_async_client(
                dsn=self._url,
                username=self._user,
                password=self._password,
                database=self._database,
                autogenerate_session_id=False,
                connect_timeout=5,
                send_receive_timeout=TIMEOUT_S,
            )
        return self._client


def _ms(at: datetime) -> int:
    """clickhouse_connect gives a DateTime64 in UTC as an aware or a naive datetime, by its own settings."""
    aware = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return (aware - EPOCH) // timedelta(milliseconds=1)


def _reason(text: str) -> Reason | None:
    return cast(Reason, text) if text else None
