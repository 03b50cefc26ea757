"""Builders of what the query API reads: events, batches as `recordings` holds them, sessions, connections, tokens."""

import json
import random
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from clickhouse_connect.driver.client import Client

from query_api.events.order import Batch
from schemas.connection import Connection
from schemas.token import Token, TokensFile, encode, fingerprint

START = 1_795_500_000_000
"""ms since the epoch; when seeded sessions start unless they say otherwise."""

EXPIRES_ON = datetime.now(UTC).date() + timedelta(days=30)


def event(at: int | float, text: str = "", kind: int = 3) -> bytes:
    """An rrweb event's JSON, with the keys in the order in which rrweb writes them."""
    return json.dumps({"type": kind, "data": {"source": 1, "text": text}, "timestamp": at}).encode()


def batch(
    *events: bytes, seq: int = -1, offset: int = 0, partition: int = 0, in_order: bool | None = None
) -> Batch:
    times = [int(json.loads(each)["timestamp"]) for each in events]
    return Batch(
        first_at=min(times),
        last_at=max(times),
        seq=seq,
        partition=partition,
        offset=offset,
        events=len(events),
        in_order=times == sorted(times) if in_order is None else in_order,
        payload=b",".join(events),
    )


def session_id(started_at: int = START, seed: int | None = None) -> str:
    """A session's id as rule 8 lays it out: UUIDv7, `started_at` in its upper 48 bits."""
    rest = random.Random(seed).getrandbits(80)
    number = started_at << 80 | rest
    number = number & ~(0xF << 76) & ~(0x3 << 62) | 7 << 76 | 2 << 62
    return str(uuid.UUID(int=number))


def moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms // 1000, UTC) + timedelta(milliseconds=ms % 1000)


@dataclass(frozen=True)
class Window:
    id: str = "w"
    first_at: int = START
    last_at: int = START + 60_000
    skew_ms: int = 0
    events: int = 10
    batches: int = 1
    playable_at: int | None = START
    missing_seqs: tuple[int, ...] = ()
    ended: bool = False


@dataclass(frozen=True)
class SessionVersion:
    connection_id: str
    session_id: str
    tenant: str = "demo"
    started_at: int = START
    status: str = "completed"
    completion_reason: str = "inactivity"
    events: int = 10
    replayable: bool = True
    version: int = 1
    expires_on: date = EXPIRES_ON
    windows: tuple[Window, ...] = field(default_factory=lambda: (Window(),))


SESSION_COLUMNS = [
    "tenant_id", "connection_id", "session_id", "visitor_id", "started_at", "first_event_at", "last_event_at",
    "status", "completed_at", "completion_reason", "landing_url", "user_agent", "browser", "os", "device", "country",
    "events", "batches", "raw_bytes", "replayable", "windows.id", "windows.first_at", "windows.last_at",
    "windows.skew_ms", "windows.events", "windows.batches", "windows.playable_at", "windows.missing",
    "windows.missing_seqs", "windows.ended", "partition", "expires_on", "version",
]  # fmt: skip


def insert_sessions(client: Client, *versions: SessionVersion) -> None:
    client.insert("sessions", [_session_row(each) for each in versions], SESSION_COLUMNS, settings=_token())


def _session_row(one: SessionVersion) -> list[Any]:
    completed = one.status == "completed"
    return [
        one.tenant, one.connection_id, one.session_id, "visitor", moment(one.started_at), moment(one.started_at),
        moment(one.started_at + 60_000), one.status, moment(one.started_at + 2_000_000) if completed else None,
        one.completion_reason if completed else "", "https://shop.example/cart", "Mozilla/5.0", "Chrome", "Linux",
        "Other", "NL", one.events, 1, 1_000, one.replayable,
        [w.id for w in one.windows], [moment(w.first_at) for w in one.windows],
        [moment(w.last_at) for w in one.windows], [w.skew_ms for w in one.windows], [w.events for w in one.windows],
        [w.batches for w in one.windows],
        [None if w.playable_at is None else moment(w.playable_at) for w in one.windows],
        [len(w.missing_seqs) for w in one.windows], [list(w.missing_seqs) for w in one.windows],
        [w.ended for w in one.windows], 0, one.expires_on, one.version,
    ]  # fmt: skip


RECORDING_COLUMNS = [
    "connection_id", "session_id", "window_id", "first_at", "seq", "batch_id", "last_at", "received_at", "partition",
    "offset", "skew_ms", "events", "raw_bytes", "full_snapshots_at", "payload", "expires_on",
]  # fmt: skip


def insert_batches(
    client: Client, connection_id: str, session: str, *batches: Batch, window_id: str = "w"
) -> None:
    """As the sessionizer writes them: `in_order` is left to the engine."""
    rows = [
        [
            connection_id, session, window_id, moment(b.first_at), b.seq,
            uuid.uuid5(uuid.NAMESPACE_OID, f"{window_id}/{b.seq}/{b.partition}/{b.offset}").bytes,
            moment(b.last_at), moment(b.last_at), b.partition, b.offset, 0, b.events, len(b.payload) + 2, [],
            b.payload, EXPIRES_ON,
        ]
        for b in batches
    ]  # fmt: skip
    client.insert("recordings", rows, RECORDING_COLUMNS, settings=_token())


def _token() -> dict[str, Any]:
    return {
        "insert_deduplication_token": uuid.uuid4().hex,
        "deduplicate_blocks_in_dependent_materialized_views": 1,
        "async_insert": 0,
    }


def connection(connection_id: str, tenant: str = "demo", created_at: int = START) -> Connection:
    return Connection(
        id=connection_id,
        tenant=tenant,
        name=f"Widget {connection_id}",
        created_at=created_at,
        write_keys=(f"key-of-{connection_id}",),
    )


def tokens_file(**tenant_of: str) -> bytes:
    """Secret -> tenant."""
    tokens = (
        Token(name=f"{tenant}'s desk", sha256=fingerprint(secret), tenant=tenant, role="reader")
        for secret, tenant in tenant_of.items()
    )
    return encode(TokensFile(tokens=tuple(tokens)))
