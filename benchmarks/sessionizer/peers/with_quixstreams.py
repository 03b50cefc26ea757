"""Sessions of the envelopes with quixstreams: its stateful `apply`, state in RocksDB with a changelog topic.

Its own `session_window` was tried too and is slower; see the README.
"""

import sys

from progress import Progress
from quixstreams import Application, State
from session_logic import add

from schemas.envelope import Batch, decode

bootstrap, topic_name, group, folder = sys.argv[1:]
progress = Progress()
app = Application(
    broker_address=bootstrap,
    consumer_group=group,
    auto_offset_reset="earliest",
    state_dir=folder,
    use_changelog_topics=True,
    processing_guarantee="at-least-once",
    loglevel="WARNING",
    consumer_extra_config={"fetch.min.bytes": 65_536, "queued.max.messages.kbytes": 65_536},
    producer_extra_config={"linger.ms": 100, "batch.size": 524_288},
)


def sessionize(batch: Batch, state: State) -> None:
    state.set("session", add(state.get("session"), batch))
    progress.records += 1


topic = app.topic(topic_name, key_deserializer="bytes", value_deserializer="bytes")
batches = app.dataframe(topic).apply(decode).filter(lambda envelope: isinstance(envelope, Batch))
batches.apply(sessionize, stateful=True)
app.run()
