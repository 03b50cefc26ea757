"""What a rebuild is going to do, partition by partition, or why it must not. Pure."""

from collections.abc import Iterable, Mapping

import msgspec

from sessionizer.worker.continuity import Committed


class RebuildRefused(RuntimeError):  # noqa: N818
    """A rebuild would do harm here; the message says what to do first."""


class PartitionPlan(msgspec.Struct, frozen=True):
    """The log from `start` up to `read_to` is read again; nothing before or after."""

    partition: int
    start: int
    """The first offset that the log has."""
    read_to: int
    """The offset after the last record that was read before: its rows are in the tables."""
    replaced: int
    """Visitors that the changelog has now."""
    noted: int
    """How many partitions there were when the state was written; 0 where that is not known."""

    @property
    def records(self) -> int:
        return max(0, self.read_to - self.start)


def plan_rebuild(
    log: Mapping[int, tuple[int, int]],
    committed: Mapping[int, Committed],
    positions: Mapping[int, tuple[int, int]],
    replaced: Mapping[int, int],
) -> list[PartitionPlan]:
    """
    Args:
        log: start and end offset, by partition.
        committed: what the group has committed, by partition.
        positions: the offset and the noted count of the positions that the changelog still has, by partition.
        replaced: how many visitors the changelog has, by partition.

    Raises:
        RebuildRefused: the group has committed more than the log has.
    """
    plans = []
    for partition, (start, end) in sorted(log.items()):
        commit = committed.get(partition, Committed(0, 0))
        if commit.offset > end:
            raise RebuildRefused(
                f"partition {partition} was read up to {commit.offset} and ends at {end}: records that were "
                "read are gone from its end. To read what is there anew, delete the consumer group"
            )
        offset, noted = positions.get(partition, (-1, 0))
        # A position past the end is of a log that was there before.
        read_to = max(commit.offset, offset + 1 if offset < end else 0)
        noted = max(noted, commit.partitions)
        plans.append(PartitionPlan(partition, start, read_to, replaced.get(partition, 0), noted))
    return plans


def told(plans: Iterable[PartitionPlan]) -> list[str]:
    """The plan, for a person who is asked."""
    every = list(plans)
    lines = [
        f"partition {plan.partition}: {plan.records} records of the log are read again, from {plan.start} up "
        f"to {plan.read_to}; they replace {plan.replaced} visitors in the changelog"
        for plan in every
    ]
    counts = sorted({plan.noted for plan in every if plan.noted not in (0, len(every))})
    if counts:
        lines.append(
            f"there were {' and '.join(map(str, counts))} partitions, and there are {len(every)}: a visitor "
            "whose partition is another now and whose session is active begins a second session with its "
            "next batch, and the first is completed by its gap"
        )
    return lines
