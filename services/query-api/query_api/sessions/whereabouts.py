"""In which connection a session is, as far as that is known without looking it up. Pure.

A session never changes its connection, so what was once true stays true. Whether the session is still there,
and the caller's, is not known from here.
"""

from collections.abc import Sequence

from query_api.sessions.recent import Recent


class Whereabouts:
    def __init__(self, most: int = 10_000) -> None:
        self._connections: Recent[str, str] = Recent(most)

    def learn(self, session_id: str, connection_id: str) -> None:
        self._connections.put(session_id, connection_id)

    def of(self, session_id: str, connection_ids: Sequence[str]) -> str | None:
        """Which of these connections, all that a tenant has, the session is in if it is in one."""
        if len(connection_ids) == 1:
            return connection_ids[0]
        known = self._connections.get(session_id)
        return known if known in connection_ids else None
