"""A transaction that Kafka called committed and did not end: whoever takes the partition over ends it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiokafka.errors import ClusterAuthorizationFailedError

from schemas.topic import BATCHES, DEAD_LETTERS, SESSIONIZER_CHANGELOG, SESSIONS
from sessionizer.core.block import BlockLimits
from sessionizer.core.rules import Rules
from sessionizer.worker import hanging_watch
from sessionizer.worker.app import APP_ID
from sessionizer.worker.continuity import UnusableState
from sessionizer.worker.hanging import WRITTEN
from sessionizer.worker.hanging_watch import watch_hanging
from sessionizer.worker.open_transactions import OpenTransactions
from sessionizer.worker.rebuild import Rebuild
from tests.servers.engine import ClickHouseDatabase
from tests.servers.sessionizer import workers_at
from tests.sessionizer.worker.hanging_cluster import NUMBER, Cluster, running_cluster

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]


@pytest_asyncio.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[Cluster]:
    async with running_cluster(tmp_path) as running:
        yield running


async def test_what_the_worker_had_heard_to_be_committed_is_committed(cluster: Cluster) -> None:
    former = await cluster.opened()
    await cluster.hang(former, "ann", 4)
    await cluster.commit_offset(5)
    following = await cluster.opened()
    # This is what hangs: nobody has it open, and still it cannot be read.
    with pytest.raises(UnusableState, match="no position"):
        await cluster.recovered()
    assert await cluster.told() == {SESSIONS: 0, DEAD_LETTERS: 0}

    assert await cluster.end_hanging(following) == dict.fromkeys(WRITTEN, True)
    assert await cluster.recovered() == (4, {b"shop/ann"})
    assert await cluster.told() == {SESSIONS: 1, DEAD_LETTERS: 1}
    assert await cluster.end_hanging(following) == {}


async def test_what_the_worker_had_not_heard_of_is_aborted_and_begun_again(cluster: Cluster) -> None:
    former = await cluster.opened()
    await cluster.commit(former, "ann", 4)
    await cluster.commit_offset(5)
    await cluster.hang(former, "ben", 9)
    following = await cluster.opened()

    ended = await cluster.end_hanging(following)
    # What others read is committed all the same: said twice it says the same, aborted it is never said.
    assert ended == {SESSIONIZER_CHANGELOG: False, SESSIONS: True, DEAD_LETTERS: True}
    assert await cluster.recovered() == (4, {b"shop/ann"})
    assert await cluster.told() == {SESSIONS: 2, DEAD_LETTERS: 2}
    await cluster.commit(following, "cem", 8)
    await cluster.opened()
    assert await cluster.recovered() == (8, {b"shop/ann", b"shop/cem"})


async def test_a_worker_says_what_is_missing_where_it_may_not_end_it(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(self: OpenTransactions, transaction: object, *, commit: bool) -> None:
        raise ClusterAuthorizationFailedError

    await cluster.hang(await cluster.opened(), "ann", 4)
    following = await cluster.opened()
    monkeypatch.setattr(OpenTransactions, "end", refused)
    with pytest.raises(UnusableState, match="allow it ClusterAction"):
        await cluster.end_hanging(following)


async def test_a_worker_ends_itself_once_the_broker_has_left_its_transaction_open(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ended(Exception):  # noqa: N818
        pass

    def end(reason: str, **facts: object) -> None:
        raise Ended(f"{reason}: {facts}")

    owner = await cluster.opened()
    await cluster.hang(owner, "ann", 4)
    monkeypatch.setattr(hanging_watch, "LOOK_EVERY_S", 0.05)
    monkeypatch.setattr(hanging_watch, "HANGS_AFTER_S", 0.2)
    with pytest.raises(Ended, match="left a transaction open"):
        async with asyncio.timeout(60):
            await watch_hanging(cluster.bootstrap, lambda: {NUMBER: owner.producer}, end)


async def test_a_process_goes_on_from_a_state_that_hung(
    cluster: Cluster, clickhouse: ClickHouseDatabase, tmp_path: Path
) -> None:
    await cluster.add_ticks(9)
    await cluster.hang(await cluster.opened(), "ann", 4)
    await cluster.commit_offset(5)
    async with workers_at(cluster.bootstrap, clickhouse, tmp_path) as workers:
        worker = workers.start()
        await worker.ready()
        ended = await worker.metric("playhead_sessionizer_hanging_transactions_total")
        assert ended == {f'{{outcome="committed",topic="{topic}"}}': 1 for topic in WRITTEN}
        assert f"{NUMBER}: 5" in worker.process.log_end(200)
        assert await worker.process.stop(timeout_ms=10_000) == 0


async def test_a_rebuild_ends_what_hangs_and_has_nothing_of_it_in_the_new_state(cluster: Cluster) -> None:
    await cluster.add_ticks(9)
    await cluster.hang(await cluster.opened(), "ann", 4)
    await cluster.commit_offset(5)
    told: list[str] = []
    await Rebuild(
        bootstrap=cluster.bootstrap,
        group=APP_ID,
        rules=Rules(topic=BATCHES),
        limits=BlockLimits(records=10, value_bytes=10_000),
        cut_sessions=None,  # type: ignore[arg-type]  # The log is whole: nothing is asked of the tables.
        tell=told.append,
        agreed=lambda: True,
    ).run()
    await cluster.opened()
    assert await cluster.recovered() == (4, set())
    # Nobody wrote these again, so what hung is all there is of them.
    assert await cluster.told() == {SESSIONS: 1, DEAD_LETTERS: 1}
