"""How much a connection may send in a second: token buckets, one for requests and one for bytes.

Pure: the time is handed in, in seconds of any clock that never goes back.
"""

import math
from dataclasses import dataclass

from collector.problems import Reason, Refused


@dataclass(frozen=True, slots=True)
class Rate:
    per_s: float
    """What comes in a second; 0 is no limit."""
    burst: float
    """What is there at first, and at most: it can be had at once."""


class Bucket:
    """Filled at a rate up to its burst. What is taken may be more than there is: then it owes."""

    __slots__ = ("_at_s", "_level", "_rate")

    def __init__(self, rate: Rate, now_s: float):
        self._rate = rate
        self._level = rate.burst
        self._at_s = now_s

    def wait_s(self, now_s: float) -> float:
        """Seconds until there is at least 1; 0 where there is."""
        if not self._rate.per_s:
            return 0.0
        self._level = min(self._rate.burst, self._level + (now_s - self._at_s) * self._rate.per_s)
        self._at_s = now_s
        return max(0.0, (1 - self._level) / self._rate.per_s)

    def take(self, count: float) -> None:
        self._level -= count


class RateLimits:
    """The buckets of all connections. Holds as many as there are connections that sent something."""

    def __init__(self, requests: Rate, body_bytes: Rate):
        self._requests = requests
        self._bytes = body_bytes
        self._buckets: dict[str, tuple[Bucket, Bucket]] = {}

    def admit(self, connection: str, now_s: float) -> None:
        """Count a request of the connection with this id.

        Raises:
            Refused: rate_limited, with the seconds after which one is admitted; nothing is counted then.
        """
        buckets = self._buckets.get(connection)
        if buckets is None:
            buckets = self._buckets[connection] = (
                Bucket(self._requests, now_s),
                Bucket(self._bytes, now_s),
            )
        requests, body_bytes = buckets
        for bucket, what in ((requests, "requests"), (body_bytes, "bytes")):
            wait_s = bucket.wait_s(now_s)
            if wait_s:
                raise Refused(
                    Reason.rate_limited,
                    f"the connection sends more {what} a second than it may",
                    retry_after_s=math.ceil(wait_s),
                )
        requests.take(1)

    def spend(self, connection: str, body_bytes: int) -> None:
        """Count the body of an admitted request. It is taken whole, and the next ones wait for it."""
        self._buckets[connection][1].take(body_bytes)
