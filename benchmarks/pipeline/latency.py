"""How long after its 202 a batch can be read through the query API, while 200 batches a second come in.

The load goes to one connection; two of the batches a second are probes on another: each of a new visitor,
who is looked for in the list of sessions and whose events are then fetched. The time ends when all of its
events came back.
"""

import asyncio
import statistics
import time
from collections.abc import Iterator, Sequence
from itertools import islice

from benchmarks.pipeline.load import Pace, Sent, keep_sending, read_answer
from benchmarks.pipeline.requests import Body, Visit, bodies, visits
from benchmarks.pipeline.running_stack import RunningStack
from benchmarks.result import Measure
from playhead.demo_tenant import ADMIN
from playhead.player.batches import Cut
from playhead.player.recording import Recording
from playhead.query_client import QueryClient
from playhead.stack.ports import LOOPBACK

_BATCHES_PER_S = 200
_PROBES_PER_S = 2
_WARM_UP_S = 10
_MEASURED_S = 60
_GIVE_UP_S = 60
_LOOK_EVERY_S = 0.25
"""Part of what is measured. More often, and the looking itself would be the load."""


async def measure_latency(stack: RunningStack, recordings: Sequence[Recording]) -> list[Measure]:
    address = (LOOPBACK, stack.addresses.collector_port)
    recorded = [bodies(recording, Cut()) for recording in recordings]
    sent = Sent()
    load = asyncio.create_task(
        keep_sending(
            address,
            visits(stack.secrets.demo_shop_key, recorded),
            Pace(_BATCHES_PER_S - _PROBES_PER_S),
            sent,
            connections=16,
            by_events=False,
        )
    )
    await asyncio.sleep(_WARM_UP_S)
    began, before = time.monotonic(), sent.batches
    # The second batch of a recording: an ordinary one, without the page's first snapshot.
    probe = recorded[0][1]
    latencies_s = await _probe(stack, address, probe)
    rate = (sent.batches - before) / (time.monotonic() - began) + _PROBES_PER_S
    load.cancel()
    await asyncio.wait([load])
    return list(_measures(latencies_s, rate, sent))


def _measures(latencies_s: list[float], rate: float, sent: Sent) -> Iterator[Measure]:
    cuts = statistics.quantiles(latencies_s, n=100, method="inclusive")
    events = sent.events / max(sent.batches, 1)
    steady = rate >= 0.98 * _BATCHES_PER_S and not sent.refused
    yield Measure(
        "accept to readable through the query API, p95",
        cuts[94],
        f"s, at {rate:.0f} batches/s of {events:.0f} events",
        goal=2,
        also=steady,
    )
    yield Measure("accept to readable, p50", cuts[49], "s")
    yield Measure("accept to readable, p99", cuts[98], "s")
    yield Measure("accept to readable, longest", max(latencies_s), f"s, of {len(latencies_s)} probes")
    yield Measure("batches refused under that load", sum(sent.refused.values()), "batches", goal=0)


async def _probe(stack: RunningStack, address: tuple[str, int], probe: Body) -> list[float]:
    accepted_s: dict[str, float] = {}
    latencies_s: list[float] = []
    finished = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(_look(stack, accepted_s, latencies_s, probe.events, finished))
        await _send_probes(stack.secrets.demo_admin_key, address, probe, accepted_s)
        finished.set()
    return latencies_s


async def _send_probes(key: str, address: tuple[str, int], probe: Body, accepted_s: dict[str, float]) -> None:
    reader, writer = await asyncio.open_connection(*address)
    pace = Pace(_PROBES_PER_S)
    one_each: Iterator[Visit] = islice(visits(key, [[probe]]), _PROBES_PER_S * _MEASURED_S)
    for visit in one_each:
        await pace.take(1)
        (request,) = visit.requests(address[0])
        writer.write(request)
        status = await read_answer(reader)
        if status != 202:
            raise RuntimeError(f"a probe was answered with {status}")
        accepted_s[visit.visitor] = time.monotonic()
    writer.close()


async def _look(
    stack: RunningStack,
    accepted_s: dict[str, float],
    latencies_s: list[float],
    events: int,
    finished: asyncio.Event,
) -> None:
    """List the sessions again and again, and fetch the events of the probes not seen before.

    The whole list each time: the probes' sessions start at nearly the same moment, so the newest is anywhere.
    """
    seen: set[str] = set()
    last_news_s = time.monotonic()
    async with QueryClient(stack.addresses.query_api, stack.secrets.dashboard_token) as client:
        while not (finished.is_set() and len(seen) == len(accepted_s)):
            for session in await client.sessions(ADMIN) if accepted_s.keys() - seen else ():
                if session.visitor_id not in accepted_s or session.visitor_id in seen:
                    continue
                if len([event async for event in client.events(session.session_id)]) == events:
                    last_news_s = time.monotonic()
                    latencies_s.append(last_news_s - accepted_s[session.visitor_id])
                    seen.add(session.visitor_id)
            if time.monotonic() - last_news_s > _GIVE_UP_S:
                missing = sorted(accepted_s.keys() - seen)
                raise RuntimeError(f"{len(missing)} probes did not become readable: {missing}")
            await asyncio.sleep(_LOOK_EVERY_S)
