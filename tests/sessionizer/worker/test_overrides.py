"""Each override of Faust, by what goes wrong without it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest
import pytest_asyncio
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.errors import GroupAuthorizationFailedError, KafkaTimeoutError
from aiokafka.protocol.commit import OffsetCommitResponse_v3
from aiokafka.protocol.group import HeartbeatResponse_v1, JoinGroupResponse_v5
from faust.types import TP

from schemas.topic import BATCHES, SESSIONIZER_CHANGELOG
from sessionizer.settings import Settings
from sessionizer.worker import overrides
from sessionizer.worker.app import SessionizerApp
from sessionizer.worker.fence import Fence

SOURCE = TP(BATCHES, 0)
CHANGELOG = TP(SESSIONIZER_CHANGELOG, 0)


class Partitions:
    """Notes what it is asked, in order."""

    ready = False

    def __init__(self, calls: list[Any]) -> None:
        self.calls = calls
        self.received: list[tuple[int, list[Any]]] = []

    async def take_over(self, partitions: set[int], generation: int) -> Mapping[int, int]:
        self.calls.append(("take_over", partitions))
        return dict.fromkeys(partitions, 42)

    async def start(self, partitions: set[int], generation: int) -> None:
        self.calls.append(("start", partitions))

    async def give_up(self, *, stopping: bool) -> None:
        self.calls.append(("give_up", stopping))

    def receive(self, partition: int, records: Sequence[Any]) -> None:
        self.received.append((partition, list(records)))


@pytest.fixture
def calls() -> list[Any]:
    return []


@pytest_asyncio.fixture
async def app(calls: list[Any]) -> AsyncIterator[SessionizerApp]:
    """An app that is not started: no broker is asked."""
    made = SessionizerApp(Settings())
    made.partitions = Partitions(calls)  # type: ignore[assignment]
    yield made
    made.unwatch()


@pytest.fixture
def consumer(app: SessionizerApp) -> overrides.WholeFetchConsumer:
    made = app.consumer
    assert isinstance(made, overrides.WholeFetchConsumer)
    made.flow_active = True
    return made


async def drain_until(consumer: overrides.WholeFetchConsumer, done: asyncio.Event) -> None:
    fetcher = SimpleNamespace(should_stop=False)
    task = asyncio.create_task(consumer._drain_messages(fetcher))  # type: ignore[arg-type]
    await asyncio.wait_for(done.wait(), 5)
    await asyncio.wait_for(consumer.fetch_ended.wait(), 5)
    fetcher.should_stop = True
    await asyncio.sleep(0.05)
    consumer.resume_flow()
    await asyncio.wait_for(task, 5)


def test_other_releases_are_refused() -> None:
    installed = {"faust-streaming": "0.15.3", "mode-streaming": "0.7.1", "aiokafka": "0.14.2"}
    overrides.verify_versions(installed.__getitem__)
    for name in installed:
        with pytest.raises(overrides.WrongVersions, match=name):
            overrides.verify_versions({**installed, name: "9.9.9"}.__getitem__)


def test_the_installed_releases_are_those_that_the_overrides_answer_to() -> None:
    overrides.verify_versions()


async def test_records_are_fetched_many_at_a_time(consumer: overrides.WholeFetchConsumer) -> None:
    """Stock asks the broker for a byte, and so fetches after every record."""
    thread = consumer._new_consumer_thread()
    made = thread._create_worker_consumer(consumer.transport)
    assert made._fetch_min_bytes == overrides.FETCH_MIN_BYTES
    assert made._fetch_max_wait_ms == overrides.FETCH_WAIT_MS
    assert isinstance(consumer._thread, overrides.ConsumerThread)


async def test_a_whole_fetch_is_handed_over_as_it_came(
    app: SessionizerApp, consumer: overrides.WholeFetchConsumer
) -> None:
    """Stock: record by record through `on_message`, about 100 µs each."""
    done = asyncio.Event()
    fetches: list[dict[TP, list[str]]] = [{SOURCE: ["a", "b"]}, {SOURCE: ["c"], TP(BATCHES, 3): ["d"]}]

    async def getmany(active_partitions: set[TP], timeout: float) -> dict[TP, list[str]]:
        if fetches:
            return fetches.pop(0)
        done.set()
        await asyncio.sleep(0.01)
        return {}

    consumer._getmany = getmany  # type: ignore[assignment, method-assign]
    consumer._active_partitions = {SOURCE, TP(BATCHES, 3)}
    await drain_until(consumer, done)
    assert app.partitions.received == [(0, ["a", "b"]), (0, ["c"]), (3, ["d"])]  # type: ignore[attr-defined]


async def test_a_fetch_under_way_does_not_see_a_partition_that_is_resumed(
    consumer: overrides.WholeFetchConsumer,
) -> None:
    """#596: stock hands its live set to the other thread, so records come from before the seek."""
    done = asyncio.Event()
    seen: list[set[TP]] = []

    async def getmany(active_partitions: set[TP], timeout: float) -> dict[TP, list[str]]:
        consumer.resume_partitions({SOURCE})
        seen.append(set(active_partitions))
        done.set()
        await asyncio.sleep(0.01)
        return {}

    consumer._getmany = getmany  # type: ignore[assignment, method-assign]
    consumer._active_partitions = {CHANGELOG}
    await drain_until(consumer, done)
    assert seen[0] == {CHANGELOG}


@pytest.mark.parametrize("change", ["generation", "flow"])
async def test_what_was_fetched_before_a_rebalance_is_dropped(
    app: SessionizerApp, consumer: overrides.WholeFetchConsumer, change: str
) -> None:
    done = asyncio.Event()

    async def getmany(active_partitions: set[TP], timeout: float) -> dict[TP, list[str]]:
        if change == "generation":
            app.consumer_generation_id += 1
        else:
            consumer.stop_flow()
        done.set()
        await asyncio.sleep(0.01)
        return {SOURCE: ["from another time"]}

    consumer._getmany = getmany  # type: ignore[assignment, method-assign]
    consumer._active_partitions = {SOURCE}
    await drain_until(consumer, done)
    assert app.partitions.received == []  # type: ignore[attr-defined]


async def test_standing_still_means_that_no_fetch_is_under_way(
    consumer: overrides.WholeFetchConsumer,
) -> None:
    """Stock `wait_for_stopped_flow` waits for an event that is set all the time."""
    under_way, release = asyncio.Event(), asyncio.Event()

    async def getmany(active_partitions: set[TP], timeout: float) -> dict[TP, list[str]]:
        under_way.set()
        await release.wait()
        return {}

    consumer._getmany = getmany  # type: ignore[assignment, method-assign]
    consumer._active_partitions = {SOURCE}
    fetcher = SimpleNamespace(should_stop=False)
    task = asyncio.create_task(consumer._drain_messages(fetcher))  # type: ignore[arg-type]
    await asyncio.wait_for(under_way.wait(), 5)
    still = asyncio.create_task(consumer.stand_still())
    await asyncio.sleep(0.05)
    assert not still.done()
    release.set()
    await asyncio.wait_for(still, 5)
    fetcher.should_stop = True
    consumer.resume_flow()
    await asyncio.wait_for(task, 5)


async def test_faust_itself_commits_nothing(consumer: overrides.WholeFetchConsumer) -> None:
    """#606: stock commits what its streams acknowledged, past what is in flight."""
    committed: list[Any] = []

    async def force_commit(*args: Any, **kwargs: Any) -> bool:
        committed.append(args)
        return True

    consumer.force_commit = force_commit  # type: ignore[method-assign]
    await consumer.commit()
    await consumer.commit_and_end_transactions()
    assert committed == []


async def test_a_commit_that_fails_does_not_crash_the_app(
    app: SessionizerApp, consumer: overrides.WholeFetchConsumer
) -> None:
    """#94: stock crashes, and a commit is what fails first while a broker restarts."""

    async def no_broker(*args: Any) -> None:
        raise KafkaTimeoutError

    consumer._thread._ensure_consumer = lambda: SimpleNamespace(commit=None)  # type: ignore[method-assign]
    consumer._thread.assignment = lambda: {SOURCE}  # type: ignore[method-assign]
    consumer._thread.call_thread = no_broker  # type: ignore[method-assign]
    assert await consumer.commit_for_lag({SOURCE: 5}, "") is False
    assert not app._crashed.is_set()
    assert not consumer._thread._crashed.is_set()


async def test_partitions_that_fausts_streams_do_not_read_are_not_looked_at(
    consumer: overrides.WholeFetchConsumer,
) -> None:
    """Stock logs an error for each of them, again and again."""
    looked_at: list[TP] = []
    consumer._thread.assignment = lambda: {SOURCE}  # type: ignore[method-assign]
    consumer.verify_event_path = lambda now, tp: looked_at.append(tp)  # type: ignore[method-assign]
    await consumer.verify_all_partitions_active()
    assert looked_at == []


def a_recovery(app: SessionizerApp, calls: list[Any]) -> overrides.PositionRecovery:
    """Its consumer notes what it is asked, in order."""
    recovery = app.tables.recovery
    assert isinstance(recovery, overrides.PositionRecovery)
    recovery.active_tps = {CHANGELOG}
    app.consumer_generation_id = 7

    class Consumer:
        async def stand_still(self) -> None:
            calls.append("stand_still")

        async def seek_wait(self, offsets: Mapping[TP, int]) -> None:
            calls.append(("seek_wait", dict(offsets)))

        async def perform_seek(self) -> None:
            calls.append("seek to committed")

        def resume_partitions(self, tps: set[TP]) -> None:
            calls.append(("resume_partitions", tps))

        def resume_flow(self) -> None:
            calls.append("resume_flow")

    async def start_fetcher() -> None:
        calls.append("fetch")

    app._consumer = Consumer()  # type: ignore[assignment]
    app.__dict__["_fetcher"] = SimpleNamespace(maybe_start=start_fetcher)
    app._rebalancing_sensor_state = {"time_start": 0.0, "time_return": 0.0, "time_end": 0.0}
    return recovery


async def test_partitions_are_sought_by_their_position_before_they_are_resumed(
    app: SessionizerApp, calls: list[Any]
) -> None:
    """#596: stock resumes the source partitions first and seeks to what was committed."""
    recovery = a_recovery(app, calls)
    await recovery._take_over(generation=7)
    assert calls == [
        ("take_over", {0}),
        "stand_still",
        ("seek_wait", {SOURCE: 42}),
        ("start", {0}),
        ("resume_partitions", {SOURCE}),
        "resume_flow",
        "fetch",
    ]
    assert recovery.completed.is_set()


async def test_an_assignment_that_is_over_is_not_started(app: SessionizerApp, calls: list[Any]) -> None:
    recovery = a_recovery(app, calls)
    app.consumer_generation_id = 8
    await recovery._take_over(generation=7)
    assert ("start", {0}) not in calls
    assert "resume_flow" not in calls


async def test_a_signal_of_the_last_recovery_does_not_end_the_next(
    app: SessionizerApp, calls: list[Any]
) -> None:
    """Stock waits for `signal_recovery_end`, which may still be set from the recovery before."""
    recovery = a_recovery(app, calls)
    recovery.signal_recovery_end.set()
    reading = asyncio.Event()

    async def slow(partitions: set[int], generation: int) -> Mapping[int, int]:
        await reading.wait()
        return {0: 42}

    app.partitions.take_over = slow  # type: ignore[method-assign, assignment]
    taking_over = asyncio.create_task(recovery._take_over(generation=7))
    await asyncio.sleep(0.05)
    assert calls == []
    reading.set()
    await asyncio.wait_for(taking_over, 5)


async def test_an_assignment_amid_a_recovery_is_taken_over_instead(
    app: SessionizerApp, calls: list[Any]
) -> None:
    """Stock resumes the source partitions, then seeks to what was committed (#216, #596)."""
    recovery = a_recovery(app, calls)
    reading = asyncio.Event()

    async def slow(partitions: set[int], generation: int) -> Mapping[int, int]:
        calls.append(("take_over", generation))
        if generation == 7:
            reading.set()
            await asyncio.Event().wait()
        return dict.fromkeys(partitions, 42)

    app.partitions.take_over = slow  # type: ignore[method-assign, assignment]
    recovery._generation_id = 7
    recovery.signal_recovery_start.set()
    loop = asyncio.create_task(overrides.PositionRecovery._restart_recovery.fun(recovery))
    try:
        await asyncio.wait_for(reading.wait(), 5)
        app.consumer_generation_id = recovery._generation_id = 8
        recovery.signal_recovery_start.set()
        await asyncio.wait_for(recovery.completed.wait(), 5)
    finally:
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)
    assert [call for call in calls if "take_over" in call] == [("take_over", 7), ("take_over", 8)]
    assert calls.count(("start", {0})) == 1


@pytest.mark.parametrize("task", ["_slurp_changelogs", "_publish_stats"])
async def test_nobody_else_reads_the_changelog(app: SessionizerApp, calls: list[Any], task: str) -> None:
    """Stock reads it a record at a time, for ever, and only logs its errors."""
    recovery = a_recovery(app, calls)
    await asyncio.wait_for(getattr(overrides.PositionRecovery, task).fun(recovery), 2)


async def test_the_table_manager_does_not_sleep_and_has_our_recovery(app: SessionizerApp) -> None:
    manager = app.tables
    assert isinstance(manager.recovery, overrides.PositionRecovery)
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async def nothing() -> None:
        pass

    manager.sleep = sleep  # type: ignore[method-assign, assignment]
    manager._update_channels = nothing  # type: ignore[attr-defined]
    manager.recovery.start = nothing  # type: ignore[method-assign]
    await manager.on_start()
    assert slept == []


async def test_faust_starts_no_producer_no_leader_and_no_replies(app: SessionizerApp) -> None:
    """Its producer gives up flushing after 0.1 s and only logs what was not sent."""
    services = {type(service).__name__ for service in app.boot_strategy.server()}
    assert "WholeFetchConsumer" in services
    assert not services & {"Producer", "ThreadedProducer", "LeaderAssignor", "ReplyConsumer", "Web"}


async def test_faust_makes_no_directory(
    app: SessionizerApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    await app.on_first_start()
    assert list(tmp_path.iterdir()) == []


async def test_blocks_at_work_are_finished_before_a_partition_is_let_go(
    app: SessionizerApp, consumer: overrides.WholeFetchConsumer, calls: list[Any]
) -> None:
    consumer._thread.assignment = lambda: {SOURCE, CHANGELOG}  # type: ignore[method-assign]
    await app._on_partitions_revoked({SOURCE, CHANGELOG})
    assert calls == [("give_up", False)]
    assert not consumer.flow_active


async def test_blocks_at_work_are_finished_at_a_stop(
    app: SessionizerApp, consumer: overrides.WholeFetchConsumer, calls: list[Any]
) -> None:
    consumer._thread.assignment = set  # type: ignore[method-assign, assignment]
    await app._stop_consumer()
    assert calls == [("give_up", True)]


class Coordinator:
    """As much of aiokafka's as the watch touches."""

    def __init__(self, answered: bool) -> None:
        self.answered = answered


async def test_the_fence_hears_of_every_answered_heartbeat_and_of_an_expulsion(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """aiokafka keeps the time of the last heartbeat to itself and goes on however old it is."""

    async def do_heartbeat(self: Any) -> bool:
        return bool(self.answered)

    def reset_generation(self: Any) -> None:
        self.reset = True

    async def on_join_complete(self: Any, *args: Any) -> None:
        self.joined = args

    monkeypatch.setattr(GroupCoordinator, "_do_heartbeat", do_heartbeat)
    monkeypatch.setattr(GroupCoordinator, "reset_generation", reset_generation)
    monkeypatch.setattr(GroupCoordinator, "_on_join_complete", on_join_complete)
    fence = Fence(10_000)
    unwatch = overrides.watch_membership(fence)
    try:
        silent, alive = Coordinator(answered=False), Coordinator(answered=True)
        assert await GroupCoordinator._do_heartbeat(silent) is False
        assert fence.heartbeat_age_s() > 1_000_000
        before = time.monotonic()
        assert await GroupCoordinator._do_heartbeat(alive) is True
        assert fence.heartbeat_age_s() <= time.monotonic() - before
        GroupCoordinator.reset_generation(alive)
        assert fence.heartbeat_age_s() > 1_000_000
        await GroupCoordinator._on_join_complete(alive, 1, "member", "faust", b"")
        assert fence.heartbeat_age_s() < 1
    finally:
        unwatch()
    assert GroupCoordinator._do_heartbeat is do_heartbeat


class Ended(BaseException):
    pass


def end(reason: str, **facts: object) -> NoReturn:
    raise Ended(reason)


def watch(monkeypatch: pytest.MonkeyPatch, answer: object = None) -> Callable[[], None]:
    """Every request of a coordinator gets this answer; a member that ends itself raises."""

    async def send_request(self: Any, request: Any) -> object:
        return answer

    monkeypatch.setattr(GroupCoordinator, "_send_req", send_request)
    fence = Fence(10_000, end=end)
    fence.heard(time.monotonic())
    return overrides.watch_membership(fence)


HEARTBEAT_OF_AN_UNKNOWN_MEMBER = HeartbeatResponse_v1(0, 25)
COMMIT_OF_AN_UNKNOWN_MEMBER = OffsetCommitResponse_v3(0, [(BATCHES, [(0, 0), (1, 25)])])
JOIN_OF_A_FENCED_INSTANCE = JoinGroupResponse_v5(0, 82, -1, "", "", "", [])


@pytest.mark.parametrize(
    ("answer", "instance_id", "generation", "ends"),
    [
        (HEARTBEAT_OF_AN_UNKNOWN_MEMBER, "pod-0", 5, True),
        (COMMIT_OF_AN_UNKNOWN_MEMBER, "pod-0", 5, True),
        (JOIN_OF_A_FENCED_INSTANCE, "pod-0", -1, True),
        # Without an instance id it puts nobody out when it joins again.
        (HEARTBEAT_OF_AN_UNKNOWN_MEMBER, None, 5, False),
        # It was no member.
        (HEARTBEAT_OF_AN_UNKNOWN_MEMBER, "pod-0", -1, False),
        (HeartbeatResponse_v1(0, 0), "pod-0", 5, False),
        # The group has gone on without it: it joins again under the same id, and puts out only itself.
        (HeartbeatResponse_v1(0, 22), "pod-0", 5, False),
        (OffsetCommitResponse_v3(0, [(BATCHES, [(0, 0)])]), "pod-0", 5, False),
    ],
)
async def test_a_member_whose_instance_id_is_anothers_ends_itself(
    monkeypatch: pytest.MonkeyPatch, answer: object, instance_id: str | None, generation: int, ends: bool
) -> None:
    """aiokafka joins again and puts the other out, which joins again and puts this one out, and so on."""
    unwatch = watch(monkeypatch, answer)
    coordinator = SimpleNamespace(_group_instance_id=instance_id, generation=generation)
    try:
        if ends:
            with pytest.raises(Ended, match="instance id"):
                await GroupCoordinator._send_req(coordinator, None)
        else:
            assert await GroupCoordinator._send_req(coordinator, None) is answer
    finally:
        unwatch()


async def test_what_the_coordinator_cannot_handle_ends_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """aiokafka waits for a call of `getmany`, which Faust never makes, and sends no heartbeats meanwhile."""
    unwatch = watch(monkeypatch)
    coordinator = SimpleNamespace(_subscription=SimpleNamespace(abort_waiters=lambda error: None))
    try:
        with pytest.raises(Ended, match="cannot be joined"):
            await asyncio.wait_for(
                GroupCoordinator._push_error_to_user(coordinator, GroupAuthorizationFailedError()), 5
            )
    finally:
        unwatch()
