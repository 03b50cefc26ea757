"""One look a moment at all sessions that are seen live, and one reading of what is new for all who see it.

However many viewers there are, the store is asked once a moment what has news, and once a session with news
for its batches. A viewer that takes too little is let go: it reads for itself until it is where the others
are.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from query_api import metrics
from query_api.live.arrival import Arrival, id_of
from query_api.live.messages import batch_message
from query_api.live.repository import EVERYTHING, Arrived, LiveRepository, NewsRow, SessionKey
from query_api.live.viewer import Completed, Ending, Viewer
from query_api.problems import Refusal

log = structlog.get_logger(__name__)

READINGS_AT_ONCE = 4


def wall_clock() -> int:
    return time.time_ns() // 1_000_000


@dataclass
class Followed:
    """A session that somebody sees."""

    key: SessionKey
    last: Arrival
    """The newest batch that its viewers were told of."""
    version: int | None = None
    """Up to here the session is read."""
    viewers: set[Viewer] = field(default_factory=set)


class Watch:
    """Looks while there is a viewer, and not otherwise."""

    def __init__(
        self,
        repository: LiveRepository,
        *,
        poll_ms: int,
        read_bytes: int,
        now: Callable[[], int] = wall_clock,
    ) -> None:
        self._repository = repository
        self._poll_s = poll_ms / 1000
        self._read_bytes = read_bytes
        self._now = now
        self._followed: dict[SessionKey, Followed] = {}
        self._readings = asyncio.Semaphore(READINGS_AT_ONCE)
        self._looking: asyncio.Task[None] | None = None
        self.stopped = False

    def join(self, viewer: Viewer, key: SessionKey, last: Arrival) -> bool:
        """From now on the viewer is offered each batch that arrives after `last`, and maybe some before it.

        False where others have been told of later ones already: read on from `last`, and ask again.
        """
        if self.stopped:
            viewer.end(Ending.STOPPED)
            return True
        followed = self._followed.get(key)
        if followed is None:
            followed = self._followed[key] = Followed(key, last)
        elif last < followed.last:
            return False
        viewer.begin()
        followed.viewers.add(viewer)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look(), name="live")
            self._looking.add_done_callback(self._ended)
        return True

    def leave(self, viewer: Viewer, key: SessionKey) -> None:
        followed = self._followed.get(key)
        if followed is None:
            return
        followed.viewers.discard(viewer)
        if not followed.viewers:
            del self._followed[key]

    def stop(self) -> None:
        """End all viewers, with what they were told; none is told anything more."""
        self.stopped = True
        self._end_all()

    async def close(self) -> None:
        self.stop()
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait([self._looking])

    def _end_all(self) -> None:
        for followed in self._followed.values():
            for viewer in followed.viewers:
                viewer.end(Ending.STOPPED)
        self._followed.clear()

    def _ended(self, looking: asyncio.Task[None]) -> None:
        if self._looking is looking:
            self._looking = None
        if not looking.cancelled() and (error := looking.exception()) is not None:
            log.error("looking for live sessions' news broke", exc_info=error)
            # They come back, and with them a new looking; left as they are they would wait for ever.
            self._end_all()

    async def _look(self) -> None:
        while self._followed:
            try:
                await self.look()
            except Refusal as refusal:
                # The store is away. Nobody is told anything meanwhile; all is there when it is back.
                log.warning("live sessions' news are not to be had", reason=str(refusal.reason))
            await asyncio.sleep(self._poll_s)

    async def look(self) -> None:
        """
        Raises:
            Refusal: clickhouse_unavailable, query_timeout.
        """
        watched = list(self._followed.values())
        news = await self._repository.news([each.key for each in watched])
        changed = [
            (each, row)
            for each in watched
            if (row := news.get(each.key.session_id)) is None or row.newest_version != each.version
        ]
        found = await asyncio.gather(
            *(self._bring(each, row) for each, row in changed), return_exceptions=True
        )
        for error in found:
            if error is not None:
                raise error

    async def _bring(self, followed: Followed, row: NewsRow | None) -> None:
        if row is None:
            self._finish(followed, Ending.GONE)
            return
        more = True
        async with self._readings:
            while more and followed.viewers:
                found = await self._repository.next(followed.key, followed.last, EVERYTHING, self._read_bytes)
                for arrived in found.batches:
                    self._tell(followed, arrived)
                more = found.more
        if more:
            return
        followed.version = row.newest_version
        if row.newest_status == "completed":
            self._finish(followed, Completed(row.completed_at_ms or 0))

    def _tell(self, followed: Followed, arrived: Arrived) -> None:
        followed.last = arrived.at
        message = message_of(arrived, arrived.payload, None)
        for viewer in list(followed.viewers):
            if not viewer.offer(arrived.at, message):
                metrics.LIVE_FELL_BEHIND.inc()
                self.leave(viewer, followed.key)
        metrics.LIVE_LAG_SECONDS.observe(max(0, self._now() - arrived.received_at) / 1000)

    def _finish(self, followed: Followed, ending: Ending | Completed) -> None:
        for viewer in list(followed.viewers):
            viewer.end(ending)
            self.leave(viewer, followed.key)


def message_of(arrived: Arrived, events: bytes, horizon: Arrival | None) -> bytes:
    """
    Args:
        events: its payload, or what is to be told of it.
    """
    return batch_message(
        id_of(arrived.at, horizon),
        window_id=arrived.window_id,
        seq=arrived.seq,
        received_at=arrived.received_at,
        events=events,
    )
