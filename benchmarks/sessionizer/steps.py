"""What each step of an envelope costs: `python -m benchmarks.sessionizer.steps`, printed in Markdown.

Blocks of one partition, one after the other, in this process and without Kafka or ClickHouse. Processor time;
the first half of the log is warm-up.
"""

import time
from collections.abc import Iterator, Sequence
from itertools import chain

from benchmarks.sessionizer.envelopes import PARTITIONS, ROUND_MS, Load, bodies_near, opening, uncompressed
from playhead.checkout import RECORDINGS
from playhead.player.recording import read_folder
from schemas import envelope
from schemas.envelope import Batch
from schemas.topic import BATCHES
from sessionizer.__main__ import spare_the_collector
from sessionizer.core.block import BlockEnds, BlockLimits, seal
from sessionizer.core.effects import Effects
from sessionizer.core.record import Record
from sessionizer.core.rules import Rules
from sessionizer.core.state import Shard
from sessionizer.core.step import step
from sessionizer.settings import Settings
from sessionizer.sink.payload import events_text
from sessionizer.sink.recordings import recording_row
from sessionizer.sink.row_binary import Pieces
from sessionizer.sink.sessions import session_row

VISITORS = 10_000
RAW_BYTES = 20_000
STEPS = (
    "decode the envelope",
    "assign and count: the rules",
    "encode the visitors' state",
    "inflate the payload, or cut its brackets off",
    "the session's new version",
    "its row of `recordings`",
    "its row of `sessions`",
    "join the inserts' bodies",
)
Log = Sequence[tuple[int, bytes, bytes]]
"""Offset, key and value."""


class Stopwatch:
    """Adds up processor time by step."""

    def __init__(self) -> None:
        self.spent_s = dict.fromkeys(STEPS, 0.0)
        self._at_s = time.process_time()

    def start(self) -> None:
        self._at_s = time.process_time()

    def lap(self, step_name: str) -> None:
        now_s = time.process_time()
        self.spent_s[step_name] += now_s - self._at_s
        self._at_s = now_s


def blocks(log: Log, settings: Settings) -> Iterator[Log]:
    """As the worker cuts them."""
    limits = BlockLimits(records=settings.block_records, value_bytes=settings.block_bytes)
    ends, block = BlockEnds(limits), list[tuple[int, bytes, bytes]]()
    for record in log:
        block.append(record)
        if ends.ends_with(len(record[2]), is_tick=False):
            yield block
            block = []


def work_off(log: Log, settings: Settings) -> dict[str, float]:
    """Processor time of each step, in µs an envelope."""
    shard, rules = Shard(0), Rules(topic=BATCHES)
    watch, measured = Stopwatch(), 0
    for block in blocks(log, settings):
        if block[0][0] >= len(log) // 2:
            measured += len(block)
        else:
            watch = Stopwatch()
        run_one(shard, block, rules, watch, settings.max_payload_bytes)
    return {name: spent_s / measured * 1e6 for name, spent_s in watch.spent_s.items()}


def run_one(shard: Shard, block: Log, rules: Rules, watch: Stopwatch, max_payload_bytes: int) -> None:
    watch.start()
    records = [Record(offset, key, envelope.decode(value)) for offset, key, value in block]
    watch.lap(STEPS[0])
    effects = Effects()
    for record in records:
        step(shard, record, effects, rules)
    watch.lap(STEPS[1])
    seal(shard, effects, block[-1][0], rules)
    watch.lap(STEPS[2])
    texts = {
        record.offset: events_text(record.envelope.payload, record.envelope.encoding, max_payload_bytes)
        for record in records
        if isinstance(record.envelope, Batch)
    }
    watch.lap(STEPS[3])
    versions = effects.sessions
    watch.lap(STEPS[4])
    rows: list[Pieces] = [
        recording_row(each, shard.partition, texts[each.offset]) for each in effects.assigned
    ]
    watch.lap(STEPS[5])
    session_rows = [session_row(version) for version in versions]
    watch.lap(STEPS[6])
    for table in (rows, session_rows):
        b"".join(chain.from_iterable(table))
    watch.lap(STEPS[7])


def main() -> None:
    recordings = read_folder(RECORDINGS)
    zipped = bodies_near(recordings, RAW_BYTES)
    settings = Settings()
    spare_the_collector()
    found: dict[str, dict[str, float]] = {}
    for name, rounds, payloads in (
        ("bare", 20, []),
        ("20 KB gzip", 8, zipped),
        ("20 KB as it is", 4, [uncompressed(body) for body in zipped]),
    ):
        now_ms = time.time_ns() // 1_000_000
        load = Load(VISITORS, rounds, now_ms - rounds * ROUND_MS, opening(recordings), payloads)
        of_one = [record for record in load.records() if record.partition == 0]
        log = [(offset, record.key, record.value) for offset, record in enumerate(of_one)]
        assert len(log) == load.envelopes // PARTITIONS
        found[name] = work_off(log, settings)
    print(f"| step | {' | '.join(f'{name}, µs' for name in found)} |")
    print("|---" * (len(found) + 1) + "|")
    for name in STEPS:
        print(f"| {name} | {' | '.join(f'{each[name]:.1f}' for each in found.values())} |")


if __name__ == "__main__":
    main()
