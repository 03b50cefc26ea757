"""The steps from a request to the broker's acknowledgement, for every endpoint that takes events.

Decides nothing itself: each step is a function of another module, and each refusal is of `problems`. One per
process, because what it limits (large bodies at a time, bytes in flight) is the process's.
"""

import asyncio
import time
from collections.abc import Callable

from starlette.types import Receive

from collector import metrics
from collector.admit import BytesInFlight
from collector.answer import Headers
from collector.body import read_body
from collector.connections import ConnectionReader
from collector.prepare import Limits, Prepared, prepare
from collector.problems import Reason, Refused
from collector.publish import BrokerUnavailable, Publisher, RecordTooLarge
from collector.rate import Rate, RateLimits
from collector.settings import Settings
from schemas.connection import Connection
from schemas.envelope import Batch, Encoding, encode, visitor_key

USER_AGENT_MAX_CHARS = 1_024
LARGE_AT_ONCE = 2
"""Large bodies worked on at the same time. Each may take several times the decompressed limit of memory."""


class Intake:
    """An endpoint calls the steps, about in the order in which they are here."""

    def __init__(
        self,
        settings: Settings,
        connections: ConnectionReader,
        publisher: Publisher,
        in_flight: BytesInFlight,
        clock_s: Callable[[], float] = time.monotonic,
    ):
        self.retry_after_s = settings.retry_after_s
        self._connections = connections
        self._publisher = publisher
        self._in_flight = in_flight
        self._clock_s = clock_s
        self._rates = RateLimits(
            Rate(settings.max_requests_per_s, settings.request_burst),
            Rate(settings.max_bytes_per_s, settings.byte_burst),
        )
        self._max_body_bytes = settings.max_body_bytes
        self._body_timeout_s = settings.body_timeout_ms / 1_000
        self._limits = Limits(settings.max_decompressed_bytes, settings.max_events)
        self._inline_limits = Limits(
            min(settings.inline_decompressed_bytes, settings.max_decompressed_bytes), settings.max_events
        )
        self._inline_body_bytes = settings.inline_body_bytes
        self._large = asyncio.Semaphore(LARGE_AT_ONCE)
        self._country_header = settings.country_header.lower().encode()

    def connection_of(self, key: str) -> Connection:
        """The connection that has this write key.

        Raises:
            Refused: unknown_key, or broker_unavailable while nobody knows which keys there are.
        """
        if not self._connections.caught_up:
            raise Refused(Reason.broker_unavailable, "the connections have not been read from the broker yet")
        connection = self._connections.book.by_key(key)
        if connection is None:
            raise Refused(Reason.unknown_key, "no connection has this write key")
        return connection

    def origin_of(self, headers: Headers) -> str | None:
        origin = headers.get(b"origin")
        return None if origin is None else origin.decode("latin-1")

    def admit(self, connection: Connection) -> None:
        """Count a request of the connection.

        Raises:
            Refused: rate_limited.
        """
        self._rates.admit(connection.id, self._clock_s())

    def spend(self, connection: Connection, body: bytes) -> None:
        """Count the bytes of an admitted request's body towards the connection's rate."""
        self._rates.spend(connection.id, len(body))

    def check_broker(self) -> None:
        """Raises Refused, broker_unavailable, where a batch could not be written anyway."""
        if not self._publisher.up:
            raise Refused(Reason.broker_unavailable, "the broker has not been reached yet")

    async def receive(
        self,
        connection: Connection,
        headers: Headers,
        receive: Receive,
        encoding: Encoding,
        *,
        numbered: bool,
    ) -> tuple[bytes, Prepared]:
        """The body of a sender that may send, as it came and as it is ready to be sealed.

        It counts towards the connection's rate, and as in flight while it is read and prepared.

        Raises:
            Refused: broker_unavailable, rate_limited, overloaded, slow_body, batch_too_large, malformed_json,
                invalid_event or empty_batch.
            ClientGone: the body ended early.
        """
        self.check_broker()
        self.admit(connection)
        body = await read_body(
            receive,
            headers.get(b"content-length"),
            self._max_body_bytes,
            self._body_timeout_s,
            self._in_flight,
        )
        try:
            metrics.RECEIVED_BYTES.inc(len(body))
            self.spend(connection, body)
            return body, await self.prepare(body, encoding, numbered=numbered)
        finally:
            self._in_flight.give_back(len(body))

    async def prepare(self, body: bytes, encoding: Encoding, *, numbered: bool) -> Prepared:
        """A small body here and now; a large one, or one that turns out large, in a thread.

        Raises:
            Refused: malformed_json, invalid_event, empty_batch or batch_too_large.
        """
        if len(body) <= self._inline_body_bytes:
            try:
                return prepare(body, encoding, self._inline_limits, numbered=numbered)
            except Refused as refused:
                if refused.reason is not Reason.batch_too_large:
                    raise
        async with self._large:
            return await asyncio.to_thread(prepare, body, encoding, self._limits, numbered=numbered)

    def country_of(self, headers: Headers) -> str:
        """As the edge in front tells it; '' where it does not."""
        value = headers.get(self._country_header, b"") if self._country_header else b""
        return value.decode().upper() if len(value) == 2 and value.isalpha() else ""

    def user_agent_of(self, headers: Headers) -> str:
        return headers.get(b"user-agent", b"").decode("utf-8", "replace")[:USER_AGENT_MAX_CHARS]

    async def write(self, batch: Batch) -> None:
        """Return once the broker has the batch on all in-sync replicas, and count it.

        Raises:
            Refused: overloaded (nothing is written), batch_too_large, or broker_unavailable (it may arrive).
        """
        record = encode(batch)
        began = time.perf_counter()
        try:
            await self._publisher.publish(
                visitor_key(batch.connection, batch.visitor), record, batch.received_at
            )
        except RecordTooLarge as error:
            raise Refused(Reason.batch_too_large, str(error)) from None
        except BrokerUnavailable as error:
            raise Refused(Reason.broker_unavailable, str(error)) from None
        metrics.PUBLISH_SECONDS.observe(time.perf_counter() - began)
        metrics.PUBLISHED_BYTES.inc(len(record))
        metrics.EVENTS.inc(batch.events)
        metrics.RAW_BYTES.inc(batch.raw_bytes)
