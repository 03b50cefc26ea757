"""A connection (one widget installation of a tenant): the JSON value of a record of `playhead.connections`.

The topic is compacted and keyed by the connection's id; a record without a value removes it. Collector
and query API each hold all of them in memory, fed record by record into a `ConnectionBook`.
"""

import re
from collections.abc import Iterator
from typing import Annotated

import msgspec
from msgspec import Meta

Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$")]

DAY_MS = 86_400_000


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """One widget installation. The settings are stamped into every batch that it sends."""

    id: Id
    tenant: Id
    name: str
    created_at: Annotated[int, Meta(ge=0)]
    """ms since the epoch"""
    write_keys: tuple[Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{8,128}$")], ...]
    """Public keys that may send to it; several during a rotation."""
    allowed_origins: tuple[str, ...] = ()
    """Origins (scheme://host[:port]) that may send; empty allows all."""
    consent_required: bool = False
    paused: bool = False
    gap_ms: Annotated[int, Meta(ge=1_000, le=DAY_MS)] = 30 * 60_000
    """Inactivity that ends a session (rule 2)."""
    max_session_ms: Annotated[int, Meta(ge=1_000, le=7 * DAY_MS)] = DAY_MS
    retention_days: Annotated[int, Meta(ge=1, le=3_650)] = 30
    mask_all_text: bool = False
    sample_rate: Annotated[float, Meta(ge=0, le=1)] = 1.0
    """Share of visitors that the recorder records."""


encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(Connection).decode

VISITOR_OR_WINDOW = re.compile(r"[A-Za-z0-9_-]{1,64}")


class ConnectionBook:
    """All connections as the records of the topic, applied in order, make them."""

    def __init__(self) -> None:
        self._by_id: dict[str, Connection] = {}
        self._by_key: dict[str, Connection] = {}

    def apply(self, key: bytes, value: bytes | None) -> Connection | None:
        """Take one record; gives the connection that it sets, None where it removes one.

        Raises:
            msgspec.DecodeError: the key or the value is no connection's; the book is unchanged.
        """
        connection = decode(value) if value else None
        if connection is not None and connection.id.encode() != key:
            raise msgspec.ValidationError(f"connection {connection.id} under the key {key!r}")
        try:
            gone = self._by_id.pop(key.decode(), None)
        except UnicodeDecodeError:
            raise msgspec.ValidationError(f"{key!r} is no connection's key") from None
        for write_key in gone.write_keys if gone else ():
            # A key may have moved to another connection by now.
            if self._by_key.get(write_key) is gone:
                del self._by_key[write_key]
        if connection is not None:
            self._by_id[connection.id] = connection
            for write_key in connection.write_keys:
                self._by_key[write_key] = connection
        return connection

    def by_id(self, connection_id: str) -> Connection | None:
        return self._by_id.get(connection_id)

    def by_key(self, write_key: str) -> Connection | None:
        return self._by_key.get(write_key)

    def of_tenant(self, tenant: str) -> list[Connection]:
        """In order of creation, then id."""
        found = (c for c in self._by_id.values() if c.tenant == tenant)
        return sorted(found, key=lambda c: (c.created_at, c.id))

    def __iter__(self) -> Iterator[Connection]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)
