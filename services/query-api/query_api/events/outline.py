"""Tells from a window's batches, without their text, where a page of it ends. Pure.

A page of lines says in its head where the next one begins, before any of it has been read.
"""

from typing import NamedTuple

from query_api.events.order import Place


class Outline(NamedTuple):
    """A batch without its text."""

    begin: Place
    """No event of the batch comes before this."""
    end: Place
    """No event of the batch comes after this."""
    raw_bytes: int


class Planning:
    """Give it the outlines of batches that hold an event behind `after`, by `begin`, until it is `done`.

    The page ends where the first batch begins that would take it past `limit_bytes`, but not before a batch
    that begins behind `after` is in it: so it holds an event.
    """

    def __init__(self, after: Place | None, limit_bytes: int) -> None:
        self.until: Place | None = None
        """Where the next page begins; this one holds every event before it. None where this is the last."""
        self.bounded = True
        """What the page holds is known to be less than about two pages."""
        self.done = False
        self._after = after
        self._limit_bytes = limit_bytes
        self._bytes = 0
        self._holds_an_event = False

    def add(self, outline: Outline) -> None:
        past = self._bytes + outline.raw_bytes > self._limit_bytes
        if self._holds_an_event and past:
            self.until = outline.begin
            self.done = True
            return
        self._bytes += outline.raw_bytes
        if self._after is None or outline.begin > self._after:
            self._holds_an_event = True
        elif past and self._bytes > outline.raw_bytes:
            # Several that reach into the page from before it; how much of them does cannot be told from here.
            self.bounded = False
            self.done = True


def just_before(place: Place) -> Place:
    """What comes after this begins with `place`."""
    return place._replace(idx=place.idx - 1)
