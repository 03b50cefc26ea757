"""Sessions of the envelopes with bytewax, with its recovery store taking snapshots.

`state`: `stateful_batch`, with the rules by hand; `windows`: its own `fold_window` over a `SessionWindower`.
Run by `python -m bytewax.run`, which sets the snapshots' interval.
"""

import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import bytewax.operators as op
import bytewax.operators.windowing as win
import msgspec
from bytewax.connectors.kafka import operators as kop
from bytewax.dataflow import Dataflow
from bytewax.operators import StatefulBatchLogic
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from progress import Progress
from session_logic import State, add

from schemas.envelope import Batch, decode

progress = Progress()


class Sessions(StatefulBatchLogic[Batch, State, bytes | None]):
    def __init__(self, resumed: bytes | None) -> None:
        self.state: State | None = None if resumed is None else msgspec.msgpack.decode(resumed)

    def on_batch(self, values: list[Batch]) -> tuple[Iterable[State], bool]:
        state = self.state
        for batch in values:
            state = add(state, batch)
        self.state = state
        progress.records += len(values)
        return (), self.RETAIN

    def on_notify(self) -> tuple[Iterable[State], bool]:
        return ([self.state] if self.state else ()), self.DISCARD

    def notify_at(self) -> datetime | None:
        if self.state is None:
            return None
        return datetime.now(UTC) + timedelta(milliseconds=self.state["gap_ms"])

    def snapshot(self) -> bytes | None:
        return None if self.state is None else msgspec.msgpack.encode(self.state)


class _Nowhere(StatelessSinkPartition[object]):
    def write_batch(self, items: list[object]) -> None:
        pass


class Nowhere(DynamicSink[object]):
    def build(self, step_id: str, worker_index: int, worker_count: int) -> _Nowhere:
        return _Nowhere()


def keyed(message: kop.KafkaSourceMessage[bytes, bytes]) -> tuple[str, Batch] | None:
    if message.key is None:
        return None
    batch = decode(message.value)
    return (message.key.decode(), batch) if isinstance(batch, Batch) else None


flow = Dataflow("sessions")
records = kop.input(
    "in",
    flow,
    brokers=[os.environ["BENCH_BOOTSTRAP"]],
    topics=[os.environ["BENCH_TOPIC"]],
    batch_size=5_000,
    add_config={"fetch.min.bytes": "65536"},
)
visitors = op.filter_map("keyed", records.oks, keyed)


def counted(state: State | None, batch: Batch) -> State:
    progress.records += 1
    return add(state, batch)


if os.environ["BENCH_KIND"] == "windows":
    clock = win.EventClock(
        lambda batch: datetime.fromtimestamp(batch.received_at / 1000, UTC),
        wait_for_system_duration=timedelta(minutes=2),
    )
    windows = win.fold_window(
        "sessions",
        visitors,
        clock,
        win.SessionWindower(gap=timedelta(minutes=30)),
        builder=lambda: None,
        folder=counted,
        merger=lambda one, other: one or other,
    )
    completed = windows.down
else:
    completed = op.stateful_batch("sessions", visitors, Sessions)
op.output("out", completed, Nowhere())
