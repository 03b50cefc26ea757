"""A cluster of two nodes, so that a partition's leader can go and another broker lead on."""

import asyncio
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, for_code

from playhead.checkout import JARS
from playhead.kafka.broker import Broker
from playhead.kafka.server_properties import server_properties
from playhead.stack.ports import free_ports
from playhead.stack.process import Command, Process
from playhead.stack.readiness import broker_answers, wait_until
from schemas.topic import Topic

WAIT_S = 90
FIRST, SECOND = 1, 2

# What is in a file of properties twice counts as it stands last.
_OF_THE_CONTROLLER = """
broker.session.timeout.ms=6000
broker.heartbeat.interval.ms=500
leader.imbalance.check.interval.seconds=1
"""
"""A broker that is away loses its partitions soon, and gets them back soon after it has caught up."""
_OF_A_BROKER_ONLY = """
process.roles=broker
node.id={node}
listeners=BROKER://127.0.0.1:{port}
broker.heartbeat.interval.ms=500
"""


class TwoBrokers:
    """The first is the controller too. The second is a broker and no more: it may be killed."""

    def __init__(self, folder: Path) -> None:
        first_port, second_port, controller_port = free_ports(3)
        self._first = Broker(folder / "first", JARS, first_port, controller_port)
        self._second = Broker(folder / "second", JARS, second_port, controller_port)
        self._first.prepare()
        with self._first.properties.open("a") as properties:
            properties.write(_OF_THE_CONTROLLER)
        self._format_second()
        self._processes = {
            FIRST: self._started(self._first),
            SECOND: self._started(self._second),
        }

    @property
    def bootstrap(self) -> str:
        return f"{self._first.bootstrap},{self._second.bootstrap}"

    @property
    def first(self) -> Process:
        return self._processes[FIRST]

    @property
    def second(self) -> Process:
        return self._processes[SECOND]

    def start_second(self) -> None:
        self._processes[SECOND] = self._started(self._second)

    async def answers(self) -> None:
        for broker in (self._first, self._second):
            await wait_until(
                broker_answers(broker.bootstrap), what=str(broker.folder), timeout_ms=WAIT_S * 1000
            )

    async def stop(self) -> None:
        for node in (SECOND, FIRST):
            await self._processes[node].stop(timeout_ms=20_000)

    async def create(self, topic: Topic, replicas: list[int]) -> None:
        """The topic, each partition on these nodes and led by the first of them whenever it can."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self._first.bootstrap)
        await admin.start()
        try:
            placed = dict.fromkeys(range(topic.partitions), replicas)
            answer = await admin.create_topics(
                [NewTopic(topic.name, -1, -1, placed, topic_configs=dict(topic.config))]
            )
            for _, code, *message in answer.topic_errors:
                if code:
                    raise for_code(code)(message)
        finally:
            await admin.close()

    async def led_by(self, topic: str, node: int) -> None:
        """Until every partition of the topic is led by this node."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self._first.bootstrap)
        await admin.start()
        try:
            async with asyncio.timeout(WAIT_S):
                while await self._leaders(admin, topic) != {node}:
                    await asyncio.sleep(0.1)
        finally:
            await admin.close()

    async def _leaders(self, admin: AIOKafkaAdminClient, topic: str) -> set[int]:
        try:
            [described] = await admin.describe_topics([topic])
        except KafkaError:
            # It asked the node that has just gone.
            return set()
        return {partition["leader"] for partition in described["partitions"]}

    def _format_second(self) -> None:
        """As Kafka's storage tool does it: a node that is no controller needs only to know its cluster."""
        self._second.log.mkdir(parents=True)
        of_first = (self._first.log / "meta.properties").read_text().splitlines()
        kept = [line for line in of_first if line.startswith(("version=", "cluster.id="))]
        (self._second.log / "meta.properties").write_text("\n".join([*kept, f"node.id={SECOND}\n"]))
        common = server_properties(
            data=self._second.log, port=self._second.port, controller_port=self._second.controller_port
        )
        own = _OF_A_BROKER_ONLY.format(node=SECOND, port=self._second.port)
        self._second.properties.write_text(common + own)

    def _started(self, broker: Broker) -> Process:
        return Process(Command(broker.folder.name, broker.command(), {}, broker.folder / "kafka.log"))
