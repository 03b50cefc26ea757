"""Sessions of the envelopes with quixstreams, state in RocksDB with a changelog topic.

`state`: its stateful `apply`, with the rules by hand; `windows`: its own `session_window`.
"""

import sys
from typing import Any

from progress import Progress
from quixstreams import Application, State
from quixstreams.dataframe.windows import Reduce
from session_logic import add

from schemas.envelope import Batch, decode

bootstrap, topic_name, group, folder, kind = sys.argv[1:]
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


def counted(state: dict[str, Any] | None, batch: Batch) -> dict[str, Any]:
    progress.records += 1
    return add(state, batch)


topic = app.topic(topic_name, key_deserializer="bytes", value_deserializer="bytes")
batches = app.dataframe(topic).apply(decode).filter(lambda envelope: isinstance(envelope, Batch))
if kind == "windows":
    windows = batches.session_window(inactivity_gap_ms=30 * 60_000, grace_ms=2 * 60_000)
    session = Reduce(
        reducer=counted,
        initializer=lambda batch: counted(None, batch),
        merger=lambda one, other: one | {"last_at": other["last_at"]},
    )
    windows.agg(session=session).final()
else:
    batches.apply(sessionize, stateful=True)
app.run()
