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
    measured_s: float
    records: int


class TooShort(ValueError):  # noqa: N818
    """The log was worked off before there was anything to measure."""


def steady_rate(samples: Sequence[Sample], warm_up_s: float) -> Rate:
    """How fast records went by, from `warm_up_s` after the first one until the last one.

    The same warm-up is left out for everybody: compilers, caches and connections take it.

    Raises:
        TooShort: fewer than two samples are left.
    """
    began = next((one.at_s for one in samples if one.records), None)
    if began is None:
        raise TooShort("no record was worked off")
    last = samples[-1].records
    end = next(index for index, one in enumerate(samples) if one.records == last)
    measured = [one for one in samples[: end + 1] if one.at_s >= began + warm_up_s]
    if len(measured) < 2:
        raise TooShort(
            f"all {last} records were worked off {samples[end].at_s - began:.1f} s after the first"
        )
    first, final = measured[0], measured[-1]
    records, took_s = final.records - first.records, final.at_s - first.at_s
    used_s = max(final.cpu_s - first.cpu_s, 1e-9)
    return Rate(records / took_s, records / used_s, took_s, records)
