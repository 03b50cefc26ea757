"""In which order sessions are listed, and where in it a page ends."""

from typing import Annotated, Literal, Protocol
from uuid import UUID

import msgspec
from msgspec import Meta

from schemas.rrweb_event import LATEST_AT

Sort = Literal["started_at", "duration", "events"]
Direction = Literal["desc", "asc"]


class Order(msgspec.Struct, frozen=True):
    """Of equals the one that started later is the greater, then the one whose id is."""

    sort: Sort = "started_at"
    direction: Direction = "desc"


NEWEST_FIRST = Order()


class Position(msgspec.Struct, array_like=True, frozen=True):
    """The last session of a page: its key in the order. What follows it is the next page."""

    value: Annotated[int, Meta(ge=0, le=2**63 - 1)]
    """What is sorted by: ms since the epoch, ms, or events."""
    started_at: Annotated[int, Meta(ge=0, le=LATEST_AT)]
    session_id: UUID


class Listed(Protocol):
    """What a list shows of a session, as far as it is sorted by it."""

    @property
    def session_id(self) -> str: ...
    @property
    def started_at_ms(self) -> int: ...
    @property
    def first_event_at_ms(self) -> int: ...
    @property
    def last_event_at_ms(self) -> int: ...
    @property
    def events(self) -> int: ...


def position_of(session: Listed, order: Order) -> Position:
    match order.sort:
        case "started_at":
            value = session.started_at_ms
        case "duration":
            value = session.last_event_at_ms - session.first_event_at_ms
        case "events":
            value = session.events
    return Position(value, session.started_at_ms, UUID(session.session_id))
