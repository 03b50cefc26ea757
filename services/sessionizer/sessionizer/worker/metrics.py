"""Every metric of the sessionizer, declared once: name, unit, labels, help. docs/metrics.md is made from it.

Counters count work: a block that is repeated after a crash counts again.
"""

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)

from schemas.dead_letter import REASONS
from sessionizer.core.effects import Counts

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
BYTES = tuple(4.0**power for power in range(5, 14))
"""From 1 KiB to 64 MiB."""
RECORDS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000)
BY_PARTITION = ("partition",)


class Metrics:
    """The metrics and the registry that /metrics shows."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)

        def name(what: str) -> str:
            return f"playhead_sessionizer_{what}"

        def counter(what: str, help_: str, labels: tuple[str, ...] = ()) -> Counter:
            return Counter(name(what), help_, labels, registry=registry)

        def gauge(what: str, help_: str, labels: tuple[str, ...] = ()) -> Gauge:
            return Gauge(name(what), help_, labels, registry=registry)

        def histogram(
            what: str, help_: str, buckets: tuple[float, ...], labels: tuple[str, ...] = ()
        ) -> Histogram:
            return Histogram(name(what), help_, labels, buckets=buckets, registry=registry)

        self.lag_records = gauge(
            "lag_records", "Records of playhead.batches that are not in the state yet.", BY_PARTITION
        )
        self.lag_seconds = gauge(
            "lag_seconds",
            "How far the partition's stream time (its watermark and the grace) is behind the clock, seconds. "
            "Caught up, it is about the time between two ticks.",
            BY_PARTITION,
        )
        self.watermark_seconds = gauge(
            "watermark_seconds", "The partition's watermark, in seconds since the epoch.", BY_PARTITION
        )
        self.live_sessions = gauge("live_sessions", "Active sessions in the partition's state.", BY_PARTITION)
        self.visitors = gauge(
            "visitors",
            "Visitors that the partition's state remembers: with an active session, or with one that late "
            "batches may still come for.",
            BY_PARTITION,
        )
        self.state_bytes = gauge(
            "state_bytes", "Keys and values of the partition's state, encoded, bytes.", BY_PARTITION
        )
        self.state_bytes_per_live_session = gauge(
            "state_bytes_per_live_session",
            "The state's bytes divided by its active sessions; absent while there are none.",
            BY_PARTITION,
        )
        self.waiting_bytes = gauge(
            "waiting_bytes", "Bytes of records that were fetched and wait for their block.", BY_PARTITION
        )
        self.paused = gauge(
            "paused", "1 while no records are fetched because too many wait for their block.", BY_PARTITION
        )
        self.block_seconds_at_work = gauge(
            "block_seconds_at_work",
            "How long the block at work has been, seconds; 0 between two blocks.",
            BY_PARTITION,
        )
        self.batches = counter("batches", "Batches added to a session.")
        self.events = counter("events", "Events in them.")
        self.ticks = counter("ticks", "Ticks read.")
        self.sessions_started = counter("sessions_started", "Sessions that began.")
        self.sessions_completed = counter("sessions_completed", "Sessions that were completed.", ("reason",))
        self.late_batches = counter("late_batches", "Batches added to a completed session.")
        self.duplicate_batches = counter(
            "duplicate_batches", "Batches dropped because they were seen before."
        )
        self.duplicate_events = counter(
            "duplicate_events", "Events taken out because an earlier batch of the window has them."
        )
        self.missing_batches = counter("missing_batches", "Seqs of a window that were passed over.")
        self.arrived_batches = counter("arrived_batches", "Missing seqs that arrived after all.")
        self.repeated_records = counter(
            "repeated_records", "Records that the state held already: their block was begun before a crash."
        )
        self.dead_letters = counter("dead_letters", "Records sent to the dead letters.", ("reason",))
        for reason in REASONS:
            # From 0: what appears with its first record has not risen for whoever watches.
            self.dead_letters.labels(reason)
        self.erasures = counter("erasures", "Erasures carried out.")
        self.erased_batches = counter("erased_batches", "Late batches of what was erased, dropped.")
        self.block_records = histogram("block_records", "Records in a block.", RECORDS)
        self.block_bytes = histogram("block_bytes", "A block's values as they are in the log, bytes.", BYTES)
        self.insert_seconds = histogram(
            "insert_seconds",
            "From the first try of an insert to its acknowledgement, seconds.",
            SECONDS,
            ("table",),
        )
        self.insert_retries = counter(
            "insert_retries",
            "Tries of an insert that failed and were repeated, by ClickHouse's name of the error; "
            "`unreachable` where the server gave none.",
            ("table", "error"),
        )
        self.insert_waiting_seconds = gauge(
            "insert_waiting_seconds",
            "How long the oldest insert that is not acknowledged has been under way, seconds; 0 without one.",
        )
        self.commit_seconds = histogram(
            "commit_seconds", "From the start of a block to its written position, seconds.", SECONDS
        )
        self.recovery_seconds = gauge("recovery_seconds", "How long the last recovery took, seconds.")
        self.recovered_visitors = gauge("recovered_visitors", "Visitors in the state that it recovered.")
        self.heartbeat_age_seconds = gauge(
            "heartbeat_age_seconds",
            "Since the last heartbeat that the broker answered, seconds; +Inf while this worker is no "
            "member. Above the session timeout the worker fences itself: it ends before it writes again.",
        )
        self.generation = gauge("generation", "The group's generation that this worker has joined.")
        self.rebalances = counter(
            "rebalances", "Assignments that this worker has taken over, those without partitions too."
        )
        self.hanging_transactions = counter(
            "hanging_transactions",
            "Transactions of former owners that the broker had called ended, and this worker ended at a "
            "take-over.",
            ("topic", "outcome"),
        )
        self.fences = counter(
            "fences",
            "Times that this worker ended itself rather than guess, before this process too; counted from "
            "`ends_file`, so without one there are none.",
            ("reason",),
        )
        self.expulsions = counter(
            "expulsions",
            "Times that the group no longer knew this worker, which joins again. With an instance id it ends "
            "itself instead.",
        )

    def count(self, counts: Counts) -> None:
        """Add what a block did."""
        self.batches.inc(counts.batches)
        self.events.inc(counts.events)
        self.ticks.inc(counts.ticks)
        self.sessions_started.inc(counts.started)
        for reason, completed in counts.completed.items():
            self.sessions_completed.labels(reason).inc(completed)
        self.late_batches.inc(counts.late)
        self.duplicate_batches.inc(counts.duplicate_batches)
        self.duplicate_events.inc(counts.duplicate_events)
        self.missing_batches.inc(counts.missing)
        self.arrived_batches.inc(counts.arrived)
        self.repeated_records.inc(counts.repeated)
        self.erasures.inc(counts.erasures)
        self.erased_batches.inc(counts.erased)

    def forget_partition(self, partition: int) -> None:
        """A partition that is another's now shows nothing here."""
        for each in (
            self.lag_records,
            self.lag_seconds,
            self.watermark_seconds,
            self.live_sessions,
            self.visitors,
            self.state_bytes,
            self.state_bytes_per_live_session,
            self.waiting_bytes,
            self.paused,
            self.block_seconds_at_work,
        ):
            each.remove_by_labels({"partition": str(partition)})
