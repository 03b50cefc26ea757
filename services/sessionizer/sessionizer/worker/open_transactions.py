"""Which transactions are open in partitions, and ending one by hand: asks the brokers and decides nothing."""

from collections import defaultdict
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import NamedTuple

from aiokafka import TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import LeaderNotAvailableError, for_code

from sessionizer.worker.continuity import answered
from sessionizer.worker.transaction_requests import DescribeProducersRequest, WriteTxnMarkersRequest


class OpenTransaction(NamedTuple):
    """One that has records in the partition, and no marker there that ends it."""

    tp: TopicPartition
    producer_id: int
    producer_epoch: int
    coordinator_epoch: int
    """Of the last marker that this producer has in the partition; -1 where it has none."""
    first_offset: int
    """Readers of committed records come no further than to here."""


class OpenTransactions:
    def __init__(self, client: AIOKafkaClient):
        self._client = client

    def partitions_of(self, topic: str) -> list[TopicPartition]:
        return [
            TopicPartition(topic, number) for number in self._client.cluster.partitions_for_topic(topic) or ()
        ]

    async def find(self, partitions: Collection[TopicPartition]) -> list[OpenTransaction]:
        """
        Raises:
            aiokafka.errors.KafkaError: no broker leads one of them for half a minute, or it may not be read.
        """
        return await answered(lambda: self._find(partitions))

    async def end(self, transaction: OpenTransaction, *, commit: bool) -> None:
        """Write the marker that is missing, as a coordinator does. It takes the right ClusterAction.

        Raises:
            aiokafka.errors.KafkaError: the broker refuses, or cannot be reached.
        """
        await answered(lambda: self._end(transaction, commit))

    async def _find(self, partitions: Collection[TopicPartition]) -> list[OpenTransaction]:
        by_leader: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for tp in partitions:
            by_leader[await self._leader(tp)][tp.topic].append(tp.partition)
        found = []
        for leader, topics in by_leader.items():
            answer = await self._client.send(leader, DescribeProducersRequest(topics))
            for topic, of_topic, _ in answer.topics:
                for number, code, message, producers, _ in of_topic:
                    if code:
                        raise for_code(code)(f"{topic}-{number}: {message}")
                    found += [
                        OpenTransaction(TopicPartition(topic, number), producer_id, epoch, coordinator, first)
                        for producer_id, epoch, _, _, coordinator, first, _ in producers
                        if first >= 0
                    ]
        return found

    async def _end(self, transaction: OpenTransaction, commit: bool) -> None:
        tp = transaction.tp
        request = WriteTxnMarkersRequest(
            topic=tp.topic,
            partition=tp.partition,
            producer_id=transaction.producer_id,
            producer_epoch=transaction.producer_epoch,
            coordinator_epoch=max(transaction.coordinator_epoch, 0),
            commit=commit,
        )
        answer = await self._client.send(await self._leader(tp), request)
        for _, topics, _ in answer.markers:
            for _, of_topic, _ in topics:
                for _, code, _ in of_topic:
                    if code:
                        raise for_code(code)(f"{tp} does not take the end of its transaction")

    async def _leader(self, tp: TopicPartition) -> int:
        leader = self._client.cluster.leader_for_partition(tp)
        if leader is None or leader < 0:
            await self._client.force_metadata_update()
            raise LeaderNotAvailableError(f"{tp} has no leader")
        return int(leader)


@asynccontextmanager
async def transactions_in(bootstrap: str, topics: Collection[str]) -> AsyncIterator[OpenTransactions]:
    """
    Raises:
        aiokafka.errors.KafkaConnectionError: no broker answers.
    """
    client = AIOKafkaClient(bootstrap_servers=bootstrap.split(","))
    try:
        await client.bootstrap()
        await client.set_topics(topics)
        yield OpenTransactions(client)
    finally:
        await client.close()
