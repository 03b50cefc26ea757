"""HTTP sessions (`session_id=`): the SET and USE statements that later requests of a session repeat.

A session is not a connection: its statements are run again on each request's fresh one. It knows no clock:
every call is handed `now`, in seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from playhead.clickhouse.errors import (
    BAD_ARGUMENTS,
    SESSION_IS_LOCKED,
    SESSION_NOT_FOUND,
    TOO_MANY_SIMULTANEOUS_QUERIES,
    refused,
)

DEFAULT_TIMEOUT_S = 60.0
MAX_TIMEOUT_S = 3600.0
MAX_SESSIONS = 10_000
MAX_STATEMENTS = 200


@dataclass(slots=True)
class Session:
    statements: list[str] = field(default_factory=list)
    expires: float = 0.0
    timeout_s: float = DEFAULT_TIMEOUT_S
    busy: bool = False

    def remember(self, statement: str) -> None:
        if len(self.statements) >= MAX_STATEMENTS:
            raise refused(BAD_ARGUMENTS, f"A session holds at most {MAX_STATEMENTS} SET and USE statements.")
        self.statements.append(statement)


class Sessions:
    def __init__(self) -> None:
        self._sessions: dict[tuple[str, str], Session] = {}

    def enter(self, user: str, query: Mapping[str, str], now: float) -> Session | None:
        """The request's session, marked busy; None where it names none.

        Raises:
            QueryError: it runs another statement, it is wanted but not there, or there are too many.
        """
        session_id = query.get("session_id")
        if not session_id:
            return None
        self._forget_expired(now)
        timeout_s = _timeout(query.get("session_timeout"))
        session = self._sessions.get((user, session_id))
        if session is None:
            if query.get("session_check") == "1":
                raise refused(SESSION_NOT_FOUND, f"Session {session_id} not found.")
            if len(self._sessions) >= MAX_SESSIONS:
                raise refused(TOO_MANY_SIMULTANEOUS_QUERIES, f"There are {MAX_SESSIONS} sessions already.")
            session = self._sessions[user, session_id] = Session()
        if session.busy:
            raise refused(SESSION_IS_LOCKED, f"Session {session_id} is locked by a concurrent client.")
        session.busy = True
        session.timeout_s = timeout_s
        return session

    @staticmethod
    def leave(session: Session, now: float) -> None:
        session.busy = False
        session.expires = now + session.timeout_s

    def _forget_expired(self, now: float) -> None:
        expired = [
            key for key, session in self._sessions.items() if not session.busy and session.expires < now
        ]
        for key in expired:
            del self._sessions[key]


def _timeout(text: str | None) -> float:
    if text is None:
        return DEFAULT_TIMEOUT_S
    try:
        seconds = float(text)
    except ValueError:
        raise refused(BAD_ARGUMENTS, f"Invalid session timeout: '{text}'.") from None
    if not 0 <= seconds <= MAX_TIMEOUT_S:
        raise refused(BAD_ARGUMENTS, f"Session timeout '{text}' is larger than maximum: {MAX_TIMEOUT_S:.0f}.")
    return seconds
