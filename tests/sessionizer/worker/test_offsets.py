"""Offsets are committed so that lag can be seen; the ends of all owned logs are asked for and told."""

import asyncio
import contextlib
from collections.abc import Mapping
from types import SimpleNamespace

import pytest

from sessionizer.worker import offsets
from sessionizer.worker.steps import Step


class World:
    def __init__(self) -> None:
        self.positions = {0: 9, 1: -1}
        self.committed: list[dict[int, int]] = []
        self.commits = True
        self.heard: list[Mapping[int, int]] = []
        self.reached: list[Step] = []

    def owned(self) -> dict[int, SimpleNamespace]:
        return {number: SimpleNamespace(position=position) for number, position in self.positions.items()}

    async def commit(self, wanted: Mapping[int, int]) -> bool:
        self.committed.append(dict(wanted))
        return self.commits

    async def ends(self, numbers: list[int]) -> Mapping[int, int]:
        return dict.fromkeys(numbers, 100)

    async def rounds(self, count: int) -> None:
        """So many more of them."""
        until = len(self.heard) + count
        async with asyncio.timeout(5):
            while len(self.heard) < until:
                await asyncio.sleep(0)


@contextlib.asynccontextmanager
async def running(world: World, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.setattr(offsets, "INTERVAL_S", 0)
    task = asyncio.create_task(
        offsets.commit_offsets(
            world.owned,  # type: ignore[arg-type]
            world.commit,
            world.ends,
            world.heard.append,
            world.reached.append,
        )
    )
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_what_moved_is_committed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    async with running(world, monkeypatch):
        await world.rounds(3)
        assert world.committed == [{0: 10}], "the next offset; nothing of a partition that has none"
        assert world.reached == [Step.AFTER_OFFSET]
        world.positions[1] = 0
        await world.rounds(3)
    assert world.committed == [{0: 10}, {1: 1}]


async def test_a_commit_that_failed_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    world.commits = False
    async with running(world, monkeypatch):
        await world.rounds(2)
    assert world.committed[:2] == [{0: 10}, {0: 10}]
    assert world.reached == []


async def test_the_ends_of_all_owned_logs_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also of a partition of which nothing is committed: its lag counts too."""
    world = World()
    async with running(world, monkeypatch):
        await world.rounds(1)
    assert world.heard[0] == {0: 100, 1: 100}
