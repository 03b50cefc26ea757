"""Every place where the worker does not do what Faust does, each with its reason.

Numbers are issues of faust-streaming/faust. Stock behaviour was read in, and the overrides answer to, exactly
the releases that `verify_versions` names. Each has a test in tests/sessionizer/worker/test_overrides.py that
fails without it. May know Faust, mode and aiokafka; decides nothing about sessions.
"""

# ruff: noqa: SLF001 -- this is the one module that reaches into Faust and aiokafka.
import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from importlib.metadata import version
from typing import Any, Protocol, cast

import faust
import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.errors import ConsumerStoppedError, KafkaError
from aiokafka.structs import OffsetAndMetadata, TopicPartition
from faust.app.base import BootStrategy
from faust.tables.manager import TableManager
from faust.tables.recovery import RebalanceAgain, Recovery, ServiceStopped
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from faust.types.transports import ConsumerT
from mode import Service
from mode.types import ServiceT

from sessionizer.worker.fence import Fence
from sessionizer.worker.kafka_record import KafkaRecords

PINNED = {"faust-streaming": "0.15.3", "mode-streaming": "0.7.1"}
PINNED_SERIES = {"aiokafka": "0.14."}
FETCH_TIMEOUT_S = 0.5
FETCH_MIN_BYTES = 1024 * 1024
FETCH_WAIT_MS = 100

log = structlog.get_logger(__name__)


class WrongVersions(RuntimeError):  # noqa: N818
    """The overrides answer to other releases than those installed."""


def verify_versions(installed: Callable[[str], str] = version) -> None:
    """Refuse to start on a release whose insides were not read.

    Raises:
        WrongVersions: names what is installed and what is needed.
    """
    wrong = [
        f"{name} {installed(name)}, needs {want}" for name, want in PINNED.items() if installed(name) != want
    ]
    wrong += [
        f"{name} {installed(name)}, needs {series}*"
        for name, series in PINNED_SERIES.items()
        if not installed(name).startswith(series)
    ]
    if wrong:
        raise WrongVersions("; ".join(wrong))


class Partitions(Protocol):
    """What the overrides hand over to: the worker's own handling of its partitions."""

    async def take_over(self, partitions: set[int], generation: int) -> Mapping[int, int]:
        """Recover these partitions; gives the offset that each is to be read from."""

    async def start(self, partitions: set[int], generation: int) -> None:
        """The consumer stands at those offsets: begin."""

    async def give_up(self, *, stopping: bool) -> None:
        """Finish the blocks at work and let go of all partitions."""

    def receive(self, partition: int, records: KafkaRecords) -> None:
        """Records of one partition, in order, just fetched."""


class ConsumerThread(driver.AIOKafkaConsumerThread):
    def _create_worker_consumer(self, transport: driver.Transport) -> AIOKafkaConsumer:
        """Few large fetches: what a block waits for is its tick, not the record before it.

        Stock asks for a byte and so fetches after every record that is written, which costs the broker and
        the worker more than the record does. It has no setting for it.
        """
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_min_bytes = FETCH_MIN_BYTES
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS
        return consumer


class WholeFetchConsumer(driver.Consumer):
    """Hands over what was fetched as it was fetched, and never commits or seeks by itself."""

    partitions: Partitions

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def _drain_messages(self, fetcher: ServiceT) -> None:
        """Whole fetches instead of a record at a time.

        Stock: a Message, an Event, a queue and acknowledgement sets for every record, about 100 µs each; and
        `getmany` reads the live set of active partitions, which `resume_partitions` changes under a fetch
        that is under way in the other thread (#596).
        """
        self.fetch_ended.set()
        try:
            while not (self.should_stop or fetcher.should_stop):
                if not self.flow_active:
                    await self.wait(self.can_resume_flow.wait())
                    continue
                active = set(self._get_active_partitions())
                if not active:
                    await self.sleep(FETCH_TIMEOUT_S / 10)
                    continue
                generation = self.app.consumer_generation_id
                self.fetch_ended.clear()
                try:
                    fetched = await self._getmany(active_partitions=active, timeout=FETCH_TIMEOUT_S)
                finally:
                    self.fetch_ended.set()
                if not self.flow_active or generation != self.app.consumer_generation_id:
                    continue  # A seek follows before the flow is resumed: these will come again.
                for tp, records in fetched.items():
                    self.partitions.receive(tp.partition, records)
        except (asyncio.CancelledError, ConsumerStoppedError):
            if not self.app.should_stop:
                raise

    async def stand_still(self) -> None:
        """Stop the flow and wait until no fetch is under way, so that a seek is not overtaken (#596)."""
        self.stop_flow()
        await self.fetch_ended.wait()

    @property
    def fetch_ended(self) -> asyncio.Event:
        """Set while no fetch is under way. Stock waits for an event that is always set."""
        if not hasattr(self, "_fetch_ended"):
            self._fetch_ended = asyncio.Event()
            self._fetch_ended.set()
        return self._fetch_ended

    async def commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:
        """Never from Faust's own timers and stops: they commit past what is in flight (#606)."""
        return False

    async def commit_for_lag(self, offsets: Mapping[TP, int], note: str) -> bool:
        """Commit so that lag can be seen, each with a note; False if it failed, which harms nothing.

        Stock `_commit` crashes the app when a commit fails (#94, where a partition had been revoked), and a
        commit is the least that can fail while a broker restarts.
        """
        consumer = self._thread._ensure_consumer()
        assigned = self.assignment()
        wanted = {
            TopicPartition(tp.topic, tp.partition): OffsetAndMetadata(offset, note)
            for tp, offset in offsets.items()
            if tp in assigned
        }
        if not wanted:
            return False
        try:
            await self._thread.call_thread(consumer.commit, wanted)
        except KafkaError as error:
            log.warning("offsets not committed", error=repr(error))
            return False
        return True

    async def verify_all_partitions_active(self) -> None:
        """Stock logs an error for every partition that its own streams do not read; ours never do."""


class Transport(driver.Transport):
    Consumer = WholeFetchConsumer


class PositionRecovery(Recovery):
    """Recovers shards, then reads on from the position in their state, whatever was committed."""

    app: "App"

    @Service.task
    async def _restart_recovery(self) -> None:
        """One straight way from an assignment to a running worker.

        Stock resumes the source partitions before it seeks them, so records come from a place that is not the
        state's (#216, #596); it seeks to the committed offset, which is behind or ahead of the state after a
        crash; and a signal left over from the last recovery can end the next one before it has read anything.
        """
        while not self.should_stop:
            if await self.wait_for_stopped(self.signal_recovery_start.wait()):
                break
            self.signal_recovery_start.clear()
            try:
                await self._wait(self._take_over(self._generation_id))
            except RebalanceAgain:
                continue
            except ServiceStopped:
                break

    async def _take_over(self, generation: int) -> None:
        app, consumer = self.app, cast(WholeFetchConsumer, self.app.consumer)
        changelogs = set(self.active_tps)
        numbers = {tp.partition for tp in changelogs}
        app.in_recovery = self.in_recovery = True
        offsets = await app.partitions.take_over(numbers, generation)
        await consumer.stand_still()
        sources = {TP(app.source_topic, number): offset for number, offset in offsets.items()}
        if sources:
            await consumer.seek_wait(sources)
        if generation != app.consumer_generation_id:
            return
        app.in_recovery = self.in_recovery = False
        await app.partitions.start(numbers, generation)
        consumer.resume_partitions(set(sources))
        app.flow_control.resume()
        consumer.resume_flow()
        await app._fetcher.maybe_start()
        self.completed.set()
        self.tables.on_actives_ready()
        self.tables.on_standbys_ready()
        app.on_rebalance_end()

    @Service.task
    async def _slurp_changelogs(self) -> None:
        """Stock applies the changelog a record at a time and only logs the errors; `recovery.py` reads it."""

    @Service.task
    async def _publish_stats(self) -> None:
        """Stock counts what `_slurp_changelogs` read."""


class ShardTableManager(TableManager):
    async def on_start(self) -> None:
        """Without the second that stock sleeps for agents, of which we have none."""
        await self._update_channels()
        await self.recovery.start()

    @property
    def recovery(self) -> Recovery:
        """Ours instead of stock's."""
        if self._recovery is None:
            self._recovery = PositionRecovery(self.app, self, beacon=self.beacon, loop=self.loop)
        return self._recovery


class ConsumerOnly(BootStrategy):
    """What Faust starts for us: the consumer, the conductor, the tables.

    Not its producer: `ProducerBuffer.flush` gives up after 0.1 s and failed changelog sends are only logged.
    Not the leader topic and the reply topic: we need neither, and topics are created by `playhead topics`.
    """

    enable_kafka_producer = False

    def kafka_consumer(self) -> Iterable[Any]:
        return [self.app.consumer]


class App(faust.App):
    BootStrategy = ConsumerOnly

    source_topic: str
    partitions: Partitions

    def _create_directories(self) -> None:
        """Stock makes a data directory in the working directory; a shard is in memory."""

    def _new_transport(self) -> Transport:
        return Transport(self.conf.broker_consumer, self)

    def _new_consumer(self) -> ConsumerT:
        consumer = cast(WholeFetchConsumer, super()._new_consumer())
        consumer.partitions = self.partitions
        return consumer

    async def _on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Blocks at work are finished first; stock waits for acknowledgements that its streams would give."""
        if not self.should_stop:
            self.consumer.stop_flow()
            await self.partitions.give_up(stopping=False)
        await super()._on_partitions_revoked(revoked)

    async def _stop_consumer(self) -> None:
        """On stop too."""
        if self._consumer is not None:
            self._consumer.stop_flow()
            await self.partitions.give_up(stopping=True)
        await super()._stop_consumer()


UNKNOWN_MEMBER, FENCED_INSTANCE = 25, 82
"""Error codes of Kafka's protocol; aiokafka has no name for the second."""


def watch_membership(fence: Fence) -> Callable[[], None]:
    """Tell the fence of every heartbeat that the broker answered, and of the end of a membership.

    aiokafka keeps the time of the last good heartbeat in a local variable and goes on, whatever its age: a
    process that was paused past its session writes what another has already written differently.

    A member with an instance id that is another's meanwhile joins again, in aiokafka, and puts the other out:
    its heartbeats do not carry the id, so the broker says no more than that it does not know the member.

    What a coordinator cannot handle it keeps for whoever calls `getmany` of its consumer, and waits for that
    without a heartbeat. Faust fetches past `getmany`, so it would wait for ever.

    Returns:
        A function that takes the watch off again.
    """
    send_request: Callable[[GroupCoordinator, Any], Awaitable[Any]] = GroupCoordinator._send_req
    do_heartbeat: Callable[[GroupCoordinator], Awaitable[bool]] = GroupCoordinator._do_heartbeat
    reset_generation: Callable[[GroupCoordinator], None] = GroupCoordinator.reset_generation
    join_complete: Callable[..., Awaitable[None]] = GroupCoordinator._on_join_complete
    push_error: Callable[..., Awaitable[Any]] = GroupCoordinator._push_error_to_user

    async def watched_request(self: GroupCoordinator, request: Any) -> Any:
        answer = await send_request(self, request)
        instance_id, errors = self._group_instance_id, errors_of(answer)
        if instance_id is not None and (
            FENCED_INSTANCE in errors or (UNKNOWN_MEMBER in errors and self.generation > 0)
        ):
            fence.replaced(instance_id)
        return answer

    async def watched_heartbeat(self: GroupCoordinator) -> bool:
        sent_at = time.monotonic()
        answered = await do_heartbeat(self)
        if answered:
            fence.heard(sent_at)
        return answered

    def watched_reset(self: GroupCoordinator) -> None:
        fence.expelled()
        reset_generation(self)

    async def watched_join(self: GroupCoordinator, *args: Any) -> None:
        fence.heard(time.monotonic())
        await join_complete(self, *args)

    async def watched_error(self: GroupCoordinator, error: Exception) -> None:
        fence.cannot_join(error)

    def unwatch() -> None:
        GroupCoordinator._send_req = send_request
        GroupCoordinator._do_heartbeat = do_heartbeat
        GroupCoordinator.reset_generation = reset_generation
        GroupCoordinator._on_join_complete = join_complete
        GroupCoordinator._push_error_to_user = push_error

    GroupCoordinator._send_req = watched_request
    GroupCoordinator._do_heartbeat = watched_heartbeat
    GroupCoordinator.reset_generation = watched_reset
    GroupCoordinator._on_join_complete = watched_join
    GroupCoordinator._push_error_to_user = watched_error
    return unwatch


def errors_of(answer: Any) -> set[int]:
    """The error codes in a group coordinator's answer: one, or one a partition of each topic."""
    if (code := getattr(answer, "error_code", None)) is not None:
        return {code}
    found: set[int] = set()
    for _, partitions in getattr(answer, "topics", ()):
        found.update(each[-1] for each in partitions)
    return found
