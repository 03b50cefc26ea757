"""Reads whole topics, as they are now."""

from aiokafka import AIOKafkaConsumer

from sessionizer.worker.kafka_record import KafkaRecord
from tests.servers.broker import partitions_of


async def log_of(bootstrap: str, topic: str) -> dict[int, list[KafkaRecord]]:
    """Every committed record of a declared topic, by partition."""
    partitions = partitions_of(topic)
    async with AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=None,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        max_partition_fetch_bytes=8 << 20,
    ) as consumer:
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        records: dict[int, list[KafkaRecord]] = {tp.partition: [] for tp in partitions}
        while any([await consumer.position(tp) < ends[tp] for tp in partitions]):
            for tp, fetched in (await consumer.getmany(timeout_ms=200)).items():
                records[tp.partition].extend(fetched)
    return {
        number: [record for record in found if record.offset < ends[tp]]
        for (number, found), tp in zip(records.items(), partitions, strict=True)
    }


async def ends_of(bootstrap: str, topic: str, isolation: str = "read_committed") -> dict[int, int]:
    """The end offset of each partition of a declared topic."""
    async with AIOKafkaConsumer(
        bootstrap_servers=bootstrap, group_id=None, isolation_level=isolation
    ) as consumer:
        found = await consumer.end_offsets(partitions_of(topic))
    return {tp.partition: end for tp, end in found.items()}


async def all_readable(bootstrap: str, topic: str) -> None:
    """Until no transaction is open: the broker answers a commit before its records can be read."""
    while await ends_of(bootstrap, topic, "read_uncommitted") != await ends_of(bootstrap, topic):
        pass
