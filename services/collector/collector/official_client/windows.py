"""Which window the events of a socket or a post are of, where several pages share one recording id.

Pure: the time is handed in. The client keeps the id in sessionStorage, so it stays for all pages of a
tab, one after another, and `window.open` and a duplicated tab copy it. Node ids are private to a page's
recorder: events of two in one window cannot be played. Nothing tells them apart but that their sockets
are open at the same time, so this is known within one process only.
"""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field

MOST_CHARS = 64
"""Of a window's name."""
REMEMBERED = 10_000
"""Recordings of several pages, none of which is open, that are remembered so that their pages find back."""


@dataclass(slots=True)
class _Page:
    window: str
    heard_at_ms: int
    sockets: set[Hashable] = field(default_factory=set)


class Windows:
    """All recordings with an open socket. A recording is named by anything that is one a connection and
    id."""

    def __init__(self) -> None:
        self._open: dict[Hashable, list[_Page]] = {}
        self._remembered: OrderedDict[Hashable, list[_Page]] = OrderedDict()

    def __len__(self) -> int:
        """Recordings that are known."""
        return len(self._open) + len(self._remembered)

    def opened(
        self, recording: Hashable, recording_id: str, socket: Hashable, *, starts: bool, now_ms: int
    ) -> str:
        """A socket's first message came; `starts`: it is a start() of the client. Gives its window.

        A page that starts gets a window that no open socket has. One that goes on came back: it gets a window
        whose socket is gone, or else the one that was silent longest, whose socket died without saying so.
        """
        pages = self._open.setdefault(recording, self._remembered.pop(recording, []))
        page = next((page for page in pages if not page.sockets), None)
        if page is None and pages and not starts:
            page = min(pages, key=lambda page: page.heard_at_ms)
        if page is None:
            page = _Page(_name(recording_id, len(pages)), now_ms)
            pages.append(page)
        page.sockets.add(socket)
        page.heard_at_ms = now_ms
        return page.window

    def heard(self, recording: Hashable, socket: Hashable, now_ms: int) -> None:
        """A further message came on the socket."""
        for page in self._open.get(recording, ()):
            if socket in page.sockets:
                page.heard_at_ms = now_ms

    def closed(self, recording: Hashable, socket: Hashable) -> None:
        """Nothing more will come on the socket."""
        pages = self._open.get(recording, [])
        for page in pages:
            page.sockets.discard(socket)
        if any(page.sockets for page in pages):
            return
        self._open.pop(recording, None)
        if len(pages) > 1:
            self._remembered[recording] = pages
            if len(self._remembered) > REMEMBERED:
                self._remembered.popitem(last=False)

    def of_post(self, recording: Hashable, recording_id: str) -> str:
        """A post says nothing but the id: of several pages it is taken for the one that was heard last."""
        pages = self._open.get(recording) or self._remembered.get(recording)
        return max(pages, key=lambda page: page.heard_at_ms).window if pages else recording_id


def _name(recording_id: str, number: int) -> str:
    """The recording id for the first page, `id-2`, `id-3` … for those beside it."""
    if number == 0:
        return recording_id
    suffix = f"-{number + 1}"
    return recording_id[: MOST_CHARS - len(suffix)] + suffix
