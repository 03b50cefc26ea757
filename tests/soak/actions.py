"""What is done to workers and servers, and in which order: drawn from a seeded random, and nothing else."""

import random
from collections.abc import Iterator, Mapping
from enum import StrEnum

from sessionizer.worker.steps import Step


class Action(StrEnum):
    """The value is the row of the table in docs/reliability.md."""

    KILL = "worker, kill -9 at a random moment"
    STOP = "worker, SIGTERM"
    PAUSE = "worker, SIGSTOP for less than the session timeout"
    LONG_PAUSE = "worker, SIGSTOP for more than the session timeout"
    JOIN = "a worker joins"
    LEAVE = "a worker leaves"
    BROKER_KILL = "broker, kill -9"
    BROKER_RESTART = "broker, stopped and started"
    ENGINE_KILL = "ClickHouse, kill -9"
    ENGINE_SLOW = "ClickHouse, a tenth of its speed"


def killed_at(step: Step) -> str:
    """The row of the table for workers that die at a step."""
    return f"worker, kill -9 at `{step}`"


BAG: Mapping[Action, int] = {
    Action.KILL: 6,
    Action.STOP: 3,
    Action.PAUSE: 3,
    Action.LONG_PAUSE: 1,
    Action.JOIN: 2,
    Action.LEAVE: 2,
    Action.BROKER_KILL: 1,
    Action.BROKER_RESTART: 1,
    Action.ENGINE_KILL: 1,
    Action.ENGINE_SLOW: 1,
}
"""How often each comes before all of them have come."""


def random_order(seeded: random.Random, bag: Mapping[Action, int] = BAG) -> Iterator[Action]:
    """Actions without end: the bag in a random order, then again in another one."""
    while True:
        drawn = [action for action, times in bag.items() for _ in range(times)]
        seeded.shuffle(drawn)
        yield from drawn


class Fate:
    """Where a worker that is started now is to die by itself, if anywhere."""

    def __init__(self, seeded: random.Random, share: float) -> None:
        self._random = seeded
        self._share = share
        self._steps: list[Step] = []

    def draw(self) -> tuple[Step, int] | None:
        """A step, and the how many-th time; every step comes before one comes again."""
        if self._random.random() >= self._share:
            return None
        if not self._steps:
            self._steps = self._random.sample(list(Step), len(Step))
        step = self._steps.pop()
        # Few blocks have an erasure.
        return step, 1 if step is Step.AFTER_ERASURE else self._random.randrange(1, 5)
