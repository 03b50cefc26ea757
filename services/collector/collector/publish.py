"""Write records to `playhead.batches` and say when the broker has them (acks=all).

Knows Kafka and nothing of what a record holds. A producer whose sender has died, or that the broker no longer
follows, is replaced; a broker that is away is waited for, for ever, while requests are refused.
"""

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any

import stamina
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError

from collector.admit import BytesInFlight
from collector.deadlines import Deadlines
from collector.metrics import PRODUCERS_REPLACED
from collector.partition import partition_of
from collector.within import within

log = structlog.get_logger(__name__)

BATCH_BYTES = 512 * 1024
LINGER_MS = 5
"""What an acknowledgement may take longer, so that under load records share requests."""
REQUEST_TIMEOUT_MS = 10_000
STOP_TIMEOUT_S = 10


class BrokerUnavailable(Exception):  # noqa: N818
    """No acknowledgement. The record may be in the log, now or later."""


class RecordTooLarge(Exception):  # noqa: N818
    """The producer or the broker refused the record for its size. It is not in the log."""


Sent = Coroutine[Any, Any, asyncio.Future[object]]
Waiter = asyncio.Future[None]
"""Done once the broker has the record, or its time is over."""


def _end(waiter: Waiter) -> None:
    if not waiter.done():
        waiter.set_result(None)


class Publisher:
    """One idempotent producer at a time, kept alive by `run`."""

    def __init__(
        self, bootstrap: str, topic: str, *, max_record_bytes: int, timeout_s: float, in_flight: BytesInFlight
    ):
        self._bootstrap = bootstrap
        self._topic = topic
        self._max_record_bytes = max_record_bytes
        self._timeout_s = timeout_s
        self._in_flight = in_flight
        self._producer: AIOKafkaProducer | None = None
        self._broken = asyncio.Event()
        self._retiring: set[asyncio.Task[None]] = set()
        self._waiters: Deadlines[Waiter] = Deadlines(timeout_s, _end)

    @property
    def up(self) -> bool:
        """A producer has reached the broker and is in use. The broker may have gone away since."""
        return self._producer is not None

    async def run(self) -> None:
        """Keep a producer until cancelled; then let it finish what it holds, and close it."""
        producer: AIOKafkaProducer | None = None
        try:
            while True:
                producer = self._producer = await self._connect()
                await self._broken.wait()
                self._broken.clear()
                PRODUCERS_REPLACED.inc()
                task = asyncio.create_task(_close(producer))
                self._retiring.add(task)
                task.add_done_callback(self._retiring.discard)
                producer = None
        finally:
            self._producer = None
            if producer is not None:
                await _close(producer)
            await asyncio.gather(*self._retiring)

    async def _connect(self) -> AIOKafkaProducer:
        retries = stamina.retry_context(
            on=(KafkaError, OSError),
            attempts=None,
            timeout=None,
            wait_initial=0.2,
            wait_max=3.0,
            wait_jitter=0.5,
        )
        async for attempt in retries:
            with attempt:
                producer = AIOKafkaProducer(
                    bootstrap_servers=self._bootstrap,
                    client_id="playhead-collector",
                    acks="all",
                    enable_idempotence=True,
                    max_batch_size=BATCH_BYTES,
                    max_request_size=self._max_record_bytes,
                    linger_ms=LINGER_MS,
                    # The payload is compressed already.
                    compression_type=None,
                    request_timeout_ms=REQUEST_TIMEOUT_MS,
                    partitioner=partition_of,
                )
                try:
                    await producer.start()
                    await producer.partitions_for(self._topic)
                except BaseException:
                    await _close(producer)
                    raise
                log.info("producer is up", bootstrap=self._bootstrap)
                return producer
        raise AssertionError("retries have no end")

    async def publish(self, key: bytes, value: bytes, at_ms: int) -> None:
        """Write one record and return once the broker has it on all in-sync replicas.

        Raises:
            Refused: overloaded; nothing is written.
            RecordTooLarge: it is over the producer's or the broker's limit.
            BrokerUnavailable: no acknowledgement in time, or the producer failed.
        """
        producer = self._producer
        if producer is None:
            raise BrokerUnavailable("the broker has not been reached yet")
        size = len(value)
        self._in_flight.take(size)
        delivered: asyncio.Future[object] | None = None
        # Waited for in place of `delivered`: after a time-out the record stays with the producer, which goes
        # on trying. Taking it out would leave a hole in the sequence that the broker counts.
        over: Waiter = asyncio.Future()
        self._waiters.begin(over)
        try:
            sent: Sent = producer.send(self._topic, value, key, timestamp_ms=at_ms)
            delivered = await within(self._timeout_s, sent)
            delivered.add_done_callback(lambda done: self._settle(done, size, over))
            await over
            _check(delivered)
        except TimeoutError:
            raise BrokerUnavailable(f"no acknowledgement within {self._timeout_s:g} s") from None
        except (MessageSizeTooLargeError, RecordListTooLargeError) as error:
            if delivered is not None:
                self._replace(producer, error)
            raise RecordTooLarge(f"the record of {size} bytes is over the log's limit") from None
        except KafkaError as error:
            self._replace(producer, error)
            raise BrokerUnavailable(f"the broker did not take the record: {type(error).__name__}") from None
        finally:
            self._waiters.end(over)
            if delivered is None:
                self._in_flight.give_back(size)

    def _settle(self, delivered: "asyncio.Future[object]", size: int, over: Waiter) -> None:
        self._in_flight.give_back(size)
        _end(over)
        if not delivered.cancelled():
            # Looked at, so that a late failure of an answered request is not reported as never retrieved.
            delivered.exception()

    def _replace(self, producer: AIOKafkaProducer, error: KafkaError) -> None:
        """A record that the broker refused leaves a hole in the sequence; it then refuses all that follow."""
        if producer is self._producer:
            log.warning("producer is replaced", error=repr(error))
            self._producer = None
            self._broken.set()


def _check(delivered: "asyncio.Future[object]") -> None:
    if not delivered.done():
        raise TimeoutError
    delivered.result()


async def _close(producer: AIOKafkaProducer) -> None:
    try:
        async with asyncio.timeout(STOP_TIMEOUT_S):
            await producer.stop()
    except TimeoutError:
        log.warning("records were left unacknowledged when the producer was closed")
        await producer.client.close()
    except KafkaError as error:
        log.info("producer did not close cleanly", error=repr(error))
        with contextlib.suppress(KafkaError):
            await producer.client.close()
