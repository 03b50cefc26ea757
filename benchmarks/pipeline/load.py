"""Sends batches at a steady rate over kept-alive connections, and counts what was acknowledged."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from benchmarks.pipeline.requests import Visit


@dataclass
class Sent:
    """What was acknowledged with 202 so far."""

    batches: int = 0
    events: int = 0
    raw_bytes: int = 0
    refused: dict[int, int] = field(default_factory=dict)
    """Answers other than 202, by status. Those batches are not sent again."""


class Pace:
    """Lets through one unit of `rate` a second, wherever it is asked; a debt is paid back at once."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._next_s = time.monotonic()

    async def take(self, amount: float) -> None:
        now = time.monotonic()
        # After a stall of over a second the load does not catch up: nobody asked for that burst.
        self._next_s = max(self._next_s, now - 1)
        wait_s = self._next_s - now
        self._next_s += amount / self._rate
        if wait_s > 0:
            await asyncio.sleep(wait_s)


async def keep_sending(
    address: tuple[str, int],
    visits: Iterator[Visit],
    pace: Pace,
    sent: Sent,
    *,
    connections: int,
    by_events: bool,
) -> None:
    """Send until cancelled.

    Args:
        by_events: the pace counts events; otherwise batches.
    """
    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(_one_connection(address, visits, pace, sent, by_events))


async def _one_connection(
    address: tuple[str, int], visits: Iterator[Visit], pace: Pace, sent: Sent, by_events: bool
) -> None:
    reader, writer = await asyncio.open_connection(*address, limit=1 << 20)
    try:
        for visit in visits:
            for request, one in zip(visit.requests(f"{address[0]}:{address[1]}"), visit.bodies, strict=True):
                await pace.take(one.events if by_events else 1)
                writer.write(request)
                status = await read_answer(reader)
                if status == 202:
                    sent.batches += 1
                    sent.events += one.events
                    sent.raw_bytes += one.raw_bytes
                else:
                    sent.refused[status] = sent.refused.get(status, 0) + 1
    finally:
        writer.close()


async def read_answer(reader: asyncio.StreamReader) -> int:
    """The status of one answer; its body is read and thrown away."""
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1])
    length = next(
        int(line.split(b":")[1])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    )
    await reader.readexactly(length)
    return status
