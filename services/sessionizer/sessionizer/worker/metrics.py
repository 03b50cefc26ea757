"""Every metric of the sessionizer, declared once: name, unit, labels, help.

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

from sessionizer.core.effects import Counts

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
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
        self.watermark_seconds = gauge(
            "watermark_seconds", "The partition's watermark, in seconds since the epoch.", BY_PARTITION
        )
        self.live_sessions = gauge("live_sessions", "Active sessions in the partition's state.", BY_PARTITION)
        self.paused = gauge(
            "paused", "1 while no records are fetched because too many wait for their block.", BY_PARTITION
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
        self.block_records = histogram("block_records", "Records in a block.", RECORDS)
        self.insert_seconds = histogram(
            "insert_seconds",
            "From the first try of an insert to its acknowledgement, seconds.",
            SECONDS,
            ("table",),
        )
        self.commit_seconds = histogram(
            "commit_seconds", "From the start of a block to its written position, seconds.", SECONDS
        )
        self.recovery_seconds = gauge("recovery_seconds", "How long the last recovery took, seconds.")
        self.recovered_visitors = gauge("recovered_visitors", "Visitors in the state that it recovered.")

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

    def forget_partition(self, partition: int) -> None:
        """A partition that is another's now shows nothing here."""
        for each in (self.lag_records, self.watermark_seconds, self.live_sessions, self.paused):
            each.remove_by_labels({"partition": str(partition)})
