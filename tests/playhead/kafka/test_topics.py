"""Declared topics against a real broker: forward, twice, drift, and what is never changed."""

import secrets

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from playhead.kafka import topics
from schemas.topic import Topic, declared
from tests.servers.broker import KafkaServer


def one(partitions: int = 2, **config: str) -> dict[str, Topic]:
    name = f"t-{secrets.token_hex(6)}"
    config = {key.replace("_", "."): value for key, value in config.items()}
    return {name: Topic(name=name, key="k", value="v", partitions=partitions, config=config)}


def changed(topic: dict[str, Topic], *, partitions: int | None = None, **config: str) -> dict[str, Topic]:
    (name, old), *_ = topic.items()
    config = {key.replace("_", "."): value for key, value in config.items()} or old.config
    return {
        name: Topic(name=name, key="k", value="v", partitions=partitions or old.partitions, config=config)
    }


async def test_the_real_topics_are_the_declared_ones(kafka: KafkaServer) -> None:
    await kafka.fresh_topics()
    real = await topics.real(kafka.bootstrap, set(declared()))
    assert {n: (t.partitions, t.config) for n, t in real.items()} == {
        n: (t.partitions, t.config) for n, t in declared().items()
    }


async def test_a_second_time_changes_nothing(kafka: KafkaServer) -> None:
    wanted = one(retention_ms="60000")
    first = await topics.apply(kafka.bootstrap, wanted)
    second = await topics.apply(kafka.bootstrap, wanted)
    assert first.created == tuple(wanted)
    assert second == topics.Applied(created=(), altered=(), unchanged=tuple(wanted))


async def test_a_topic_that_the_asked_broker_had_not_heard_of_is_looked_at_again(
    kafka: KafkaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a cluster, where one broker knows of a topic before another does."""
    was, new = one(retention_ms="60000"), one()
    (name,) = was
    await topics.apply(kafka.bootstrap, was)
    as_it_is = topics._real

    async def at_first_nothing(admin: AIOKafkaAdminClient, names: set[str]) -> dict[str, topics.RealTopic]:
        monkeypatch.setattr(topics, "_real", as_it_is)
        return {}

    monkeypatch.setattr(topics, "_real", at_first_nothing)
    applied = await topics.apply(kafka.bootstrap, changed(was, retention_ms="70000") | new)

    assert applied.created == tuple(new)
    assert [str(drift) for drift in applied.altered] == [f"{name}: retention.ms is 60000, declared 70000"]


async def test_a_drifted_configuration_is_named_and_set_back(kafka: KafkaServer) -> None:
    wanted = one(retention_ms="60000", cleanup_policy="delete")
    (name,) = wanted
    await topics.apply(kafka.bootstrap, wanted)
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await admin.start()
    drifted = {"retention.ms": "1000", "segment.ms": "7000"}
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, drifted)])
    await admin.close()

    applied = await topics.apply(kafka.bootstrap, wanted)

    assert [str(drift) for drift in applied.altered] == [
        f"{name}: cleanup.policy is unset, declared delete",
        f"{name}: retention.ms is 1000, declared 60000",
        f"{name}: segment.ms is 7000, declared unset",
    ]
    assert (await topics.real(kafka.bootstrap, {name}))[name].config == wanted[name].config


async def test_another_number_of_partitions_is_refused_and_nothing_is_changed(kafka: KafkaServer) -> None:
    was = one(partitions=2, retention_ms="60000")
    (name,) = was
    await topics.apply(kafka.bootstrap, was)

    with pytest.raises(topics.TopicsDiffer, match=f"{name} has 2 partitions, declared 3"):
        await topics.apply(kafka.bootstrap, changed(was, partitions=3, retention_ms="70000"))

    real = (await topics.real(kafka.bootstrap, {name}))[name]
    assert (real.partitions, real.config) == (2, {"retention.ms": "60000"})


async def test_topics_that_nobody_declared_are_left_alone(kafka: KafkaServer) -> None:
    other = one()
    await topics.apply(kafka.bootstrap, other)
    await topics.apply(kafka.bootstrap, one())
    assert set(await topics.real(kafka.bootstrap, set(other))) == set(other)


async def test_a_misspelt_configuration_is_an_error_with_the_topics_name(kafka: KafkaServer) -> None:
    wrong = one(retention_milliseconds="1")
    with pytest.raises(Exception, match=next(iter(wrong))):
        await topics.apply(kafka.bootstrap, wrong)


async def test_topics_like_a_declared_one_have_names_of_their_own(kafka: KafkaServer) -> None:
    first, second = [await kafka.topic(like="playhead.batches", partitions=1) for _ in range(2)]
    assert first != second
    real = (await topics.real(kafka.bootstrap, {first}))[first]
    assert (real.partitions, real.config) == (1, declared()["playhead.batches"].config)
