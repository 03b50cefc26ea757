"""Batches as they stand in the log. A test says when something happened; the envelope's times follow."""

import hashlib
import itertools
from collections.abc import Iterable
from typing import Any

from schemas.envelope import VERSION, Batch, Erasure, Tick

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
T0 = 1_764_000_000_000
"""A day in November 2025, 16:00 UTC; tests count from here."""

_bodies = itertools.count()


def a_batch(
    at: int = T0,
    *,
    visitor: str = "ann",
    window: str = "w1",
    seq: int | None = 0,
    lasts_ms: int = 0,
    delay_ms: int = 0,
    clock_ms: int = 0,
    sent: bool = True,
    hashes: Iterable[int] | None = None,
    **fields: Any,
) -> Batch:
    """A batch whose last event happened `at` (true time) and that was received `delay_ms` later.

    Args:
        lasts_ms: how long before `at` its first event happened.
        clock_ms: how far the visitor's clock is ahead of the true time.
        sent: whether it tells `sent_at`, which is when it was received.
        hashes: of a batch without seq, a number an event; sets `events`.
        fields: anything of the envelope, as it is.
    """
    received_at = at + delay_ms
    if seq is not None:
        name = f"{window} {seq}"
    elif hashes is not None:
        name = repr(hashes := tuple(hashes))
    else:
        name = f"body {next(_bodies)}"
    values: dict[str, Any] = {
        "version": VERSION,
        "tenant": "demo",
        "connection": "shop",
        "visitor": visitor,
        "window": window,
        "seq": seq,
        "batch_id": hashlib.blake2b(name.encode(), digest_size=16).digest(),
        "received_at": received_at,
        "sent_at": received_at + clock_ms if sent else None,
        "first_at": at - lasts_ms + clock_ms,
        "last_at": at + clock_ms,
        "events": 1,
        "raw_bytes": 100,
        "full_snapshots_at": (),
        "meta_at": None,
        "href": None,
        "width": None,
        "height": None,
        "user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
        "country": "DE",
        "gap_ms": 30 * MINUTE,
        "max_session_ms": DAY,
        "retention_days": 30,
        "final": False,
        "encoding": "identity",
        "payload": b"[]",
    }
    if hashes is not None:
        values["events"] = len(tuple(hashes))
        values["event_hashes"] = b"".join(number.to_bytes(8, "little") for number in hashes)
    return Batch(**{**values, **fields})


def an_erasure(
    at: int, *, visitor: str = "ann", session_id: bytes | None = None, span: tuple[int, int] | None = None
) -> Erasure:
    """An erasure accepted `at`; of one session, or of all that there is of the visitor."""
    first_at, last_at = span or (None, None)
    name = f"{at} {visitor} {session_id!r}"
    erasure_id = hashlib.blake2b(name.encode(), digest_size=16).digest()
    return Erasure(VERSION, erasure_id, "demo", "shop", visitor, at, session_id, first_at, last_at)


def a_tick(at: int) -> Tick:
    return Tick(VERSION, at)
