"""Rows of `recordings`, from the recordings of the repository and from events of a test."""

import gzip
import hashlib
import json
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

RECORDINGS = sorted((Path(__file__).parents[3] / "examples" / "recordings").glob("*.jsonl.gz"))
COLUMNS = (
    "connection_id",
    "session_id",
    "window_id",
    "first_at",
    "seq",
    "batch_id",
    "last_at",
    "received_at",
    "partition",
    "offset",
    "skew_ms",
    "events",
    "raw_bytes",
    "full_snapshots_at",
    "payload",
    "expires_on",
)


def insert_settings(token: str) -> dict[str, Any]:
    """What design.md section 7 asks of every insert."""
    return {
        "async_insert": 0,
        "insert_deduplication_token": token,
        "deduplicate_blocks_in_dependent_materialized_views": 1,
    }


def at(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def a_row(
    texts: Sequence[str], seq: int = 0, session: int = 1, expires_on: date = date(2099, 1, 1)
) -> list[Any]:
    """A batch of events, given as their JSON texts."""
    times = [event["timestamp"] for event in map(json.loads, texts)]
    payload = ",".join(texts)
    return [
        "shop",
        uuid.UUID(int=session),
        "w1",
        at(min(times)),
        seq,
        hashlib.blake2b(payload.encode(), digest_size=16).digest(),
        at(max(times)),
        at(max(times)),
        3,
        seq,
        -5,
        len(texts),
        len(payload) + 2,
        [],
        payload,
        expires_on,
    ]


def recorded(batch_size: int = 37) -> Iterator[tuple[int, list[list[str]]]]:
    """Each recording as (number, batches of event texts)."""
    for number, path in enumerate(RECORDINGS, start=1):
        lines = gzip.decompress(path.read_bytes()).decode().splitlines()
        yield number, [lines[start : start + batch_size] for start in range(0, len(lines), batch_size)]


def recorded_rows() -> list[list[Any]]:
    return [
        a_row(texts, seq, session) for session, batches in recorded() for seq, texts in enumerate(batches)
    ]
