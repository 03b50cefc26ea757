"""Stop rather than guess: when this process must not write any more, and how it ends.

A worker that was paused, or cut off from the broker, may have lost its partitions to another without
knowing. It asks here before each write; its transactions ask the broker (ADR 50). May know the monotonic
clock, and nothing of Kafka or ClickHouse.
"""

import math
import os
import sys
import time
from collections.abc import Callable
from typing import NoReturn

import structlog

EXIT_STOPPED_ITSELF = 70
"""sysexits' EX_SOFTWARE; a supervisor starts the worker again, and it goes on from its position."""

NO_HEARTBEAT = "no heartbeat within the session timeout"

log = structlog.get_logger(__name__)


def end_process(reason: str, **facts: object) -> NoReturn:
    """End at once: nothing is flushed, committed or handed over, so nothing is written after the guess."""
    log.critical("worker ends itself", reason=reason, **facts)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(EXIT_STOPPED_ITSELF)


class Fence:
    """Knows when the broker last heard of this worker. All times are seconds of one monotonic clock."""

    def __init__(
        self,
        session_timeout_ms: int,
        clock: Callable[[], float] = time.monotonic,
        end: Callable[..., NoReturn] = end_process,
        told_expelled: Callable[[], object] = lambda: None,
    ):
        """
        Args:
            told_expelled: called when a member is no longer one.
        """
        self._session_timeout_s = session_timeout_ms / 1000
        self._clock = clock
        self._end = end
        self._told_expelled = told_expelled
        self._heard_at = -math.inf

    def heard(self, sent_at: float) -> None:
        """The broker answered a heartbeat, or an assignment, that was asked for at `sent_at`."""
        self._heard_at = max(self._heard_at, sent_at)

    def expelled(self) -> None:
        """The broker no longer knows this member: what it holds may be another's."""
        if self._heard_at > -math.inf:
            self._told_expelled()
        self._heard_at = -math.inf

    def replaced(self, instance_id: str) -> NoReturn:
        """End the process: the broker knows no member, or another one, by this worker's instance id.

        Joined again, this worker would put the other out in turn, and so on for ever.
        """
        self._end(
            "another worker has this worker's instance id" if self.holds() else NO_HEARTBEAT,
            instance_id=instance_id,
            heartbeat_age_s=round(self.heartbeat_age_s(), 3),
        )

    def cannot_join(self, error: BaseException) -> NoReturn:
        """End the process: the group refuses this worker for a reason that waiting does not mend."""
        self._end("the group cannot be joined", error=repr(error))

    def heartbeat_age_s(self) -> float:
        """Since the last answered heartbeat was sent; infinite while this is no member."""
        return self._clock() - self._heard_at

    def holds(self) -> bool:
        """Whether the last answered heartbeat is within the session timeout."""
        return self.heartbeat_age_s() <= self._session_timeout_s

    def check(self, about_to: str) -> None:
        """End the process if the last answered heartbeat is older than the session timeout."""
        if not self.holds():
            self._end(
                NO_HEARTBEAT,
                about_to=about_to,
                heartbeat_age_s=round(self.heartbeat_age_s(), 3),
            )

    def taken_over(self, partition: int, error: BaseException) -> NoReturn:
        """End the process: the broker refused its write, because another worker writes the partition now."""
        self._end("another worker has taken its partition over", partition=partition, error=repr(error))
