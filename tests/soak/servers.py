"""The broker and the engine of a soak: a changelog that is compacted all the time, and short sessions."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from schemas.topic import SESSIONIZER_CHANGELOG, SESSIONS, Topic, declared
from tests.faults.restartable import RestartableBroker, RestartableEngine

SESSION_TIMEOUT_MS = 6_000

BROKER = {
    # Compaction meanwhile: the cleaner looks again after a second, and has small segments to look at.
    "log.cleaner.backoff.ms": "1000",
    "log.cleaner.min.compaction.lag.ms": "0",
}
COMPACTED = {
    "segment.ms": "5000",
    "min.cleanable.dirty.ratio": "0.01",
    "max.compaction.lag.ms": "5000",
    "delete.retention.ms": "3000",
}


def soak_topics() -> dict[str, Topic]:
    topics = declared()
    for name in (SESSIONIZER_CHANGELOG, SESSIONS):
        topics[name] = with_config(topics[name], COMPACTED)
    return topics


def with_config(topic: Topic, config: Mapping[str, str]) -> Topic:
    return msgspec.structs.replace(topic, config={**topic.config, **config})


class Servers:
    def __init__(self, folder: Path) -> None:
        self.broker = RestartableBroker(folder / "kafka", BROKER, soak_topics())
        self.engine = RestartableEngine(folder / "clickhouse")

    async def start(self) -> None:
        await self.broker.start()
        await self.engine.start()

    async def kill(self) -> None:
        await self.engine.kill()
        await self.broker.kill()
