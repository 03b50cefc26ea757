"""Whether the client at a socket's other end still sends what happens, or keeps it until it connects anew.

Pure: the time is handed in. Its source (2.1.0): once a socket of a page was closed, by whomever, or never
opened at the first try, all later events go into a buffer, and that is sent only when a socket opens, or
posted when the page is hidden. So such a client sends everything at once and is silent from then on,
whatever its visitor does. Closing its socket loses nothing, because it does not use it, and makes it open
the next.
"""

LIVE_AFTER_MS = 5_000
"""A message that came so long after the one before was not waiting when the socket opened."""


class Liveness:
    """Of one socket."""

    def __init__(self, opened_at_ms: int, refresh_ms: int):
        self._refresh_ms = refresh_ms
        self._heard_at_ms = opened_at_ms
        self._heard = False
        self._live = False

    def hear(self, now_ms: int) -> None:
        """A message came."""
        self._live = self._live or (self._heard and now_ms - self._heard_at_ms >= LIVE_AFTER_MS)
        self._heard = True
        self._heard_at_ms = now_ms

    @property
    def refresh_at_ms(self) -> int | None:
        """When the socket is to be closed, if nothing more comes; None once the client has shown that it
        is live."""
        return None if self._live else self._heard_at_ms + self._refresh_ms
