"""Writes a record to Kafka, once in a while: for what an admin changes."""

import asyncio

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from query_api.problems import Reason, Refusal

log = structlog.get_logger(__name__)


class RecordWriter:
    """Connects for each record. An admin changes something now and then; a producer that is kept would have
    to be watched over, and replaced, for years in between."""

    def __init__(self, kafka_bootstrap: str, within_ms: int) -> None:
        self._kafka_bootstrap = kafka_bootstrap
        self._within_ms = within_ms

    async def write(self, topic: str, key: str, value: bytes | None) -> tuple[int, int]:
        """Partition and offset of the record, which every in-sync replica has.

        Raises:
            Refusal: kafka_unavailable. The record may have been written all the same.
        """
        producer = AIOKafkaProducer(
            bootstrap_servers=self._kafka_bootstrap,
            acks="all",
            enable_idempotence=True,
            request_timeout_ms=self._within_ms,
        )
        try:
            async with asyncio.timeout(self._within_ms / 1000):
                await producer.start()
                written = await producer.send_and_wait(topic, value, key.encode())
        except (KafkaError, TimeoutError, OSError) as error:
            log.warning("a record could not be written", topic=topic, error=repr(error))
            raise Refusal(Reason.KAFKA_UNAVAILABLE) from None
        finally:
            await producer.stop()
        return written.partition, written.offset
