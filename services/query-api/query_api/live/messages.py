"""The stream as server-sent events: what is written around the stored bytes. Pure."""

import msgspec

from query_api.live.arrival import EventId

MEDIA_TYPE = "text/event-stream"

RETRY_MS = 2_000
BEGIN = b"retry: %d\n\n" % RETRY_MS
"""How long a browser waits before it comes back, after whatever ended the stream."""

HEARTBEAT = b": \n\n"
"""A comment, so that nobody on the way takes a quiet stream for a dead one."""

_encode = msgspec.json.encode


def batch_message(id_: EventId, *, window_id: str, seq: int, received_at: int, events: bytes) -> bytes:
    """
    Args:
        seq: -1 where the window's client numbers nothing.
        received_at: ms since the epoch, the collector's clock.
        events: events as they are stored, with commas between.
    """
    # In JSON a raw line break is never inside of a string, so it is space between tokens; here it would end
    # the message.
    if b"\n" in events or b"\r" in events:
        events = events.replace(b"\n", b" ").replace(b"\r", b" ")
    return b'id: %b\nevent: batch\ndata: {"window_id":%b,"seq":%b,"received_at":%d,"events":[%b]}\n\n' % (
        str(id_).encode(),
        _encode(window_id),
        b"null" if seq < 0 else b"%d" % seq,
        received_at,
        events,
    )


def completed_message(completed_at: int) -> bytes:
    """The last one. `completed_at`: ms since the epoch, the collector's clock."""
    return b'event: completed\ndata: {"completed_at":%d}\n\n' % completed_at
