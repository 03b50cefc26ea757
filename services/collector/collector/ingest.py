"""`POST /v1/batches`, the hot path: raw ASGI, a list of named steps from request to acknowledgement.

Decides nothing itself: each step is a function of another module, and each refusal is of `problems`.
"""

import asyncio
import time

import structlog
from starlette.types import Receive, Scope, Send

from collector import cors, metrics
from collector.admit import BytesInFlight, check_sender
from collector.body import ClientGone, read_body
from collector.connections import ConnectionReader
from collector.parameters import check_media_type, content_encoding, parse
from collector.prepare import Limits, Prepared, prepare
from collector.problems import Reason, Refused, body_of, headers_of
from collector.publish import BrokerUnavailable, Publisher, RecordTooLarge
from collector.seal import seal
from collector.settings import Settings
from schemas.connection import Connection
from schemas.envelope import Encoding, encode, visitor_key

log = structlog.get_logger(__name__)

PATH = "/v1/batches"
USER_AGENT_MAX_CHARS = 1_024
LARGE_AT_ONCE = 2
"""Large bodies worked on at the same time. Each may take several times the decompressed limit of memory."""


class Ingest:
    """The ASGI endpoint. One per process."""

    def __init__(
        self,
        settings: Settings,
        connections: ConnectionReader,
        publisher: Publisher,
        in_flight: BytesInFlight,
    ):
        self._connections = connections
        self._publisher = publisher
        self._in_flight = in_flight
        self._max_body_bytes = settings.max_body_bytes
        self._body_timeout_s = settings.body_timeout_ms / 1_000
        self._retry_after_s = settings.retry_after_s
        self._limits = Limits(settings.max_decompressed_bytes, settings.max_events)
        self._inline_limits = Limits(
            min(settings.inline_decompressed_bytes, settings.max_decompressed_bytes), settings.max_events
        )
        self._inline_body_bytes = settings.inline_body_bytes
        self._large = asyncio.Semaphore(LARGE_AT_ONCE)
        self._country_header = settings.country_header.lower().encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        try:
            events, batch_id = await self._accept(scope["query_string"], headers, receive)
            outcome, status = "accepted", 202
            answer_headers = [(b"content-type", b"application/json")]
            body = b'{"accepted":%d,"batch":"%s"}' % (events, batch_id.hex().encode())
        except ClientGone:
            metrics.REQUESTS.labels("client_gone").inc()
            return
        except Refused as refused:
            outcome, status = refused.reason.name, refused.reason.status
            answer_headers = headers_of(refused, self._retry_after_s)
            body = body_of(refused)
        except Exception:
            # A fault of ours: it is logged whole, and the page still gets an answer that it may read.
            log.exception("a batch could not be handled")
            failed = Refused(Reason.internal_error, "the batch was not written; the fault has been logged")
            outcome, status = failed.reason.name, failed.reason.status
            answer_headers = headers_of(failed, self._retry_after_s)
            body = body_of(failed)
        metrics.REQUESTS.labels(outcome).inc()
        answer_headers += cors.headers(headers.get(b"origin"))
        answer_headers.append((b"content-length", b"%d" % len(body)))
        await send({"type": "http.response.start", "status": status, "headers": answer_headers})
        await send({"type": "http.response.body", "body": body})

    async def _accept(self, query: bytes, headers: dict[bytes, bytes], receive: Receive) -> tuple[int, bytes]:
        """Take a batch; the number of its events and its id once the broker has it."""
        parameters = parse(query)
        connection = self._connection_of(parameters.key)
        origin = headers.get(b"origin")
        check_sender(connection, parameters, None if origin is None else origin.decode("latin-1"))
        check_media_type(headers.get(b"content-type", b""))
        encoding = content_encoding(headers.get(b"content-encoding", b""), parameters.encoding)
        if not self._publisher.up:
            raise Refused(Reason.broker_unavailable, "the broker has not been reached yet")
        body = await read_body(
            receive,
            headers.get(b"content-length"),
            self._max_body_bytes,
            self._body_timeout_s,
            self._in_flight,
        )
        try:
            metrics.RECEIVED_BYTES.inc(len(body))
            prepared = await self._prepare(body, encoding, numbered=parameters.seq is not None)
        finally:
            self._in_flight.give_back(len(body))
        batch = seal(
            connection,
            parameters,
            prepared,
            received_at=time.time_ns() // 1_000_000,
            user_agent=headers.get(b"user-agent", b"").decode("utf-8", "replace")[:USER_AGENT_MAX_CHARS],
            country=self._country_of(headers),
        )
        await self._publish(visitor_key(connection.id, batch.visitor), encode(batch), batch.received_at)
        metrics.EVENTS.inc(batch.events)
        metrics.RAW_BYTES.inc(batch.raw_bytes)
        if prepared.payload is not body:
            metrics.REFRAMED.inc()
        return batch.events, batch.batch_id

    def _connection_of(self, key: str) -> Connection:
        if not self._connections.caught_up:
            raise Refused(Reason.broker_unavailable, "the connections have not been read from the broker yet")
        connection = self._connections.book.by_key(key)
        if connection is None:
            raise Refused(Reason.unknown_key, "no connection has this write key")
        return connection

    async def _prepare(self, body: bytes, encoding: Encoding, *, numbered: bool) -> Prepared:
        """A small body here and now; a large one, or one that turns out large, in a thread."""
        if len(body) <= self._inline_body_bytes:
            try:
                return prepare(body, encoding, self._inline_limits, numbered=numbered)
            except Refused as refused:
                if refused.reason is not Reason.batch_too_large:
                    raise
        async with self._large:
            return await asyncio.to_thread(prepare, body, encoding, self._limits, numbered=numbered)

    def _country_of(self, headers: dict[bytes, bytes]) -> str:
        value = headers.get(self._country_header, b"") if self._country_header else b""
        return value.decode().upper() if len(value) == 2 and value.isalpha() else ""

    async def _publish(self, key: bytes, record: bytes, at_ms: int) -> None:
        began = time.perf_counter()
        try:
            await self._publisher.publish(key, record, at_ms)
        except RecordTooLarge as error:
            raise Refused(Reason.batch_too_large, str(error)) from None
        except BrokerUnavailable as error:
            raise Refused(Reason.broker_unavailable, str(error)) from None
        metrics.PUBLISH_SECONDS.observe(time.perf_counter() - began)
        metrics.PUBLISHED_BYTES.inc(len(record))
