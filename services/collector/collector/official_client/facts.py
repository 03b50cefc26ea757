"""What the official client's own custom events tell: who its visitor is, that it starts, that it ends.

Pure. Its source (2.1.0) sends `recording-meta` at each start() (with its own version) and at each
addMeta(), `close-permanent` at stop(true), `close-temporary` at stop(false), and `page-hidden`,
`page-visible` and `pageview-meta`, which say nothing that a session needs. Whether an event is one at all
is not judged here (see `decode`).
"""

from dataclasses import dataclass

import msgspec

VISITOR_MAX_CHARS = 256
COOKIE = "rrweb-browser-client-visitor-id="
"""From a visitor's second page on the client sends its cookie whole, name and all, as the visitor."""

_RECORDING_META = "recording-meta"
_CLOSE, _CLOSE_FOR_NOW = "close-permanent", "close-temporary"
_MARKS = tuple(tag.encode() for tag in (_RECORDING_META, _CLOSE, _CLOSE_FOR_NOW))


@dataclass(frozen=True, slots=True)
class Facts:
    visitor_id: str | None = None
    """What the site or the client calls the visitor."""
    starts: bool = False
    """A start() of the client: a page was loaded, or recording begins anew."""
    ends: bool = False
    """The site called stop(true): the recording is over."""
    leaves: bool = False
    """The site called stop(): nothing more comes on this socket."""


NOTHING = Facts()


class _Data(msgspec.Struct, gc=False):
    tag: str
    payload: msgspec.Raw = msgspec.Raw(b"{}")


class _Custom(msgspec.Struct, gc=False):
    type: int
    data: _Data


class _RecordingMeta(msgspec.Struct, gc=False):
    # A site may set any of them to a string, a number or a boolean.
    visitor: str | float | bool | None = None
    recordVersion: str | float | bool | None = None  # noqa: N815 - the client's name


_custom = msgspec.json.Decoder(_Custom).decode
_recording_meta = msgspec.json.Decoder(_RecordingMeta).decode
CUSTOM = 5


def facts_of(event: bytes) -> Facts:
    """Of one event. Of text that is no event of the client's own: nothing."""
    if not any(mark in event for mark in _MARKS):
        return NOTHING
    try:
        custom = _custom(event)
        if custom.type != CUSTOM:
            return NOTHING
        if custom.data.tag in (_CLOSE, _CLOSE_FOR_NOW):
            return Facts(ends=custom.data.tag == _CLOSE, leaves=True)
        if custom.data.tag == _RECORDING_META:
            meta = _recording_meta(custom.data.payload)
            return Facts(visitor_id=_visitor(meta.visitor), starts=isinstance(meta.recordVersion, str))
    except (msgspec.DecodeError, RecursionError):
        pass
    return NOTHING


def facts_of_lines(body: bytes) -> Facts:
    """Of the events of a post, one a line: the first visitor, any start, and an end only where it comes
    last."""
    if not any(mark in body for mark in _MARKS):
        return NOTHING
    return facts_of_all(body.split(b"\n"))


def facts_of_all(events: list[bytes]) -> Facts:
    """Of several events in the order of their arrival; empty ones are none.

    A `close-permanent` can stand before a later recording's first events: the client keeps it where no
    socket is open.
    """
    each = [facts_of(event) for event in events if not event.isspace() and event]
    return Facts(
        visitor_id=next((facts.visitor_id for facts in each if facts.visitor_id), None),
        starts=any(facts.starts for facts in each),
        ends=bool(each) and each[-1].ends,
    )


def _visitor(said: str | float | bool | None) -> str | None:
    if not isinstance(said, str):
        return None if said is None or isinstance(said, bool) else f"{said:g}"
    return said.removeprefix(COOKIE)[:VISITOR_MAX_CHARS] or None
