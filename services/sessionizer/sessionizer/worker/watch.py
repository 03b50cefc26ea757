"""Looks at the worker once a second, shows the gauges, answers /healthz. `liveness` decides what is healthy.

May read clocks; nothing that it reads goes into a record or a row.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from schemas.topic import BATCHES
from sessionizer.core.state import Shard
from sessionizer.sink.insert import Waiting
from sessionizer.worker.commit import token_start
from sessionizer.worker.fence import Fence
from sessionizer.worker.liveness import (
    Limits,
    PartitionSample,
    StuckPartition,
    Verdict,
    Watched,
    WorkerSample,
    follow,
    judge,
)
from sessionizer.worker.metrics import Metrics
from sessionizer.worker.partition import OwnedPartition

INTERVAL_S = 1.0
SIZING_SHARE = 0.005
"""Of the time, at most, goes into adding up the state's bytes: a million visitors take up to 0.25 s."""
SLICE_VISITORS = 20_000
"""So many are added up at a time; others may run between, since a block should not wait for a figure."""


class Watch:
    def __init__(
        self,
        *,
        owned: Callable[[], Mapping[int, OwnedPartition]],
        ready: Callable[[], bool],
        prepared: Callable[[], int],
        generation: Callable[[], int],
        inserts: Callable[[], Mapping[str, Waiting]],
        fence: Fence,
        metrics: Metrics,
        limits: Limits,
        grace_ms: int,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
    ):
        """
        Args:
            prepared: rises with every step towards being ready.
            generation: of the group.
            inserts: those under way, by token.
            clock: monotonic, seconds; the one that partitions and inserts have their times from.
            wall_clock: seconds since the epoch.
        """
        self._owned = owned
        self._ready = ready
        self._prepared = prepared
        self._generation = generation
        self._inserts = inserts
        self._fence = fence
        self._metrics = metrics
        self._limits = limits
        self._grace_s = grace_ms / 1000
        self._clock = clock
        self._wall_clock = wall_clock
        self._ends: dict[int, int] = {}
        self._watched: Watched | None = None
        self._size_again_at_s = 0.0

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self.look()
            await self.size()
            await asyncio.sleep(INTERVAL_S)

    def heard_ends(self, ends: Mapping[int, int]) -> None:
        """Where the logs of these partitions end."""
        self._ends.update(ends)

    def look(self) -> None:
        """Take a sample, and show it."""
        owned = self._owned()
        sample = WorkerSample(
            at_s=self._clock(),
            ready=self._ready(),
            heartbeat_age_s=self._fence.heartbeat_age_s(),
            prepared=self._prepared(),
            partitions={
                number: PartitionSample(
                    each.position, max(self._ends.get(number, 0), each.fetched + 1, each.position + 1)
                )
                for number, each in owned.items()
            },
        )
        self._watched = follow(self._watched, sample)
        self._show(sample, owned)

    async def size(self) -> None:
        """Show the sizes of the states, unless that was done too lately for what it costs."""
        began_at_s = self._clock()
        if began_at_s < self._size_again_at_s:
            return
        for number, each in self._owned().items():
            size = await state_bytes(each.shard)
            if self._owned().get(number) is not each:
                continue  # It was given up meanwhile.
            self._metrics.state_bytes.labels(number).set(size)
            if live := each.shard.active_sessions:
                self._metrics.state_bytes_per_live_session.labels(number).set(size / live)
            else:
                self._metrics.state_bytes_per_live_session.remove_by_labels({"partition": str(number)})
        now_s = self._clock()
        self._size_again_at_s = now_s + (now_s - began_at_s) / SIZING_SHARE

    def health(self) -> tuple[bool, dict[str, object]]:
        """Whether the worker is alive, and the answer that says so."""
        self.look()
        if self._watched is None:
            raise AssertionError("it has just looked")
        verdict = judge(self._watched, self._limits)
        return verdict.healthy, self._told(verdict)

    def _show(self, sample: WorkerSample, owned: Mapping[int, OwnedPartition]) -> None:
        metrics = self._metrics
        for number, each in owned.items():
            shard = each.shard
            metrics.lag_records.labels(number).set(sample.partitions[number].lag)
            metrics.watermark_seconds.labels(number).set(shard.watermark / 1000)
            if shard.watermark > 0:
                stream_time_s = shard.watermark / 1000 + self._grace_s
                metrics.lag_seconds.labels(number).set(max(0.0, self._wall_clock() - stream_time_s))
            metrics.live_sessions.labels(number).set(shard.active_sessions)
            metrics.visitors.labels(number).set(len(shard.visitors))
            metrics.waiting_bytes.labels(number).set(each.waiting_bytes)
            since_s = each.at_work_since_s
            metrics.block_seconds_at_work.labels(number).set(0 if since_s is None else sample.at_s - since_s)
        metrics.heartbeat_age_seconds.set(sample.heartbeat_age_s)
        metrics.generation.set(self._generation())
        oldest_s = min((each.since_s for each in self._inserts().values()), default=sample.at_s)
        metrics.insert_waiting_seconds.set(sample.at_s - oldest_s)

    def _told(self, verdict: Verdict) -> dict[str, object]:
        if verdict.healthy:
            return {"status": "ok"}
        return {
            "status": "stuck",
            "reasons": list(verdict.reasons),
            "partitions": [self._told_partition(each) for each in verdict.stuck],
        }

    def _told_partition(self, stuck: StuckPartition) -> dict[str, object]:
        since = datetime.fromtimestamp(self._wall_clock(), UTC) - timedelta(seconds=stuck.for_s)
        return {
            "partition": stuck.partition,
            "position": stuck.position,
            "lag_records": stuck.lag,
            "since": since.isoformat(timespec="seconds"),
            "stuck_seconds": round(stuck.for_s, 1),
            "why": self._why(stuck.partition),
        }

    def _why(self, partition: int) -> list[str]:
        """What is known of it; nothing may be."""
        now_s, owned = self._clock(), self._owned().get(partition)
        why: list[str] = []
        if owned is None:
            return why
        if owned.at_work_since_s is not None:
            why.append(f"a block has been at work for {now_s - owned.at_work_since_s:.0f} s")
        for token, insert in self._inserts().items():
            if token.startswith(token_start(BATCHES, partition)):
                failed = f"; {insert.failed} tries failed, the last with {insert.error}" * bool(insert.failed)
                why.append(
                    f"ClickHouse has not acknowledged an insert into {insert.table} for "
                    f"{now_s - insert.since_s:.0f} s{failed}"
                )
        if owned.paused:
            why.append(f"paused: {owned.waiting_bytes} bytes wait for their block")
        return why


async def state_bytes(shard: Shard) -> int:
    """Keys and values of a shard, as they are encoded; a slice at a time."""
    total = 0
    for parts in (list(shard.visitors), list(shard.visitors.values())):
        for at in range(0, len(parts), SLICE_VISITORS):
            total += sum(map(len, parts[at : at + SLICE_VISITORS]))
            await asyncio.sleep(0)
    return total
