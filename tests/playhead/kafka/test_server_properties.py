"""The broker's configuration."""

from pathlib import Path

from playhead.kafka.server_properties import server_properties
from schemas.topic import declared


def properties() -> dict[str, str]:
    text = server_properties(data=Path("/data"), port=1, controller_port=2)
    return dict(line.split("=", 1) for line in text.splitlines())


def test_the_broker_takes_and_copies_the_largest_record_of_any_topic() -> None:
    largest = max(int(topic.config.get("max.message.bytes", 0)) for topic in declared().values())
    for name in ("message.max.bytes", "replica.fetch.max.bytes", "replica.fetch.response.max.bytes"):
        assert int(properties()[name]) >= largest
