"""Where a batch stands in the order of arrival, and the SSE id that says so. Pure.

A visitor's batches are in one partition of the log, so partition and offset put a session's into one order.
"""

import re
from typing import NamedTuple

from query_api.problems import Reason, Refusal

LARGEST_PARTITION = 2**16 - 1
LARGEST_OFFSET = 2**63 - 1

_ID = re.compile(r"([0-9]{1,5})-([0-9]{1,19})(?:-([0-9]{1,19}))?", re.ASCII)


class Arrival(NamedTuple):
    partition: int
    offset: int


BEFORE_ALL = Arrival(-1, -1)


class EventId(NamedTuple):
    """`partition-offset`; with a third number while a stream that began at snapshots is not past them."""

    last: Arrival
    """The newest batch that the viewer has."""
    horizon: Arrival | None = None
    """Up to here the stream holds only what comes from each window's newest full snapshot on, as they were
    when it began: who resumes before it is to get exactly the rest."""

    def __str__(self) -> str:
        text = f"{self.last.partition}-{self.last.offset}"
        return text if self.horizon is None else f"{text}-{self.horizon.offset}"


def id_of(at: Arrival, horizon: Arrival | None) -> EventId:
    """The id of the message that tells of the batch there."""
    return EventId(at, horizon if horizon is not None and at <= horizon else None)


def read_id(text: str) -> EventId:
    """
    Raises:
        Refusal: bad_parameter, where it is no id of ours.
    """
    found = _ID.fullmatch(text)
    if found is not None:
        partition, offset = int(found[1]), int(found[2])
        horizon = offset if found[3] is None else int(found[3])
        if partition <= LARGEST_PARTITION and offset <= horizon <= LARGEST_OFFSET:
            return EventId(
                Arrival(partition, offset), None if found[3] is None else Arrival(partition, horizon)
            )
    raise Refusal(
        Reason.BAD_PARAMETER, "Last-Event-ID: not an id of this stream; give back the last one as it came."
    )
