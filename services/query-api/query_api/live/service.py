"""Opens live streams for whoever may see the session, so many at most; ends them when the process stops."""

from dataclasses import dataclass

from query_api import metrics
from query_api.events.bounds import Bounds
from query_api.events.service import Asked, EventService, Window
from query_api.live.arrival import BEFORE_ALL, read_id
from query_api.live.repository import EVERYTHING, LiveRepository, SessionKey
from query_api.live.stream import Limits, LiveStream
from query_api.live.viewer import Viewer
from query_api.live.watch import Watch
from query_api.problems import Reason, Refusal
from query_api.sessions.repository import RecordedSessionRow
from query_api.sessions.service import SessionService


@dataclass(frozen=True)
class LiveLimits:
    viewers: int
    buffer_bytes: int
    """Held for a viewer of what it was told and has not taken."""
    stream: Limits


class LiveService:
    def __init__(
        self,
        sessions: SessionService,
        events: EventService,
        repository: LiveRepository,
        watch: Watch,
        limits: LiveLimits,
    ) -> None:
        self._sessions = sessions
        self._events = events
        self._repository = repository
        self._watch = watch
        self._limits = limits
        self._viewers = 0

    async def open(self, tenant: str, session_id: str, last_event_id: str | None) -> LiveStream:
        """A stream that is ready to be sent: the store has answered. Close what you get.

        Args:
            last_event_id: the id of the last message that the viewer has; without it the stream begins at
                each window's newest full snapshot.

        Raises:
            Refusal: bad_parameter, unknown_session, too_many_viewers, and what ClickHouse and Kafka add.
        """
        session = await self._sessions.recorded(tenant, session_id)
        resumed = None if not last_event_id else read_id(last_event_id)
        if self._watch.stopped or self._viewers >= self._limits.viewers:
            raise Refusal(Reason.TOO_MANY_VIEWERS)
        self._count(1)
        try:
            key = SessionKey(session.connection_id, session.session_id, session.started_at_ms)
            whole = resumed is not None and resumed.horizon is None
            beginning = (
                EVERYTHING
                if whole
                else await self._repository.beginning(key, resumed.horizon if resumed else None)
            )
            last = resumed.last if resumed else BEFORE_ALL
            first = await self._repository.next(key, last, beginning, self._limits.stream.read_bytes)
        except BaseException:
            self._count(-1)
            raise
        return LiveStream(
            repository=self._repository,
            watch=self._watch,
            key=key,
            viewer=Viewer(self._limits.buffer_bytes),
            last=last,
            beginning=beginning,
            first=first,
            completed_at=session.completed_at_ms if session.status == "completed" else None,
            meta_before=_MetaBefore(self._events, session),
            limits=self._limits.stream,
            left=lambda: self._count(-1),
        )

    def stop(self) -> None:
        """End all streams in order; their viewers come back to whoever serves then."""
        self._watch.stop()

    async def close(self) -> None:
        await self._watch.close()

    def _count(self, change: int) -> None:
        self._viewers += change
        metrics.LIVE_VIEWERS.set(self._viewers)


class _MetaBefore:
    """For the seldom case that a batch ended between Meta and snapshot."""

    def __init__(self, events: EventService, session: RecordedSessionRow) -> None:
        self._events = events
        self._session = session

    async def __call__(self, window_id: str, snapshot_at: int) -> bytes:
        # Without a Meta event, or while the session's row does not know the window, there is nothing to find.
        if window_id not in self._session.window_ids:
            return b""
        window = Window(self._session, window_id)
        if window.playable_at is None:
            return b""
        start = await self._events.start(Asked(window, Bounds(at=snapshot_at), None))
        return start.lead
