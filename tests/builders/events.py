"""rrweb events as dicts, and batches of them as a collector would put them into the log."""

import gzip
import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec

from schemas.envelope import Batch
from tests.builders.batches import a_batch

Event = dict[str, Any]

META, FULL_SNAPSHOT, INCREMENTAL, CUSTOM = 4, 2, 3, 5


def a_meta(at: int, href: str = "https://shop.example/") -> Event:
    return {"type": META, "data": {"href": href, "width": 1280, "height": 720}, "timestamp": at}


def a_full_snapshot(at: int, text: str = "hello") -> Event:
    body = {"type": 2, "tagName": "body", "attributes": {}, "id": 4}
    node = {
        "type": 0,
        "id": 1,
        "childNodes": [{**body, "childNodes": [{"type": 3, "id": 5, "textContent": text}]}],
    }
    data = {"node": node, "initialOffset": {"left": 0, "top": 0}}
    return {"type": FULL_SNAPSHOT, "data": data, "timestamp": at}


def a_click(at: int, node_id: int = 5, x: int = 10, y: int = 20) -> Event:
    return {
        "type": INCREMENTAL,
        "data": {"source": 2, "type": 2, "id": node_id, "x": x, "y": y},
        "timestamp": at,
    }


def a_custom_event(at: int, tag: str = "note", payload: object = None) -> Event:
    return {"type": CUSTOM, "data": {"tag": tag, "payload": payload}, "timestamp": at}


def a_batch_of(
    events: Sequence[Event], *, seq: int | None = 0, compressed: bool = True, **fields: Any
) -> Batch:
    """A batch whose summary and payload are those of the events; other fields as in `a_batch`."""
    texts = [msgspec.json.encode(event) for event in events]
    payload = b"[" + b",".join(texts) + b"]"
    metas = sorted((e for e in events if e["type"] == META), key=lambda e: e["timestamp"])
    summary: dict[str, Any] = {
        "first_at": min(e["timestamp"] for e in events),
        "last_at": max(e["timestamp"] for e in events),
        "events": len(events),
        "raw_bytes": len(payload),
        "full_snapshots_at": tuple(e["timestamp"] for e in events if e["type"] == FULL_SNAPSHOT),
        "meta_at": metas[0]["timestamp"] if metas else None,
        "href": metas[0]["data"]["href"] if metas else None,
        "encoding": "gzip" if compressed else "identity",
        "payload": gzip.compress(payload, mtime=0) if compressed else payload,
    }
    if seq is None:
        summary["batch_id"] = hashlib.blake2b(payload, digest_size=16).digest()
        summary["event_hashes"] = b"".join(hashlib.blake2b(text, digest_size=8).digest() for text in texts)
    summary["received_at"] = summary["last_at"]
    return a_batch(seq=seq, **{**summary, **fields})
