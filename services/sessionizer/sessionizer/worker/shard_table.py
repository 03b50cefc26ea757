"""The Faust table whose changelog holds the shards.

It is there so that Faust gives a worker a partition of the changelog with each partition of
`playhead.batches`. No key is read or written through it: `commit` writes the changelog, `recovery` reads it.
"""

import faust

from schemas.topic import SESSIONIZER_CHANGELOG

NAME = "shards"


class WrongName(RuntimeError):  # noqa: N818
    """Faust calls the changelog otherwise than `schemas.topic` does."""


def declare_shard_table(app: faust.App) -> None:
    """
    Raises:
        WrongName: app id and table name do not give the topic's name.
    """
    table = app.Table(NAME, key_type=bytes, value_type=bytes)
    name = table.changelog_topic.get_topic_name()
    if name != SESSIONIZER_CHANGELOG:
        raise WrongName(f"{name} instead of {SESSIONIZER_CHANGELOG}")
