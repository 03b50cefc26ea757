"""A drain: somebody works a filled log off, and tells again and again how far it has come. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Sample:
    at_s: float
    cpu_s: float
    """Processor time of the whole process so far."""
    records: int
    """Records worked off so far."""


@dataclass(frozen=True)
class Rate:
    per_s: float
    per_cpu_s: float
    took_s: float
    cpu_s: float
    records: int

    def __str__(self) -> str:
        return (
            f"{self.per_s:,.0f} a second, {self.per_cpu_s:,.0f} a CPU second"
            f" (of {self.took_s:.1f} s, {self.cpu_s:.1f} on the core)"
        )


@dataclass(frozen=True)
class Bounds:
    """Both are counted from the first record on, in processor time: so a busy machine leaves out as much."""

    warm_up_cpu_s: float = 4
    measured_cpu_s: float = 8
    longest_s: float = 45
    """On the clock, for who waits more than it works."""


class TooShort(ValueError):  # noqa: N818
    """The log was worked off before there was anything to measure."""


class Drain:
    """Takes samples until there is enough; then gives the rate."""

    def __init__(self, records: int, bounds: Bounds) -> None:
        self._records = records
        self._bounds = bounds
        self._first: Sample | None = None
        self._measured: list[Sample] = []
        self._last: Sample | None = None

    @property
    def moved_at_s(self) -> float | None:
        """When it was last seen to move."""
        return None if self._last is None else self._last.at_s

    def enough(self, sample: Sample) -> bool:
        """Take a sample; true if it is the last that is needed."""
        if sample.records and self._first is None:
            self._first = sample
        if self._last is None or sample.records != self._last.records:
            self._last = sample
            if self._first is not None and self._used(sample) >= self._bounds.warm_up_cpu_s:
                self._measured.append(sample)
        if sample.records >= self._records:
            return True
        return self._first is not None and (
            self._used(sample) >= self._bounds.warm_up_cpu_s + self._bounds.measured_cpu_s
            or sample.at_s - self._first.at_s >= self._bounds.longest_s
        )

    def _used(self, sample: Sample) -> float:
        return 0.0 if self._first is None else sample.cpu_s - self._first.cpu_s

    def rate(self) -> Rate:
        """How fast records went by after the warm-up; between samples at which it had moved.

        Raises:
            TooShort: fewer than two samples are left.
        """
        if len(self._measured) < 2:
            raise TooShort(f"nothing to measure after the warm-up: {self._first} to {self._last}")
        first, last = self._measured[0], self._measured[-1]
        records, took_s, used_s = (
            last.records - first.records,
            last.at_s - first.at_s,
            last.cpu_s - first.cpu_s,
        )
        return Rate(records / took_s, records / max(used_s, 1e-9), took_s, used_s, records)


def median_rate(rates: Sequence[Rate]) -> Rate:
    """By records a second of the clock."""
    return sorted(rates, key=lambda rate: rate.per_s)[len(rates) // 2]
