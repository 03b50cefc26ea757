"""The second reading of a file: its events, batch after batch, each with the next seq."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import httpx

from playhead.importing.problems import Unimportable
from playhead.importing.recorded_events import RecordedEvents
from playhead.importing.survey import Digest, Survey
from playhead.player.batches import Cut, array, cut
from playhead.player.send import Refused, Window, send

CUT = Cut(events=1_000, raw_bytes=1024 * 1024, span_ms=5_000)
"""No longer than a recorder's batches, so that a pause ends a session as it would have. Who changes this,
changes ID_FORM (survey.py)."""

T = TypeVar("T")


@dataclass(frozen=True)
class Sent:
    """What the collector acknowledged, duplicates included."""

    events: int
    batches: int


async def send_file(
    client: httpx.AsyncClient,
    surveyed: Survey,
    sender: Window,
    *,
    timeout_s: float,
    sent: Callable[[int], None] = lambda _: None,
) -> Sent:
    """Send a file's events in the file's order.

    No `sent_at` goes with them: without it a time is taken as it is, not moved by what the way to the
    collector took (ADR 75).

    Args:
        client: its base URL is the collector.
        timeout_s: for how long an unreachable or busy collector is tried, for each batch.
        sent: is told the number of each batch's events.

    Raises:
        Unimportable: the file is another than was surveyed, or an event was refused.
        Refused, Unavailable, httpx.TransportError: of a batch as a whole.
    """
    digest = Digest()
    events = batches = 0
    for batch, last in marking_last(
        cut(digest.over(RecordedEvents(surveyed.file, window=surveyed.window)), CUT)
    ):
        if last and digest.hex() != surveyed.digest:
            raise Unimportable(f"the file was changed while it was imported; {events} events were sent")
        try:
            accepted = await send(
                client,
                sender,
                seq=batches,
                body=array(event.text for event in batch),
                sent_at=None,
                timeout_s=timeout_s,
                final=last,
            )
        except Refused as error:
            if error.status in (401, 403):
                raise
            blamed = batch[error.index or 0].place
            where = blamed if error.index is not None else f"the batch that begins with {blamed}"
            raise Unimportable(f"{where} was refused, after {events} events were sent: {error}") from error
        events, batches = events + accepted, batches + 1
        sent(accepted)
    return Sent(events, batches)


def marking_last(batches: Iterable[list[T]]) -> Iterator[tuple[list[T], bool]]:
    """Each with whether it is the last; reads one ahead."""
    rest = iter(batches)
    held = next(rest, None)
    while held is not None:
        following = next(rest, None)
        yield held, following is None
        held = following
