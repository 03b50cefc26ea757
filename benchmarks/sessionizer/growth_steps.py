"""What live sessions add to a block, and to which step: `python -m benchmarks.sessionizer.growth_steps`.

A thousand and a million visitors in one process, without Kafka or ClickHouse, a block of the ones and a block
of the others in turn: so both see the same machine. In every second block of either, each visitor's state is
read once before the block begins, and that reading is timed by itself: what it takes away from the block's
own steps was the way to memory. Processor time, in µs an envelope; medians. Printed in Markdown.
"""

import statistics
import time
import zlib
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from benchmarks.sessionizer.envelopes import PARTITIONS, ROUND_MS, Body, Load, opening, visitor_names
from benchmarks.sessionizer.growth import FEW, MANY, ONCE_EACH
from benchmarks.sessionizer.live_sessions import BATCHES_BEFORE, live_sessions
from playhead.checkout import RECORDINGS
from playhead.player.recording import read_folder
from schemas import envelope
from schemas.topic import BATCHES
from sessionizer.__main__ import spare_the_collector
from sessionizer.core.block import seal
from sessionizer.core.effects import Effects
from sessionizer.core.record import Record
from sessionizer.core.rules import Rules
from sessionizer.core.state import Shard
from sessionizer.core.step import step

ENVELOPES = 400_000
WARM_UP_BLOCKS = 200
RULES = Rules(topic=BATCHES)

Block = tuple[Shard, list[tuple[int, bytes, bytes]]]
"""Offset, key and value of its records, and the state that they meet."""


class Spent(NamedTuple):
    """Processor time, in µs an envelope."""

    read_before: float
    decode: float
    rules: float
    encode: float

    @property
    def block(self) -> float:
        return self.decode + self.rules + self.encode


def recovered(sessions: int, opening_body: Body, began_at: int) -> list[Shard]:
    """State as the changelog would give it."""
    shards = [Shard(number) for number in range(PARTITIONS)]
    for record in live_sessions(visitor_names(sessions), began_at, opening_body):
        shards[record.partition].apply(record.key, record.value)
    for shard in shards:
        shard.rebuild_deadlines()
    return shards


def blocks(sessions: int, opening_body: Body, now_ms: int) -> Iterator[Block]:
    """A log of live sessions' next batches, cut as the worker would with blocks of `ONCE_EACH` records."""
    rounds = -(-ENVELOPES // sessions)
    began_at = now_ms - (rounds + BATCHES_BEFORE) * ROUND_MS
    shards = recovered(sessions, opening_body, began_at)
    log = Load(
        sessions,
        rounds,
        began_at + BATCHES_BEFORE * ROUND_MS,
        opening_body,
        first_seq=BATCHES_BEFORE,
        names=visitor_names(sessions),
    )
    waiting: list[list[tuple[int, bytes, bytes]]] = [[] for _ in shards]
    offsets = [0] * PARTITIONS
    for record in log.records():
        number = record.partition
        waiting[number].append((offsets[number], record.key, record.value))
        offsets[number] += 1
        if len(waiting[number]) == ONCE_EACH:
            yield shards[number], waiting[number]
            waiting[number] = []


def work_off(block: Block, *, read_before: bool) -> Spent:
    shard, log = block
    clock = time.process_time
    at = [clock()]
    if read_before:
        for _, key, _ in log:
            zlib.crc32(shard.visitors[key])
    at.append(clock())
    records = [Record(offset, key, envelope.decode(value)) for offset, key, value in log]
    at.append(clock())
    effects = Effects()
    for record in records:
        step(shard, record, effects, RULES)
    at.append(clock())
    seal(shard, effects, log[-1][0], RULES)
    at.append(clock())
    return Spent(*((end - start) / len(log) * 1e6 for start, end in pairwise(at)))


def row(name: str, spent: Iterable[Spent]) -> str:
    steps = [statistics.median(each) for each in zip(*spent, strict=True)]
    whole = statistics.median(each.block for each in spent)
    return f"| {name} | {' | '.join(f'{each:.2f}' for each in steps)} | {whole:.2f} |"


def main() -> None:
    opening_body = opening(read_folder(RECORDINGS))
    now_ms = time.time_ns() // 1_000_000
    logs = {size: blocks(size, opening_body, now_ms) for size in (FEW, MANY)}
    waiting = {
        size: next(log) for size, log in logs.items()
    }  # Their states are made now, before the next line.
    spare_the_collector()
    spent: dict[tuple[int, bool], list[Spent]] = {
        (size, read_before): [] for read_before in (False, True) for size in logs
    }
    for number in range(ENVELOPES // ONCE_EACH - 2):
        read_before = number % 2 == 1
        for size, log in logs.items():
            taken = work_off(waiting[size], read_before=read_before)
            waiting[size] = next(log)
            if number >= WARM_UP_BLOCKS:
                spent[size, read_before].append(taken)
    print("| live sessions | read before | decode | rules | encode | the block |")
    print("|---" * 6 + "|")
    for (size, read_before), found in spent.items():
        print(row(f"{size:,}{', states read before' if read_before else ''}", found))
    pairs = zip(spent[FEW, False], spent[MANY, False], strict=True)
    print(
        f"\n{MANY:,} by {FEW:,}, pair by pair: {statistics.median(m.block / f.block for f, m in pairs):.2f}"
    )


if __name__ == "__main__":
    main()
