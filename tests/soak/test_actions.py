"""What is done is drawn from the seed, and everything comes before anything comes too often."""

import random
from itertools import islice

from sessionizer.worker.steps import Step
from tests.soak.actions import BAG, Fate, random_order


def test_the_order_follows_from_the_seed() -> None:
    first = list(islice(random_order(random.Random(7)), 100))
    assert first == list(islice(random_order(random.Random(7)), 100))
    assert first != list(islice(random_order(random.Random(8)), 100))


def test_every_action_comes_in_each_bag() -> None:
    size = sum(BAG.values())
    drawn = random_order(random.Random(7))
    for _ in range(3):
        assert set(islice(drawn, size)) == set(BAG)


def test_every_step_comes_before_one_comes_again() -> None:
    fate = Fate(random.Random(7), share=1)
    for _ in range(3):
        drawn = [fate.draw() for _ in Step]
        assert {step for step, _ in filter(None, drawn)} == set(Step)


def test_a_share_of_the_workers_dies_by_itself() -> None:
    fate = Fate(random.Random(7), share=0.25)
    dying = [fate.draw() is not None for _ in range(1_000)]
    assert 200 < sum(dying) < 300
