"""One viewer's stream: what is stored, read a piece at a time as it is taken, then what is told to all."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass

import structlog

from query_api import metrics
from query_api.live.arrival import Arrival
from query_api.live.beginning import from_snapshot
from query_api.live.messages import BEGIN, HEARTBEAT, completed_message
from query_api.live.repository import Arrived, Beginning, LiveRepository, Next, SessionKey
from query_api.live.viewer import Completed, Ending, Viewer
from query_api.live.watch import Watch, message_of
from query_api.problems import Refusal

log = structlog.get_logger(__name__)

PIECE_BYTES = 64 * 1024
"""More is not handed to a socket at once, for what it does not take is held for each viewer."""
AGAIN_S = 1.0
"""How long a viewer that reads for itself waits for a store that is away."""

MetaBefore = Callable[[str, int], Awaitable[bytes]]
"""The Meta event before a window's full snapshot of that time; nothing where there is none."""


@dataclass(frozen=True)
class Limits:
    read_bytes: int
    """A viewer that reads for itself holds so much, or one batch."""
    heartbeat_ms: int
    longest_ms: int
    """After so long the stream ends, and its viewer comes back with a token that is looked at again."""


class LiveStream:
    """Close what you get."""

    def __init__(
        self,
        *,
        repository: LiveRepository,
        watch: Watch,
        key: SessionKey,
        viewer: Viewer,
        last: Arrival,
        beginning: Beginning,
        first: Next,
        completed_at: int | None,
        meta_before: MetaBefore,
        limits: Limits,
        left: Callable[[], None],
    ) -> None:
        """
        Args:
            last: the newest batch that the viewer has.
            first: what comes after it.
            completed_at: ms since the epoch, where the session was completed before `first` was read.
            left: called once, when the stream is closed.
        """
        self._repository = repository
        self._watch = watch
        self._key = key
        self._viewer = viewer
        self._last = last
        self._beginning = beginning
        self._first = first
        self._completed_at = completed_at
        self._meta_before = meta_before
        self._limits = limits
        self._left = left
        self._ends_at_s = time.monotonic() + limits.longest_ms / 1000
        self._closed = False

    async def aclose(self) -> None:
        if not self._closed:
            self._closed = True
            self._watch.leave(self._viewer, self._key)
            self._left()

    async def __aiter__(self) -> AsyncGenerator[bytes, None]:
        async for message in self._messages():
            metrics.LIVE_BYTES.inc(len(message))
            if len(message) <= PIECE_BYTES:
                yield message
                continue
            for start in range(0, len(message), PIECE_BYTES):
                yield message[start : start + PIECE_BYTES]

    async def _messages(self) -> AsyncGenerator[bytes, None]:
        yield BEGIN
        found: Next | None = self._first
        while not self._over:
            if found is None:
                # The store is away, and the answer has begun: so it is waited for.
                await asyncio.sleep(min(AGAIN_S, self._limits.heartbeat_ms / 1000))
                yield HEARTBEAT
                found = await self._read()
                continue
            async for message in self._stored(found):
                yield message
            if not found.more and self._completed_at is not None:
                yield completed_message(self._completed_at)
                return
            if not found.more and self._watch.join(self._viewer, self._key, self._last):
                async for message in self._told():
                    yield message
                if self._viewer.ending is not Ending.FELL_BEHIND:
                    return
            found = await self._read()

    @property
    def _over(self) -> bool:
        return self._watch.stopped or time.monotonic() >= self._ends_at_s

    async def _stored(self, found: Next) -> AsyncGenerator[bytes, None]:
        """What the viewer read for itself; each batch is let go as it is taken."""
        batches = deque(found.batches)
        found.batches.clear()
        while batches and not self._over:
            arrived = batches.popleft()
            message = message_of(arrived, await self._of(arrived), self._beginning.horizon)
            self._last = arrived.at
            yield message

    async def _told(self) -> AsyncGenerator[bytes, None]:
        """What is told to all, until it ends for this viewer."""
        while not self._over:
            if (told := self._viewer.take()) is not None:
                at, message = told
                if at > self._last:
                    self._last = at
                    yield message
                continue
            match self._viewer.ending:
                case Completed(at=completed_at):
                    yield completed_message(completed_at)
                    return
                case Ending():
                    return
            try:
                async with asyncio.timeout(self._patience_s()):
                    await self._viewer.changed()
            except TimeoutError:
                if not self._over:
                    yield HEARTBEAT

    def _patience_s(self) -> float:
        return min(self._limits.heartbeat_ms / 1000, max(0.0, self._ends_at_s - time.monotonic()))

    async def _read(self) -> Next | None:
        """None where the store is away."""
        try:
            return await self._repository.next(
                self._key, self._last, self._beginning, self._limits.read_bytes
            )
        except Refusal as refusal:
            log.warning("a live session cannot be read", reason=str(refusal.reason))
            return None

    async def _of(self, arrived: Arrived) -> bytes:
        """Its payload; of a batch that holds a snapshot where the stream begins, what comes from there."""
        snapshot_at = self._beginning.snapshots_in.get(arrived.at)
        beginning = None if snapshot_at is None else from_snapshot(arrived.batch, snapshot_at)
        if snapshot_at is None or beginning is None:
            return arrived.payload
        events = beginning.events
        if not beginning.has_meta and (meta := await self._meta_before(arrived.window_id, snapshot_at)):
            events = [meta, *events]
        return b",".join(events)
