"""The whole worker with the insert off, and its peers: in turn, again and again, on one core and one broker.

All work the same log off from an empty state: envelopes of 50 events without content; and for Kafka Streams
as it is usually built the same events, a record each. So both carry as little as they can.
"""

import statistics
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.result import Measure
from benchmarks.sessionizer import peers
from benchmarks.sessionizer.drain import Bounds, Rate
from benchmarks.sessionizer.envelopes import EVENTS, Load
from benchmarks.sessionizer.kafka_log import emptied, fill, made_anew
from benchmarks.sessionizer.without_sink import drain_without_sink
from schemas.topic import BATCHES
from tests.servers.broker import KafkaServer

EVENTS_TOPIC = "bench.events"
REPEATS = 3
# A log ends where somebody fast would be done too early: what is left of it is enough to measure.
LEFT_OUT = 1_000


@dataclass(frozen=True)
class Contender:
    name: str
    events: int
    """In a record."""
    drain: Callable[[], Awaitable[Rate]]


async def measure_against_peers(
    kafka: KafkaServer, folder: Path, envelopes: Load, events: Load, repeats: int = REPEATS
) -> list[Measure]:
    peers.make_peers()
    await emptied(kafka, BATCHES)
    await fill(kafka, BATCHES, envelopes.records())
    await made_anew(kafka, EVENTS_TOPIC)
    await fill(kafka, EVENTS_TOPIC, events.events())
    contenders = list(_contenders(kafka, folder, envelopes.envelopes, events.envelopes * EVENTS))
    rates: dict[str, list[Rate]] = {one.name: [] for one in contenders}
    for turn in range(repeats):
        for one in contenders:
            rate = await one.drain()
            rates[one.name].append(rate)
            print(f"  turn {turn + 1}, {one.name}: {rate}", flush=True)
    return list(_measures({one.name: Found(rates[one.name], one.events) for one in contenders}))


OURS, OURS_WITH_ROWS = "playhead, no sink", "playhead, rows built"
WINDOWS, WINDOWS_ENVELOPES = (
    "Kafka Streams session windows, events",
    "Kafka Streams session windows, envelopes",
)
BY_HAND, BY_HAND_ENVELOPES = "Kafka Streams by hand, events", "Kafka Streams by hand, envelopes"
QUIXSTREAMS, QUIXSTREAMS_WINDOWS = "quixstreams by hand, envelopes", "quixstreams windows, envelopes"
BYTEWAX, BYTEWAX_WINDOWS = "bytewax by hand, envelopes", "bytewax windows, envelopes"


def _contenders(kafka: KafkaServer, folder: Path, envelopes: int, events: int) -> Iterator[Contender]:
    def streams(name: str, kind: str, store: str) -> Contender:
        of_events = kind.startswith("events")
        topic, records = (EVENTS_TOPIC, events) if of_events else (BATCHES, envelopes)

        async def drain() -> Rate:
            peer = peers.kafka_streams(kafka, folder, kind, topic, store)
            return await peers.drain(peer, folder, records - LEFT_OUT, Bounds())

        return Contender(name, 1 if of_events else EVENTS, drain)

    def python(name: str, make: Callable[[KafkaServer, Path, str, str], peers.Peer], kind: str) -> Contender:
        async def drain() -> Rate:
            peer = make(kafka, folder, BATCHES, kind)
            return await peers.drain(peer, folder, envelopes - LEFT_OUT, Bounds())

        return Contender(name, EVENTS, drain)

    ours = partial(drain_without_sink, kafka, folder, envelopes=envelopes)
    yield Contender(OURS, EVENTS, partial(ours, sink="none"))
    yield streams(WINDOWS, "events-windows", "rocksdb")
    yield streams(BY_HAND, "events-by-hand", "memory")
    yield Contender(OURS_WITH_ROWS, EVENTS, partial(ours, sink="rows"))
    yield streams(WINDOWS_ENVELOPES, "envelopes-windows", "rocksdb")
    yield streams(BY_HAND_ENVELOPES, "envelopes-by-hand", "memory")
    yield python(QUIXSTREAMS, peers.quixstreams, "state")
    yield python(QUIXSTREAMS_WINDOWS, peers.quixstreams, "windows")
    yield python(BYTEWAX, peers.bytewax, "state")
    yield python(BYTEWAX_WINDOWS, peers.bytewax, "windows")


@dataclass(frozen=True)
class Found:
    rates: list[Rate]
    events: int

    @property
    def per_s(self) -> float:
        """Events, median."""
        return statistics.median(rate.per_s for rate in self.rates) * self.events

    @property
    def per_cpu_s(self) -> float:
        return statistics.median(rate.per_cpu_s for rate in self.rates) * self.events

    @property
    def spread(self) -> str:
        each = [rate.per_s * self.events for rate in self.rates]
        return f"{min(each):,.0f} to {max(each):,.0f}"


def _measures(found: dict[str, Found]) -> Iterator[Measure]:
    ours = found[OURS]
    for peer, goal in (
        (WINDOWS, 3),
        (BY_HAND, None),
        (WINDOWS_ENVELOPES, 0.5),
        (BY_HAND_ENVELOPES, 0.5),
        (QUIXSTREAMS, 10),
        (QUIXSTREAMS_WINDOWS, 10),
        (BYTEWAX, 10),
        (BYTEWAX_WINDOWS, 10),
    ):
        theirs = found[peer]
        yield Measure(
            "events a second and core, no sink",
            ours.per_s,
            f"events/s, {ours.spread}",
            peer=f"{peer}, {theirs.spread}",
            peer_value=theirs.per_s,
            goal=goal,
            bound="at least",
            of_ratio=goal is not None,
        )
        yield Measure(
            "the same by processor time",
            ours.per_cpu_s,
            "events/CPU s",
            peer=peer,
            peer_value=theirs.per_cpu_s,
        )
    yield Measure(
        "envelopes a second and core, without payload, no sink",
        ours.per_s / EVENTS,
        f"envelopes/s, {ours.per_cpu_s / EVENTS:,.0f} a CPU second",
        goal=60_000,
        bound="at least",
    )
    rows = found[OURS_WITH_ROWS]
    yield Measure(
        "envelopes a second and core, without payload, rows built, insert acknowledged at once",
        rows.per_s / EVENTS,
        f"envelopes/s, {rows.per_cpu_s / EVENTS:,.0f} a CPU second",
    )
