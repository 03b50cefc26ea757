"""Builders of what the query API reads: events, batches, sessions, connections, tokens."""

import json
import random
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from clickhouse_connect.driver.client import Client

from query_api.events.order import Batch
from schemas.connection import Connection
from schemas.share import Share
from schemas.token import Role, Token, TokensFile, encode, fingerprint
from tests.query_api.kinds import snapshots_at

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
    duration_ms: int = 60_000
    visitor_id: str = "visitor"
    landing_url: str = "https://shop.example/cart"
    browser: str = "Chrome"
    os: str = "Linux"
    country: str = "NL"
    version: int = 1
    expires_on: date = EXPIRES_ON
    windows: tuple[Window, ...] = field(default_factory=lambda: (Window(),))


def insert_sessions(client: Client, *versions: SessionVersion) -> None:
    _insert(client, "sessions", [_session_row(each) for each in versions])


def _session_row(one: SessionVersion) -> dict[str, Any]:
    completed = one.status == "completed"
    return {
        "tenant_id": one.tenant,
        "connection_id": one.connection_id,
        "session_id": one.session_id,
        "visitor_id": one.visitor_id,
        "started_at": moment(one.started_at),
        "first_event_at": moment(one.started_at),
        "last_event_at": moment(one.started_at + one.duration_ms),
        "status": one.status,
        "completed_at": moment(one.started_at + 2_000_000) if completed else None,
        "completion_reason": one.completion_reason if completed else "",
        "landing_url": one.landing_url,
        "user_agent": "Mozilla/5.0",
        "browser": one.browser,
        "os": one.os,
        "device": "Other",
        "country": one.country,
        "events": one.events,
        "batches": 1,
        "raw_bytes": 1_000,
        "replayable": one.replayable,
        "windows.id": [w.id for w in one.windows],
        "windows.first_at": [moment(w.first_at) for w in one.windows],
        "windows.last_at": [moment(w.last_at) for w in one.windows],
        "windows.skew_ms": [w.skew_ms for w in one.windows],
        "windows.events": [w.events for w in one.windows],
        "windows.batches": [w.batches for w in one.windows],
        "windows.playable_at": [w.playable_at and moment(w.playable_at) for w in one.windows],
        "windows.missing": [len(w.missing_seqs) for w in one.windows],
        "windows.missing_seqs": [list(w.missing_seqs) for w in one.windows],
        "windows.ended": [w.ended for w in one.windows],
        "partition": 0,
        "expires_on": one.expires_on,
        "version": one.version,
    }


def insert_batches(
    client: Client, connection_id: str, session: str, *batches: Batch, window_id: str = "w"
) -> None:
    """As the sessionizer writes them: `in_order` is left to the engine."""
    _insert(client, "recordings", [_batch_row(connection_id, session, window_id, each) for each in batches])


def _batch_row(connection_id: str, session: str, window_id: str, one: Batch) -> dict[str, Any]:
    identity = f"{window_id}/{one.seq}/{one.partition}/{one.offset}"
    return {
        "connection_id": connection_id,
        "session_id": session,
        "window_id": window_id,
        "first_at": moment(one.first_at),
        "seq": one.seq,
        "batch_id": uuid.uuid5(uuid.NAMESPACE_OID, identity).bytes,
        "last_at": moment(one.last_at),
        "received_at": moment(one.last_at),
        "partition": one.partition,
        "offset": one.offset,
        "skew_ms": 0,
        "events": one.events,
        "raw_bytes": len(one.payload) + 2,
        "full_snapshots_at": [moment(at) for at in snapshots_at(one)],
        "payload": one.payload,
        "expires_on": EXPIRES_ON,
    }


def _insert(client: Client, table: str, rows: list[dict[str, Any]]) -> None:
    client.insert(table, [list(row.values()) for row in rows], list(rows[0]), settings=_token())


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


def token(secret: str, tenant: str, role: Role = "reader") -> Token:
    return Token(name=f"{tenant}'s desk", sha256=fingerprint(secret), tenant=tenant, role=role)


def tokens_file(*tokens: Token, **tenant_of: str) -> bytes:
    """The tokens, and readers by their secrets: secret -> tenant."""
    readers = (token(secret, tenant) for secret, tenant in tenant_of.items())
    return encode(TokensFile(tokens=(*tokens, *readers)))


def share(share_id: str, session: str, tenant: str = "demo", **changes: Any) -> Share:
    """A share that is valid while any test runs."""
    values = {"created_at": START, "expires_at": 4_000_000_000_000, "created_by": "the desk", **changes}
    return Share(id=share_id, tenant=tenant, session_id=uuid.UUID(session), **values)
