"""The topics as their files in `schemas/topics/` declare them."""

from pathlib import Path

import msgspec

FOLDER = Path(__file__).parent / "topics"


class Topic(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    key: str
    value: str
    partitions: int
    config: dict[str, str]


def declared() -> dict[str, Topic]:
    """Every topic by its name.

    Raises:
        msgspec.ValidationError: a file does not have the form of `Topic`.
    """
    files = sorted(FOLDER.glob("*.yaml"))
    topics = (msgspec.yaml.decode(file.read_bytes(), type=Topic) for file in files)
    return {topic.name: topic for topic in topics}


def kept_ms(topic: Topic) -> int:
    """How long a record of a topic that is kept for a time can be there, in ms.

    Its segment goes as a whole, so the first record of a segment is there for as long as one is filled more.
    """
    return int(topic.config["retention.ms"]) + int(topic.config["segment.ms"])


BATCHES = "playhead.batches"
SESSIONS = "playhead.sessions"
CONNECTIONS = "playhead.connections"
SHARES = "playhead.shares"
DEAD_LETTERS = "playhead.dead-letters"
SESSIONIZER_CHANGELOG = "playhead-sessionizer-shards-changelog"
