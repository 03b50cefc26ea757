"""The first reading of a file: what is in it, and is each event one? Nothing is sent before that is known."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from playhead.importing.documents import windows
from playhead.importing.problems import Unimportable
from playhead.importing.recorded_events import Event, RecordedEvents
from schemas.rrweb_event import LATEST_AT

ID_FORM = b"playhead import, form 1"
"""Part of what ids are made of. A seq stands for the same events while files are cut in the same way: who
changes CUT (sending.py) changes this."""


@dataclass(frozen=True)
class Survey:
    """What a file holds.

    Attributes:
        digest: 32 hex digits over the events' bytes; the same however the file wraps and compresses them.
        first_at: of the earliest event, ms since the epoch; last_at of the latest.
        unfinished: it ends with a page that names a next one.
        window: of an exported page, which has one or several; None of any other file.
        visit: whose all windows of a page are: the digest of its first one.
    """

    file: Path
    events: int
    raw_bytes: int
    first_at: int
    last_at: int
    digest: str
    unfinished: bool
    window: str | None = None
    visit: str | None = None


class Digest:
    """Goes along with events that are read, and tells in the end which they were."""

    def __init__(self) -> None:
        self._hash = hashlib.blake2b(ID_FORM, digest_size=16)

    def over(self, events: Iterable[Event]) -> Iterator[Event]:
        for event in events:
            self._hash.update(b"%d:" % len(event.text))
            self._hash.update(event.text)
            yield event

    def hex(self) -> str:
        return self._hash.hexdigest()


def surveys(file: Path) -> list[Survey]:
    """Read each window of a file through: those of an exported page, of any other file the one that it is.

    Raises:
        Unimportable: it cannot be imported; the message names no file.
    """
    try:
        found = [survey(file, window) for window in windows(file)]
    except OSError as error:
        raise Unimportable(f"it cannot be read: {error.strerror or error}") from None
    return found if len(found) == 1 else [replace(each, visit=found[0].digest) for each in found]


def survey(file: Path, window: str | None = None) -> Survey:
    """Read a file, or a window of an exported page, through, holding no more than one document of it.

    Raises:
        Unimportable: it cannot be imported; the message names no file.
    """
    recorded, digest = RecordedEvents(file, window=window), Digest()
    events = raw_bytes = last_at = 0
    first_at = LATEST_AT
    try:
        for event in digest.over(recorded):
            events += 1
            raw_bytes += len(event.text)
            first_at, last_at = min(first_at, event.at), max(last_at, event.at)
    except OSError as error:
        raise Unimportable(f"it cannot be read: {error.strerror or error}") from None
    return Survey(file, events, raw_bytes, first_at, last_at, digest.hex(), recorded.unfinished, window)
