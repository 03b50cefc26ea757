"""The fixtures that other rooms build on."""

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from clickhouse_connect.driver.exceptions import DatabaseError

from schemas.topic import BATCHES
from tests.servers.broker import KafkaServer
from tests.servers.engine import ClickHouseDatabase


async def test_fresh_topics_are_empty_and_take_a_record_of_almost_16_mib(kafka: KafkaServer) -> None:
    record = b"x" * (16 * 1024 * 1024 - 1024)
    for _ in range(2):
        await kafka.fresh_topics()
        producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, acks="all", max_request_size=2**25)
        await producer.start()
        sent = await producer.send_and_wait(BATCHES, record, partition=0)
        await producer.stop()
        assert sent.offset == 0
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka.bootstrap)
    await consumer.start()
    consumer.assign([TopicPartition(BATCHES, 0)])
    await consumer.seek_to_beginning()
    assert (await consumer.getone()).value == record
    await consumer.stop()


def test_a_database_is_migrated_and_the_analyst_reads_it_only(clickhouse: ClickHouseDatabase) -> None:
    analyst = clickhouse.client(analyst=True)
    assert analyst.query("SELECT count() FROM recordings").result_rows == [(0,)]
    with pytest.raises(DatabaseError):
        analyst.command("CREATE TABLE t (x UInt8) ENGINE = Memory")
    analyst.close()
