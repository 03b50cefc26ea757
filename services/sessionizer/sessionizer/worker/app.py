"""Puts the worker together: Faust's app with our overrides, and around it the pieces of this folder.

The one place that knows all of them. Nothing is decided here.
"""

import os
import socket
from collections.abc import Collection, Iterable, Mapping
from functools import partial
from typing import Any, cast

import structlog
from aiokafka.errors import KafkaError
from faust.types import TP
from yarl import URL

from schemas.topic import BATCHES, DEAD_LETTERS, declared, kept_ms
from sessionizer.core.block import BlockLimits
from sessionizer.core.rules import Rules
from sessionizer.core.state import Shard
from sessionizer.settings import Settings
from sessionizer.sink.erase import Eraser
from sessionizer.sink.insert import Inserter
from sessionizer.worker import overrides
from sessionizer.worker.commit import Committer
from sessionizer.worker.continuity import Continuity, commit_note, group_commits
from sessionizer.worker.dispatch import Dispatch
from sessionizer.worker.ends import Ends
from sessionizer.worker.fence import Fence
from sessionizer.worker.hanging import end_hanging
from sessionizer.worker.hanging_watch import watch_hanging
from sessionizer.worker.health import HealthServer
from sessionizer.worker.liveness import Limits
from sessionizer.worker.metrics import Metrics
from sessionizer.worker.offsets import commit_offsets
from sessionizer.worker.output import ClickHouseOutput, Output
from sessionizer.worker.preflight import verify_topics
from sessionizer.worker.recovery import Recovery
from sessionizer.worker.shard_table import declare_shard_table
from sessionizer.worker.steps import Reached, nobody_listens
from sessionizer.worker.ticks import tick, tick_producer
from sessionizer.worker.transaction import PartitionWriter, Producer, transactional_producer
from sessionizer.worker.watch import Watch

APP_ID = "playhead-sessionizer"
FETCH_BYTES = 1024 * 1024
NEVER_S = 7 * 86_400.0
"""For limits of Faust that another of ours replaces."""

log = structlog.get_logger(__name__)


class SessionizerApp(overrides.App):
    """The Faust app; what it starts beside Faust's own services is started and stopped with it."""

    partitions: Dispatch

    def __init__(self, settings: Settings, reached: Reached = nobody_listens):
        client_id = settings.instance_id or f"{socket.gethostname()}-{os.getpid()}"
        super().__init__(
            APP_ID,
            broker=[URL(f"kafka://{address}") for address in settings.kafka_bootstrap.split(",")],
            broker_client_id=client_id,
            broker_session_timeout=settings.broker_session_timeout_ms / 1000,
            broker_heartbeat_interval=settings.broker_session_timeout_ms / 1000 / 5,
            broker_request_timeout=max(40.0, settings.broker_session_timeout_ms / 1000),
            broker_max_poll_interval=NEVER_S,
            consumer_group_instance_id=settings.instance_id,
            consumer_auto_offset_reset="earliest",
            consumer_max_fetch_size=FETCH_BYTES,
            canonical_url=URL(f"http://{client_id}"),
            key_serializer="raw",
            value_serializer="raw",
            store=URL("memory://"),
            table_standby_replicas=0,
            topic_allow_declare=False,
            topic_disable_leader=True,
            web_enabled=False,
            worker_redirect_stdouts=False,
            loghandlers=[],
            TableManager=overrides.ShardTableManager,
        )
        self.source_topic = BATCHES
        self.settings = settings
        self.metrics = Metrics()
        self._own_ends = Ends(settings.ends_file)
        for reason, times in self._own_ends.by_reason().items():
            self.metrics.fences.labels(reason).inc(times)
        self.fence = Fence(
            settings.broker_session_timeout_ms,
            end=self._own_ends.end,
            told_expelled=self.metrics.expulsions.inc,
        )
        self.unwatch = overrides.watch_membership(self.fence)
        self._reached = reached
        self._inserter = Inserter(
            settings.clickhouse_url,
            settings.clickhouse_user,
            settings.clickhouse_password.get_secret_value(),
            settings.clickhouse_database,
            retried=lambda table, error: self.metrics.insert_retries.labels(table, error).inc(),
        )
        self._eraser = Eraser(
            settings.clickhouse_url,
            settings.clickhouse_user,
            settings.clickhouse_password.get_secret_value(),
            settings.clickhouse_database,
        )
        self._recovery = Recovery(settings.kafka_bootstrap)
        self._continuity = Continuity(settings.kafka_bootstrap, APP_ID, self._own_ends.end)
        self._watch = Watch(
            owned=lambda: self.partitions.owned(),
            ready=lambda: self.partitions.ready,
            prepared=lambda: self._recovery.records_read + self.consumer_generation_id,
            generation=lambda: self.consumer_generation_id,
            inserts=lambda: self._inserter.waiting,
            fence=self.fence,
            metrics=self.metrics,
            limits=Limits(
                stuck_after_s=settings.stuck_after_ms / 1000,
                unready_after_s=settings.unready_after_ms / 1000,
                session_timeout_s=settings.broker_session_timeout_ms / 1000,
            ),
            grace_ms=settings.grace_ms,
        )
        self._health = HealthServer(self.metrics.registry, self._watch.health, lambda: self.partitions.ready)
        declare_shard_table(self)
        self.topics.add(self.topic(BATCHES, key_type=bytes, value_type=bytes))

    def on_init_dependencies(self) -> Iterable[Any]:
        """Called once, when the loop runs: Kafka's clients can only be made then."""
        settings, bootstrap = self.settings, self.settings.kafka_bootstrap
        self._tick_producer = tick_producer(
            bootstrap, f"{self.conf.broker_client_id}-ticks", settings.tick_ms
        )
        committer = Committer(
            rules=Rules(
                topic=BATCHES,
                grace_ms=settings.grace_ms,
                ended_after_ms=settings.ended_after_ms,
                retain_ms=settings.retain_ms,
            ),
            output=self.output(),
            fence=self.fence,
            metrics=self.metrics,
            recover=self._recover_one,
            kept_ms={name: kept_ms(declared()[name]) for name in (BATCHES, DEAD_LETTERS)},
            blocks_at_once=settings.blocks_at_once,
            reached=self._reached,
        )
        self.partitions = Dispatch(
            recovery=self._recovery,
            end_hanging=self._end_hanging,
            verify=self._continuity.verify,
            writer_of=self._writer_of,
            committer=committer,
            fence=self.fence,
            fetching=self,
            limits=BlockLimits(records=settings.block_records, value_bytes=settings.block_bytes),
            queue_bytes=settings.queue_bytes,
            stop_within_ms=settings.stop_within_ms,
            metrics=self.metrics,
            end=self._own_ends.end,
        )
        return super().on_init_dependencies()

    def output(self) -> Output:
        """Where its blocks' rows go."""
        return ClickHouseOutput(
            inserter=self._inserter,
            erase=self._eraser.erase,
            fence=self.fence,
            metrics=self.metrics,
            max_payload_bytes=self.settings.max_payload_bytes,
            reached=self._reached,
        )

    async def on_start(self) -> None:
        settings, owned = self.settings, self.partitions.owned
        await self._health.start(settings.host, settings.metrics_port)
        self.add_future(self._watch.run())
        await verify_topics(settings.kafka_bootstrap, APP_ID)
        await self._tick_producer.start()
        self.add_future(tick(self._tick_producer, self._ticked, settings.tick_ms))
        self.add_future(self._continuity.watch())
        self.add_future(
            watch_hanging(settings.kafka_bootstrap, self.partitions.producers, self._own_ends.end)
        )
        self.add_future(
            commit_offsets(owned, self._commit, self._ends, self._watch.heard_ends, self._reached)
        )
        await super().on_start()

    async def on_stop(self) -> None:
        await super().on_stop()
        await self._tick_producer.stop()
        await self._inserter.close()
        await self._eraser.close()
        await self._health.close()

    def pause(self, topic: str, partition: int) -> None:
        self.consumer.pause_partitions({TP(topic, partition)})

    def resume(self, topic: str, partition: int) -> None:
        self.consumer.resume_partitions({TP(topic, partition)})

    def _writer_of(self, partition: int) -> PartitionWriter:
        client_id = f"{self.conf.broker_client_id}-{partition}"
        producer = transactional_producer(self.settings.kafka_bootstrap, client_id, partition)
        return PartitionWriter(producer, partition)

    async def _end_hanging(self, producers: Mapping[int, Producer]) -> None:
        bootstrap = self.settings.kafka_bootstrap
        for each, committed in await end_hanging(
            bootstrap, producers, partial(group_commits, bootstrap, APP_ID)
        ):
            outcome = "committed" if committed else "aborted"
            self.metrics.hanging_transactions.labels(each.tp.topic, outcome).inc()

    def _ticked(self) -> Collection[int]:
        """None while they may be another's: a late tick would do no harm, but nothing is to be written."""
        return self.partitions.owned() if self.fence.holds() else ()

    async def _recover_one(self, partition: int) -> Shard:
        return (await self._recovery.shards({partition}))[partition]

    async def _commit(self, offsets: Mapping[int, int]) -> bool:
        consumer = cast(overrides.WholeFetchConsumer, self.consumer)
        wanted = {TP(BATCHES, number): to for number, to in offsets.items()}
        return await consumer.commit_for_lag(wanted, commit_note(self._continuity.partitions))

    async def _ends(self, partitions: list[int]) -> dict[int, int]:
        try:
            found = await self.consumer.highwaters(*(TP(BATCHES, number) for number in partitions))
        except KafkaError as error:
            log.warning("end offsets not known", error=repr(error))
            return {}
        return {tp.partition: end for tp, end in found.items()}
