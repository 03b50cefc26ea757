"""Finds in a batch the events that make a replay begin: a full snapshot and the Meta event before it. Pure.

Looking at events is unusual here (docs/adr/0020-order-of-events-without-parsing.md): it is done for the batch
that a seek begins in, and nothing else.
"""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from query_api.events.order import Batch, Place, cut

FULL_SNAPSHOT = 2
META = 4


class Found(NamedTuple):
    place: Place
    event: bytes


class _Kind(msgspec.Struct):
    type: int


_kind = msgspec.json.Decoder(_Kind).decode


def last_full_snapshot(batch: Batch, not_after_at: int) -> Found | None:
    """The last one whose time, in whole ms, is not after `not_after_at`."""
    return max(
        (each for each in _of_kind(batch, FULL_SNAPSHOT) if each.place.at <= not_after_at), default=None
    )


def last_meta(batch: Batch, after: Place | None, before: Place) -> Found | None:
    """The last one between these places."""
    metas = (each for each in _of_kind(batch, META) if each.place < before)
    return max((each for each in metas if after is None or each.place > after), default=None)


def _of_kind(batch: Batch, kind: int) -> Iterator[Found]:
    return (Found(place, event) for place, event in cut(batch) if _kind(event).type == kind)
