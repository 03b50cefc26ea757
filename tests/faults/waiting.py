"""Waits for what a worker wrote, with a deadline."""

import asyncio
import time
from collections.abc import Mapping

from schemas.topic import BATCHES
from sessionizer.worker.recovery import Recovery
from tests.faults.log import log_of


async def caught_up(bootstrap: str, timeout_s: float = 120, ends: Mapping[int, int] | None = None) -> None:
    """Until the positions in the changelog are past every record in the log now but the ticks.

    The position of a block that only ticks is not written at once (`core.written`).

    Args:
        timeout_s: how long nothing may move.
        ends: the offsets to come to, by partition; asked of the log where they are not given.
    """
    deadline = time.monotonic() + timeout_s
    if ends is None:
        log = await log_of(bootstrap, BATCHES)
        ends = {
            number: last[-1] + 1
            for number, records in log.items()
            if (last := [record.offset for record in records if record.key is not None])
        }
    behind = dict(ends)
    positions: dict[int, int] = {}
    while behind:
        shards = await Recovery(bootstrap).shards(list(behind))
        behind = {number: end for number, end in behind.items() if shards[number].offset + 1 < end}
        if positions != (positions := {number: shards[number].offset for number in behind}):
            deadline = time.monotonic() + timeout_s
        assert time.monotonic() < deadline, f"not caught up: {behind}"
        await asyncio.sleep(0.5 if behind else 0)
