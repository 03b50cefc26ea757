"""How many events a second go the whole way, the load generator on the same cores, with the lag not growing.

A rate is offered for a minute. Every two seconds the query API is asked how many events can be read; what was
acknowledged and cannot be read yet is the lag. The rate holds if all of it was accepted, and if the lag of
the last third is not above that of the middle third by more than a second's worth.
"""

import asyncio
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import httpx

from benchmarks.pipeline.load import Pace, Sent, keep_sending
from benchmarks.pipeline.requests import Body, bodies, visits
from benchmarks.pipeline.running_stack import RunningStack
from benchmarks.result import Measure
from playhead.demo_tenant import SHOP
from playhead.player.batches import Cut
from playhead.player.recording import Recording
from playhead.query_client import QueryClient
from playhead.stack.ports import LOOPBACK

GOAL_EVENTS_PER_S = 10_000
_OFFERED = (10_300, 15_000, 20_000)
"""Tried in this order until one does not hold."""
_MEASURED_S = 60
_SAMPLE_S = 2
_DRAIN_S = 120


@dataclass(frozen=True)
class Run:
    offered: int
    accepted_per_s: float
    readable_per_s: float
    raw_mb_per_s: float
    middle_lag: float
    last_lag: float
    drain_s: float
    refused: int
    parts: int
    cores: dict[str, float]

    @property
    def steady(self) -> bool:
        return self.last_lag <= self.middle_lag + self.accepted_per_s

    @property
    def holds(self) -> bool:
        return self.steady and self.accepted_per_s >= 0.98 * self.offered and not self.refused


async def measure_throughput(stack: RunningStack, recordings: Sequence[Recording]) -> list[Measure]:
    recorded = [bodies(recording, Cut(events=50, span_ms=3_600_000)) for recording in recordings]
    best: Run | None = None
    for offered in _OFFERED:
        run = await _offer(stack, recorded, offered)
        print(f"  {run}", flush=True)
        if best is None or run.holds:
            best = run
        if not run.holds:
            break
    assert best is not None
    return list(_measures(best))


def _measures(run: Run) -> Iterator[Measure]:
    yield Measure(
        "events of the recordings through the whole pipeline",
        run.readable_per_s,
        f"events/s for {_MEASURED_S} s, {run.raw_mb_per_s:.0f} MB/s of JSON",
        goal=GOAL_EVENTS_PER_S,
        bound="at least",
        also=run.steady and not run.refused,
    )
    yield Measure("offered meanwhile", run.offered, "events/s")
    yield Measure("accepted meanwhile", run.accepted_per_s, "events/s")
    yield Measure("batches refused meanwhile", run.refused, "batches", goal=0)
    yield Measure("lag in the last third", run.last_lag, "events", goal=run.middle_lag + run.accepted_per_s)
    yield Measure("lag in the middle third", run.middle_lag, "events")
    yield Measure("until all was readable after the load ended", run.drain_s, "s")
    yield Measure("active parts of events and recordings then: what merging has left", run.parts, "parts")
    for name, cores in run.cores.items():
        yield Measure(f"processor used by {name}", cores, "cores")


async def _offer(stack: RunningStack, recorded: Sequence[Sequence[Body]], offered: int) -> Run:
    sent = Sent()
    lags: list[tuple[float, float]] = []
    async with QueryClient(stack.addresses.query_api, stack.secrets.dashboard_token) as client:
        base = (await client.stats(SHOP)).events
        cpu_before, own_before = stack.cpu_s(), time.process_time()
        load = asyncio.create_task(
            keep_sending(
                (LOOPBACK, stack.addresses.collector_port),
                visits(stack.secrets.demo_shop_key, recorded),
                Pace(offered),
                sent,
                connections=16,
                by_events=True,
            )
        )
        began = time.monotonic()
        while (elapsed := time.monotonic() - began) < _MEASURED_S:
            await asyncio.sleep(_SAMPLE_S)
            readable = (await client.stats(SHOP)).events - base
            lags.append((elapsed, sent.events - readable))
            if load.done():
                load.result()
        load.cancel()
        await asyncio.wait([load])
        took = time.monotonic() - began
        readable = (await client.stats(SHOP)).events - base
        cpu = {
            name: (used - cpu_before[name]) / took
            for name, used in stack.cpu_s().items()
            if name in cpu_before
        }
        cpu["the load generator"] = (time.process_time() - own_before) / took
        drain_s = await _drained(client, base + sent.events)
        parts = await _active_parts(stack)
    third = _MEASURED_S / 3
    return Run(
        offered=offered,
        accepted_per_s=sent.events / took,
        readable_per_s=readable / took,
        raw_mb_per_s=sent.raw_bytes / took / 1e6,
        middle_lag=statistics.mean(lag for at, lag in lags if third <= at < 2 * third),
        last_lag=statistics.mean(lag for at, lag in lags if at >= 2 * third),
        drain_s=drain_s,
        refused=sum(sent.refused.values()),
        parts=parts,
        cores=cpu,
    )


async def _active_parts(stack: RunningStack) -> int:
    """Of the two large tables. Merging may be late; what it owes must not grow into a debt."""
    query = "SELECT count() FROM system.parts WHERE active AND table IN ('events', 'recordings')"
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(
            stack.addresses.clickhouse, content=query, auth=("admin", stack.secrets.clickhouse_admin_password)
        )
        answer.raise_for_status()
    return int(answer.text)


async def _drained(client: QueryClient, events: int) -> float:
    """Batches on their way when the load ended may be in without having been counted: at least so many."""
    began = time.monotonic()
    while (await client.stats(SHOP)).events < events:
        if time.monotonic() - began > _DRAIN_S:
            raise RuntimeError(
                f"{events - (await client.stats(SHOP)).events} acknowledged events cannot be read"
            )
        await asyncio.sleep(0.2)
    return time.monotonic() - began
