"""A share (a link that opens one session without a token): the JSON value of a record of `playhead.shares`.

The topic is compacted and keyed by the share's id; a record without a value revokes it. A record is no
secret: a link is signed with a key that stands in no topic, so who reads the topic can open nothing.
"""

import uuid
from typing import Annotated

import msgspec
from msgspec import Meta

from schemas.connection import DAY_MS, Id

LONGEST_DAYS = 90
"""No share is longer valid. The topic keeps its records for longer than that, and no longer than needed."""


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """One link to one session. It is written once and never changed, only revoked."""

    id: Id
    tenant: Id
    session_id: uuid.UUID
    created_at: Annotated[int, Meta(ge=0)]
    """ms since the epoch, as `expires_at`"""
    expires_at: Annotated[int, Meta(ge=0)]
    created_by: str
    """The name of the token that made it, for people."""
    at: int | None = None
    """Where the replay starts, in ms since the epoch on the visitor's clock; None: at its beginning."""


encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(Share).decode


class ShareBook:
    """All shares that are not revoked, as the records of the topic, applied in order, make them."""

    def __init__(self) -> None:
        self._by_id: dict[str, Share] = {}

    def apply(self, key: bytes, value: bytes | None) -> Share | None:
        """Take one record; gives the share that it makes, None where it revokes one.

        Raises:
            msgspec.DecodeError: the key or the value is no share's; the book is unchanged.
        """
        share = decode(value) if value else None
        if share is not None and share.id.encode() != key:
            raise msgspec.ValidationError(f"share {share.id} under the key {key!r}")
        try:
            share_id = key.decode()
        except UnicodeDecodeError:
            raise msgspec.ValidationError(f"{key!r} is no share's key") from None
        if share is None:
            self._by_id.pop(share_id, None)
        else:
            self._by_id[share_id] = share
        return share

    def by_id(self, share_id: str) -> Share | None:
        return self._by_id.get(share_id)

    def of_session(self, tenant: str, session_id: uuid.UUID) -> list[Share]:
        """In order of creation, then id; expired ones too, until they are forgotten."""
        found = (s for s in self._by_id.values() if s.tenant == tenant and s.session_id == session_id)
        return sorted(found, key=lambda share: (share.created_at, share.id))

    def forget_expired(self, now_ms: int) -> None:
        """Drop what opens nothing any more, so that a process that lives for long does not grow."""
        for share in [each for each in self._by_id.values() if each.expires_at <= now_ms]:
            del self._by_id[share.id]

    def __len__(self) -> int:
        return len(self._by_id)


KEPT_MS = (LONGEST_DAYS + 10) * DAY_MS
"""What `retention.ms` of the topic must be at least, so that no share goes before it expires."""
