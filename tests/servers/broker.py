"""A real Kafka broker for tests."""

import asyncio
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import UnknownTopicOrPartitionError, for_code

from playhead.checkout import JARS
from playhead.kafka import topics
from playhead.kafka.broker import Broker
from playhead.stack.ports import free_ports
from playhead.stack.process import Command, Process
from playhead.stack.readiness import broker_answers, wait_until
from schemas.topic import Topic, declared
from tests.servers.waiting import run


class KafkaServer:
    """The broker that all tests of a session share."""

    def __init__(self, bootstrap: str, log: Path) -> None:
        self.bootstrap = bootstrap
        self.log = log
        """Where its partitions' files are."""

    async def fresh_topics(self) -> None:
        """The declared topics, empty, from offset 0. Whoever still uses the old ones is cut off."""
        await self.delete_topics(set(declared()))
        await topics.apply(self.bootstrap, declared())

    async def topic(self, like: str, *, partitions: int | None = None) -> str:
        """A new topic with a name of its own, otherwise as the declared topic `like`."""
        model = declared()[like]
        made = replace_topic(
            model, name=f"{like}-{secrets.token_hex(6)}", partitions=partitions or model.partitions
        )
        await topics.apply(self.bootstrap, {made.name: made})
        return made.name

    async def delete_topics(self, names: set[str]) -> None:
        """Those that exist; returns once the broker has forgotten them."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        try:
            existing = sorted(names & set(await admin.list_topics()))
            if not existing:
                return
            answer = await admin.delete_topics(existing)
            for _, code in answer.topic_error_codes:
                if code and code != UnknownTopicOrPartitionError.errno:
                    raise for_code(code)
            deadline = time.monotonic() + 30
            while names & set(await admin.list_topics()):
                assert time.monotonic() < deadline, f"{existing} were not deleted"
                await asyncio.sleep(0.05)
        finally:
            await admin.close()


def partitions_of(topic: str) -> list[TopicPartition]:
    """Of a declared topic. What a consumer was assigned is not asked: right after the topic was made it may
    be nothing, and who waits for nothing waits for nothing.
    """
    return [TopicPartition(topic, number) for number in range(declared()[topic].partitions)]


def replace_topic(topic: Topic, *, name: str, partitions: int) -> Topic:
    return Topic(name=name, key=topic.key, value=topic.value, partitions=partitions, config=topic.config)


@contextmanager
def running_broker(folder: Path) -> Iterator[KafkaServer]:
    port, controller_port = free_ports(2)
    broker = Broker(folder, JARS, port, controller_port)
    broker.prepare()
    process = Process(Command("kafka", broker.command(), {}, folder / "kafka.log"))
    try:
        run(wait_until(broker_answers(broker.bootstrap), what="Kafka", timeout_ms=60_000))
        yield KafkaServer(broker.bootstrap, broker.log)
    except Exception as error:
        error.add_note(process.log_end())
        raise
    finally:
        run(process.stop(timeout_ms=20_000))
