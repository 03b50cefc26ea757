"""Commits offsets so that lag can be seen, and asks where the logs end. Nothing is ever read from a committed
offset.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from sessionizer.worker.partition import OwnedPartition
from sessionizer.worker.steps import Reached, Step

INTERVAL_S = 1.0


async def commit_offsets(
    owned: Callable[[], Mapping[int, OwnedPartition]],
    commit: Callable[[Mapping[int, int]], Awaitable[bool]],
    ends: Callable[[list[int]], Awaitable[Mapping[int, int]]],
    heard: Callable[[Mapping[int, int]], None],
    reached: Reached,
) -> None:
    """Every second, until cancelled: commit what moved, and ask for the ends of the logs.

    Args:
        commit: commits the next offset of each partition; False if it could not.
        ends: the end offset of each partition; empty if it cannot be had now.
        heard: told of them.
    """
    committed: dict[int, int] = {}
    while True:
        await asyncio.sleep(INTERVAL_S)
        following = {number: each.position + 1 for number, each in owned().items() if each.position >= 0}
        moved = {number: offset for number, offset in following.items() if committed.get(number) != offset}
        if moved and await commit(moved):
            committed = following
            reached(Step.AFTER_OFFSET)
        if numbers := list(owned()):
            heard(await ends(numbers))
