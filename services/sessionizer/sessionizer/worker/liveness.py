"""Alive or stuck: what /healthz answers, decided from samples alone.

No clock and no I/O: samples carry their time, in seconds of one monotonic clock. A partition is stuck when
records have waited for it and its position has not moved for too long. Without lag it is idle; slow but
moving it is slow. A worker that has no partitions yet is given time, and more of it while it recovers them.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple


class PartitionSample(NamedTuple):
    """One partition at one moment."""

    position: int
    """The last record that its state holds, -1 before the first."""
    end: int
    """Where its log ends, as last heard: the offset that the next record will have."""

    @property
    def lag(self) -> int:
        return max(0, self.end - self.position - 1)


class WorkerSample(NamedTuple):
    """The whole worker at one moment."""

    at_s: float
    ready: bool
    """It is a member, its partitions (there may be none) are recovered and are being read."""
    heartbeat_age_s: float
    """Infinite while it is no member."""
    prepared: int
    """Rises with every step towards being ready: a broker found, state read."""
    partitions: Mapping[int, PartitionSample]
    """Those that it owns, by number."""


class Following(NamedTuple):
    """A partition, followed over samples."""

    position: int
    behind_since_s: float | None
    """Since when it has had records to take and has taken none; None where it has nothing to do."""
    lag: int


class Watched(NamedTuple):
    """A worker, followed over samples."""

    partitions: Mapping[int, Following]
    unready_since_s: float | None
    """Since when it has had no partitions and come no nearer to having them; None while it is ready."""
    prepared: int
    last: WorkerSample


@dataclass(frozen=True)
class Limits:
    stuck_after_s: float
    unready_after_s: float
    session_timeout_s: float


@dataclass(frozen=True)
class StuckPartition:
    partition: int
    position: int
    lag: int
    """Records."""
    for_s: float
    """How long it has not moved."""


@dataclass(frozen=True)
class Verdict:
    """Healthy where there is no reason against it."""

    reasons: tuple[str, ...] = ()
    stuck: tuple[StuckPartition, ...] = ()

    @property
    def healthy(self) -> bool:
        return not self.reasons


def follow(before: Watched | None, sample: WorkerSample) -> Watched:
    """Take one more sample, not older than those before it."""
    known = before.partitions if before is not None else {}
    return Watched(
        partitions={
            number: _follow_partition(known.get(number), each, sample.at_s)
            for number, each in sample.partitions.items()
        },
        unready_since_s=_unready_since(before, sample),
        prepared=sample.prepared,
        last=sample,
    )


def followed(samples: Iterable[WorkerSample]) -> Watched | None:
    """All of them, in order of time."""
    watched: Watched | None = None
    for sample in samples:
        watched = follow(watched, sample)
    return watched


def judge(watched: Watched, limits: Limits) -> Verdict:
    """Whether the worker was alive at its last sample."""
    now_s, last = watched.last.at_s, watched.last
    if watched.unready_since_s is not None:
        for_s = now_s - watched.unready_since_s
        if for_s <= limits.unready_after_s:
            return Verdict()
        return Verdict((f"without partitions for {for_s:.0f} s, and no nearer to having them",))
    reasons: list[str] = []
    # Expelled, it is about to give its partitions up; or it holds on to them, and they will not move.
    if limits.session_timeout_s < last.heartbeat_age_s < math.inf:
        reasons.append(f"no heartbeat answered for {last.heartbeat_age_s:.0f} s")
    stuck = tuple(
        StuckPartition(number, each.position, each.lag, now_s - each.behind_since_s)
        for number, each in sorted(watched.partitions.items())
        if each.behind_since_s is not None and now_s - each.behind_since_s >= limits.stuck_after_s
    )
    if stuck:
        reasons.append(f"partitions that do not move: {', '.join(str(each.partition) for each in stuck)}")
    return Verdict(tuple(reasons), stuck)


def _follow_partition(before: Following | None, sample: PartitionSample, at_s: float) -> Following:
    if sample.lag == 0:
        since: float | None = None
    elif before is None or before.behind_since_s is None or before.position != sample.position:
        since = at_s
    else:
        since = before.behind_since_s
    return Following(sample.position, since, sample.lag)


def _unready_since(before: Watched | None, sample: WorkerSample) -> float | None:
    if sample.ready:
        return None
    if before is None or before.unready_since_s is None or before.prepared != sample.prepared:
        return sample.at_s
    return before.unready_since_s
