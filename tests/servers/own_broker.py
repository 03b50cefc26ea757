"""A broker that only the tests which mistreat it use."""

import asyncio
import resource
from pathlib import Path

from playhead.checkout import JARS
from playhead.kafka import topics
from playhead.kafka.broker import Broker
from playhead.stack.ports import free_ports
from playhead.stack.process import Command, Process
from playhead.stack.readiness import broker_answers, wait_until
from schemas.topic import declared

WAIT_S = 90


class OwnBroker:
    """It has the declared topics, and keeps its log from one start to the next."""

    def __init__(self, folder: Path, *, known_at: int | None = None) -> None:
        """
        Args:
            known_at: the port that it tells clients to be at, where that is not its own.
        """
        self.port, controller_port = free_ports(2)
        self._broker = Broker(folder, JARS, self.port, controller_port)
        self._broker.prepare()
        if known_at is not None:
            # What is in a file of properties twice counts as it stands last.
            with self._broker.properties.open("a") as properties:
                properties.write(f"\nadvertised.listeners=BROKER://127.0.0.1:{known_at}\n")
        self.bootstrap = self._broker.bootstrap
        self.log_file = folder / "kafka.log"
        """What the process says."""
        self.start()

    def start(self) -> None:
        self.process = Process(Command("kafka", self._broker.command(), {}, self.log_file))

    async def answers(self) -> None:
        await wait_until(broker_answers(self.bootstrap), what="Kafka", timeout_ms=WAIT_S * 1000)

    async def prepare(self) -> None:
        await self.answers()
        await topics.apply(self.bootstrap, declared())

    def fill_disk(self, topic: str, room_bytes: int) -> None:
        """No file may outgrow the largest one of the topic by more than so many bytes.

        What is appended beyond fails as on a full disk, with an I/O error of the file system; the limit is
        the process's (RLIMIT_FSIZE), so a broker that is started anew has room.
        """
        files = self._broker.log.glob(f"{topic}-*/*.log")
        most_bytes = max(file.stat().st_size for file in files) + room_bytes
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (most_bytes, most_bytes))

    async def gives_up(self) -> int:
        """Until it has ended by itself; gives its return code."""
        return await asyncio.wait_for(self.process.wait(), WAIT_S)
