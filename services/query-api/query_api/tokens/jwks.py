"""The sign-on's keys, held in memory: when they are asked for anew, and for how long they are believed.

Keys are asked for when they have been held for `keep_ms`, so that a key that was taken back ends; and when a
token names a key that is not held, so that a new one begins at once. Between two askings there are `retry_ms`
at least, however many forged tokens name whatever keys. When the sign-on is away the keys that are held
stay valid until they are `valid_ms` old.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aiohttp
import structlog

from query_api import metrics
from query_api.problems import Reason, Refusal
from query_api.tokens.key_set import Algorithm, KeySet, decode

log = structlog.get_logger(__name__)

Source = Callable[[], Awaitable[bytes]]


@dataclass(frozen=True)
class Times:
    keep_ms: int
    retry_ms: int
    valid_ms: int


@dataclass(frozen=True)
class Held:
    keys: KeySet
    at_ms: int


def due(now_ms: int, held: Held | None, tried_at_ms: int | None, kid: str | None, times: Times) -> bool:
    """Whether the keys are to be asked for now, for a token that names `kid`. A monotonic clock's times."""
    if tried_at_ms is not None and now_ms - tried_at_ms < times.retry_ms:
        return False
    return held is None or now_ms - held.at_ms >= times.keep_ms or not held.keys.knows(kid)


def valid(now_ms: int, held: Held | None, times: Times) -> KeySet | None:
    """The keys that may be believed now."""
    return held.keys if held is not None and now_ms - held.at_ms < times.valid_ms else None


def monotonic_ms() -> int:
    return time.monotonic_ns() // 1_000_000


class Jwks:
    def __init__(
        self,
        source: Source,
        algorithms: frozenset[Algorithm],
        times: Times,
        clock: Callable[[], int] = monotonic_ms,
    ) -> None:
        self._source = source
        self._algorithms = algorithms
        self._times = times
        self._clock = clock
        self._held: Held | None = None
        self._tried_at_ms: int | None = None
        self._asking: asyncio.Task[None] | None = None

    async def keys(self, kid: str | None = None) -> KeySet:
        """The keys to check a token with that names `kid`.

        Raises:
            Refusal: keys_unavailable: none are held that may still be believed.
        """
        if due(self._clock(), self._held, self._tried_at_ms, kid, self._times):
            self._tried_at_ms = self._clock()
            self._asking = asyncio.create_task(self._ask(), name="jwks")
        if self._asking is not None and not self._current(kid):
            # One asking serves all who wait, and goes on when one of them leaves.
            await asyncio.shield(self._asking)
        found = valid(self._clock(), self._held, self._times)
        if found is None:
            raise Refusal(Reason.KEYS_UNAVAILABLE)
        return found

    def _current(self, kid: str | None) -> bool:
        """Whether a token need not wait for an asking that is under way."""
        held = self._held
        return held is not None and self._clock() - held.at_ms < self._times.keep_ms and held.keys.knows(kid)

    async def _ask(self) -> None:
        try:
            keys = decode(await self._source(), self._algorithms)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            metrics.JWKS_READ.labels("error").inc()
            log.warning(
                "the sign-on's keys cannot be read; those held stay valid for a time", error=repr(error)
            )
            return
        # The time before the asking would be more exact by as long as the answer took, which is bounded.
        self._held = Held(keys, self._clock())
        metrics.JWKS_READ.labels("ok").inc()
        metrics.JWKS_KEYS.set(len(keys))
        if not len(keys):
            log.warning("the sign-on's document holds no key that may sign a token")
