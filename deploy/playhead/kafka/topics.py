"""The declared topics (`schemas/topics/*.yaml`) against those of a broker: plan (pure), then apply.

Applying twice changes nothing. A drifted configuration is set back to the declared one and said. The
number of partitions is never changed: the key of a visitor would move to another partition and its
session would be torn, so a difference is an error that a person must decide.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaTimeoutError, TopicAlreadyExistsError, for_code

from schemas.topic import Topic

_DYNAMIC_TOPIC_CONFIG = 1
"""`config_source` of a value that was set on the topic itself (KIP-226)."""
_SERVED_TIMEOUT_S = 30.0


class TopicsDiffer(Exception):  # noqa: N818
    """Real topics differ from the declared ones in a way that is not altered; the message names each."""


@dataclass(frozen=True)
class RealTopic:
    name: str
    partitions: int
    config: Mapping[str, str]
    """Only what was set on the topic itself."""


@dataclass(frozen=True)
class Drift:
    """A topic whose configuration is not the declared one."""

    topic: str
    name: str
    declared: str | None
    real: str | None

    def __str__(self) -> str:
        return f"{self.topic}: {self.name} is {self.real or 'unset'}, declared {self.declared or 'unset'}"


@dataclass(frozen=True)
class Plan:
    create: tuple[Topic, ...] = ()
    drifts: tuple[Drift, ...] = ()
    refused: tuple[str, ...] = ()
    """Differences that nobody but a person may resolve."""

    @property
    def empty(self) -> bool:
        return not (self.create or self.drifts or self.refused)


def plan(declared: Mapping[str, Topic], real: Mapping[str, RealTopic]) -> Plan:
    """Say what makes the real topics the declared ones. Topics that nobody declared are not looked at."""
    create = [topic for name, topic in declared.items() if name not in real]
    known = [(topic, real[name]) for name, topic in declared.items() if name in real]
    drifts = [drift for topic, existing in known for drift in _drifts(topic, existing)]
    refused = [
        f"{topic.name} has {existing.partitions} partitions, declared {topic.partitions}"
        for topic, existing in known
        if topic.partitions != existing.partitions
    ]
    return Plan(tuple(create), tuple(drifts), tuple(refused))


def _drifts(topic: Topic, existing: RealTopic) -> list[Drift]:
    names = sorted({*topic.config, *existing.config})
    pairs = ((name, topic.config.get(name), existing.config.get(name)) for name in names)
    return [Drift(topic.name, name, declared, real) for name, declared, real in pairs if declared != real]


@dataclass(frozen=True)
class Applied:
    created: tuple[str, ...] = ()
    altered: tuple[Drift, ...] = ()
    unchanged: tuple[str, ...] = ()


async def apply(bootstrap: str, declared: Mapping[str, Topic], *, replicas: int = 1) -> Applied:
    """Make the broker's topics the declared ones.

    Raises:
        TopicsDiffer: a topic has another number of partitions; none that existed was changed.
        aiokafka.errors.KafkaError: the broker refused or could not be reached.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        todo = await _todo(admin, declared)
        created = await _create(admin, todo.create, replicas)
        if len(created) < len(todo.create):
            # Somebody made them meanwhile, or the broker that was asked had not heard of them yet.
            todo = await _todo(admin, declared)
        await _alter(admin, [declared[name] for name in sorted({drift.topic for drift in todo.drifts})])
    finally:
        await admin.close()
    touched = {*created, *(drift.topic for drift in todo.drifts)}
    unchanged = tuple(name for name in declared if name not in touched)
    return Applied(created, todo.drifts, unchanged)


async def _todo(admin: AIOKafkaAdminClient, declared: Mapping[str, Topic]) -> Plan:
    """Raises TopicsDiffer."""
    todo = plan(declared, await _real(admin, set(declared)))
    if todo.refused:
        raise TopicsDiffer("; ".join(todo.refused))
    return todo


async def real(bootstrap: str, names: set[str]) -> dict[str, RealTopic]:
    """The named topics as the broker has them; those it lacks are absent."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        return await _real(admin, names)
    finally:
        await admin.close()


async def _real(admin: AIOKafkaAdminClient, names: set[str]) -> dict[str, RealTopic]:
    existing = sorted(names & set(await admin.list_topics()))
    if not existing:
        return {}
    described = await admin.describe_topics(existing)
    partitions = {topic["topic"]: len(topic["partitions"]) for topic in described}
    configs = await _configs(admin, existing)
    return {name: RealTopic(name, partitions[name], configs[name]) for name in existing}


async def _configs(admin: AIOKafkaAdminClient, names: list[str]) -> dict[str, dict[str, str]]:
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    configs = {}
    for answer in await admin.describe_configs(resources):
        for code, message, _, name, entries in answer.resources:
            if code:
                raise for_code(code)(message)
            configs[name] = {entry[0]: entry[1] for entry in entries if entry[3] == _DYNAMIC_TOPIC_CONFIG}
    return configs


async def _create(admin: AIOKafkaAdminClient, topics: tuple[Topic, ...], replicas: int) -> tuple[str, ...]:
    """The names of those that were not there. All are, and are served, afterwards."""
    if not topics:
        return ()
    new = [
        NewTopic(topic.name, topic.partitions, replicas, topic_configs=dict(topic.config)) for topic in topics
    ]
    answer = await admin.create_topics(new)
    existed = set()
    for name, code, *message in answer.topic_errors:
        if code == TopicAlreadyExistsError.errno:
            existed.add(name)
        elif code:
            raise for_code(code)(f"{name}: {message}")
    names = [topic.name for topic in topics]
    await _until_served(admin, set(names))
    return tuple(name for name in names if name not in existed)


async def _until_served(admin: AIOKafkaAdminClient, names: set[str]) -> None:
    """The controller's word comes before the broker knows: until then a client is told "unknown topic"."""
    deadline = time.monotonic() + _SERVED_TIMEOUT_S
    while True:
        known = sorted(names & set(await admin.list_topics()))
        described = await admin.describe_topics(known) if known else []
        led = {t["topic"] for t in described if all(p["leader"] >= 0 for p in t["partitions"])}
        if led == names:
            return
        if time.monotonic() >= deadline:
            raise KafkaTimeoutError(
                f"created, but not served after {_SERVED_TIMEOUT_S:g} s: {sorted(names - led)}"
            )
        await asyncio.sleep(0.05)


async def _alter(admin: AIOKafkaAdminClient, topics: list[Topic]) -> None:
    if not topics:
        return
    # AlterConfigs sets all of a topic's own configuration: what is not declared goes back to the default.
    resources = [ConfigResource(ConfigResourceType.TOPIC, topic.name, dict(topic.config)) for topic in topics]
    for answer in await admin.alter_configs(resources):
        for code, message, *_ in answer.resources:
            if code:
                raise for_code(code)(message)
