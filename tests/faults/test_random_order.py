"""A minute of the soak (tests/soak): workers join, leave, die, are stopped and paused, the broker restarts.

In a random order that the seed gives; the rows are what the log says. `make soak-sessionizer` does more.
"""

import os
from pathlib import Path

import pytest

from tests.soak.actions import Action
from tests.soak.run import Soak

pytestmark = [pytest.mark.faults, pytest.mark.stack, pytest.mark.timeout(300)]

SEED = int(os.environ.get("SEED", "5"))
ONCE = {
    Action.KILL: 2,
    Action.STOP: 1,
    Action.PAUSE: 1,
    Action.LONG_PAUSE: 1,
    Action.JOIN: 2,
    Action.LEAVE: 1,
    Action.BROKER_RESTART: 1,
}


async def test_any_order_of_faults_gives_the_rows_of_the_log(tmp_path: Path) -> None:
    soak = Soak(tmp_path, SEED, workers=2, dying=0.4, bag=ONCE, work_within_s=3)
    try:
        await soak.start()
        done = [await soak.act() for _ in range(sum(ONCE.values()))]
        found = await soak.judge()
    finally:
        await soak.end()
    order = ", ".join(action.name.lower() for action in done)
    told = "\n".join(soak.ledger.failures)
    assert not soak.ledger.failures, f"seed {SEED} ({order}), folder {tmp_path}: {told}"
    assert set(done) == set(ONCE)
    assert found.recordings
    assert found.sessions
    assert found.dead_letters
