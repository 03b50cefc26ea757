"""Events, bodies and settings for the collector's tests."""

import gzip
import json
import zlib
from typing import Any

from backports import zstd
from hypothesis import strategies as st

from collector.parameters import Parameters
from schemas.connection import Connection

AT = 1_790_000_000_000

KEY = "key-of-the-shop"


def event(at: float = AT, kind: int = 3, **data: Any) -> bytes:
    """One rrweb event as its JSON text."""
    return json.dumps({"type": kind, "data": data, "timestamp": at}).encode()


def array(*events: bytes) -> bytes:
    return b"[" + b",".join(events) + b"]"


def meta(at: float = AT, href: str = "https://shop.example/", width: int = 1_280, height: int = 720) -> bytes:
    return event(at, 4, href=href, width=width, height=height)


def full_snapshot(at: float = AT) -> bytes:
    return event(at, 2, node={"type": 0, "childNodes": []})


def gzipped(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)


def zlibbed(body: bytes) -> bytes:
    return zlib.compress(body)


def bare_deflated(body: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(body) + compressor.flush()


def zstandard(body: bytes) -> bytes:
    return zstd.compress(body)


def parameters(**given: Any) -> Parameters:
    default: dict[str, Any] = {
        "key": KEY,
        "visitor": "visitor-1",
        "window": "window-1",
        "seq": None,
        "sent_at": None,
        "final": False,
        "consent": False,
        "encoding": "",
    }
    return Parameters(**{**default, **given})


def connection(**given: Any) -> Connection:
    default: dict[str, Any] = {
        "id": "shop",
        "tenant": "demo",
        "name": "Shop",
        "created_at": AT,
        "write_keys": (KEY,),
    }
    return Connection(**{**default, **given})


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)

timestamps = st.integers(0, 10_413_791_999_999) | st.floats(0, 10_413_791_999_999)


OTHER_NAMES = st.text(max_size=8).filter(lambda name: name not in ("type", "timestamp", "data"))


@st.composite
def event_texts(draw: st.DrawFn) -> bytes:
    """An event in any legal spelling: spaces, escapes or raw UTF-8, any order, unknown members."""
    members = {
        "type": draw(st.integers(0, 8) | st.integers(0, 65_535)),
        "timestamp": draw(timestamps),
        "data": draw(json_values),
        **draw(st.dictionaries(OTHER_NAMES, json_values, max_size=2)),
    }
    order = draw(st.permutations(sorted(members)))
    text = json.dumps(
        {name: members[name] for name in order},
        ensure_ascii=draw(st.booleans()),
        separators=draw(st.sampled_from([(",", ":"), (", ", ": "), (" ,", " :\t")])),
    )
    return text.encode()
