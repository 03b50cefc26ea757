"""Asks the query API what it holds, over HTTP. Events come back as the bytes that were stored."""

from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any, Literal, Self

import httpx
import msgspec

Status = Literal["active", "completed"]


class QueryFailed(Exception):  # noqa: N818
    """An answer other than 200; the message holds it."""


class Stats(msgspec.Struct, frozen=True):
    total: int
    active: int
    completed: int
    events: int


class Session(msgspec.Struct, frozen=True):
    """The part of a session that this package looks at."""

    session_id: str
    visitor_id: str
    status: Status
    started_at: int
    first_event_at: int
    last_event_at: int
    events: int
    replayable: bool


class _Window(msgspec.Struct, frozen=True):
    window_id: str


class _SessionPage(msgspec.Struct, frozen=True):
    sessions: list[Session]
    next_cursor: str | None


class _OneSession(msgspec.Struct, frozen=True):
    windows: list[_Window]


class _EventPage(msgspec.Struct, frozen=True):
    events: list[msgspec.Raw]
    next_cursor: str | None


class QueryClient:
    """Use it as an async context manager."""

    def __init__(self, url: str, token: str) -> None:
        self._http = httpx.AsyncClient(
            base_url=url, headers={"authorization": f"Bearer {token}"}, timeout=30, trust_env=False
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def stats(self, connection: str, status: Status | None = None) -> Stats:
        return msgspec.json.decode(
            await self._get(f"/v1/connections/{connection}/sessions/stats", _given(status=status)), type=Stats
        )

    async def sessions(self, connection: str, status: Status | None = None) -> list[Session]:
        """All of a connection, page after page."""
        path = f"/v1/connections/{connection}/sessions"
        found: list[Session] = []
        cursor = None
        while True:
            answer = await self._get(path, _given(status=status, cursor=cursor))
            page = msgspec.json.decode(answer, type=_SessionPage)
            found += page.sessions
            if (cursor := page.next_cursor) is None:
                return found

    async def windows(self, session_id: str) -> list[str]:
        answer = await self._get(f"/v1/sessions/{session_id}", {})
        return [window.window_id for window in msgspec.json.decode(answer, type=_OneSession).windows]

    async def events(self, session_id: str, window: str | None = None) -> AsyncIterator[bytes]:
        """A window's events in order, each as its stored bytes; the first window's if none is named."""
        cursor = None
        while True:
            answer = await self._get(
                f"/v1/sessions/{session_id}/events", _given(window=window, cursor=cursor)
            )
            page = msgspec.json.decode(answer, type=_EventPage)
            for event in page.events:
                yield bytes(event)
            if (cursor := page.next_cursor) is None:
                return

    async def _get(self, path: str, parameters: dict[str, str]) -> bytes:
        answer = await self._http.get(path, params=parameters)
        if answer.status_code != httpx.codes.OK:
            raise QueryFailed(f"{path}: {answer.status_code} {answer.text[:300]}")
        return answer.content


def _given(**parameters: Any) -> dict[str, str]:
    return {name: str(value) for name, value in parameters.items() if value is not None}
