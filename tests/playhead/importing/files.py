"""Recordings as files in every form that is imported."""

import gzip
import json
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

Form = Callable[[Sequence[bytes]], bytes]


def array(events: Sequence[bytes]) -> bytes:
    return b"[" + b",".join(events) + b"]"


def pretty(events: Sequence[bytes]) -> bytes:
    """An array over several lines, after a byte order mark; an event's own bytes are in one piece."""
    return b"\xef\xbb\xbf\n[\n  " + b",\n  ".join(events) + b"\n]\n"


def page(events: Sequence[bytes], next_cursor: str | None = None) -> bytes:
    """As the query API answers."""
    return b'{"events":' + array(events) + b',"next_cursor":' + json.dumps(next_cursor).encode() + b"}"


def lines(events: Sequence[bytes]) -> bytes:
    return b"".join(event + b"\n" for event in events)


def pages(events: Sequence[bytes]) -> bytes:
    """Pages of the query API, one after the other, a line each."""
    half = len(events) // 2
    return page(events[:half], "more") + b"\n\n" + page(events[half:]) + b"\n"


def pack(event: bytes) -> bytes:
    """What `@rrweb/packer` makes of an event that has the mark already, as JSON."""
    return json.dumps(zlib.compress(event).decode("latin-1"), ensure_ascii=False).encode()


def marked(event: bytes) -> bytes:
    """The event with the packer's mark, as its last field."""
    return event.rstrip()[:-1] + b',"v":"v1"}'


def write(folder: Path, name: str, content: bytes) -> Path:
    file = folder / name
    file.write_bytes(gzip.compress(content, mtime=0) if name.endswith(".gz") else content)
    return file


def events(number: int, start_at: int = 1_700_000_000_000) -> list[bytes]:
    """Custom events, 10 ms apart; each has something that a careless reader would change."""
    return [an_event(start_at + 10 * at, f"n{at}") for at in range(number)]


def an_event(at: int, tag: str, payload: Any = "茶\u2028 \\u00e9") -> bytes:
    data = json.dumps({"tag": tag, "payload": payload}, ensure_ascii=False)
    return b'{"type":5,"data":' + data.encode() + b',"x":1.50,"timestamp":' + str(at).encode() + b"}"
