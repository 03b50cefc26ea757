"""Makes, lists and revokes a session's shares, and says what a link's token opens."""

import secrets
import time
import uuid
from collections.abc import Callable

from query_api.problems import Reason, Refusal
from query_api.sessions.service import SessionService
from query_api.shares.links import KeysFile, Opened, open_link, sign
from query_api.shares.repository import ShareRepository
from query_api.tokens.holder import Holder
from schemas.share import Share

HOUR_MS = 3_600_000
MOST_OF_A_SESSION = 100
"""So many shares of a session are valid at a time."""


def epoch_ms() -> int:
    return time.time_ns() // 1_000_000


class ShareService:
    def __init__(
        self,
        sessions: SessionService,
        repository: ShareRepository,
        keys: KeysFile,
        clock: Callable[[], int] = epoch_ms,
    ) -> None:
        self._sessions = sessions
        self._repository = repository
        self._keys = keys
        self._clock = clock

    def holder(self, token: str) -> Holder:
        """Whom a link's token lets in, and to what.

        Raises:
            Refusal: unknown_token, whether it is forged, expired or revoked; not_ready.
        """
        opened = open_link(token, self._keys.keys())
        if opened is None:
            raise Refusal(Reason.UNKNOWN_TOKEN)
        share = self._repository.by_id(opened.id)
        # The signature says what the link is good for, the record that it still is. Neither is enough.
        if share is None or Opened.of(share) != opened or share.expires_at <= self._clock():
            raise Refusal(Reason.UNKNOWN_TOKEN)
        return Holder(
            name=f"share {share.id}",
            tenant=share.tenant,
            role="reader",
            session_id=str(share.session_id),
            until_at=share.expires_at,
        )

    async def of_session(self, tenant: str, session_id: str) -> list[Share]:
        """Those that are valid, in order of creation.

        Raises:
            Refusal: unknown_session, not_ready, and what ClickHouse adds.
        """
        return self._valid(tenant, await self._session(tenant, session_id))

    async def make(
        self, holder: Holder, session_id: str, *, valid_for_hours: int, at: int | None
    ) -> tuple[Share, str]:
        """A new share, and the token of its link, which is kept nowhere.

        Raises:
            Refusal: unknown_session, sharing_off, too_many_shares, kafka_unavailable, not_ready, and what
                ClickHouse adds.
        """
        session = await self._session(holder.tenant, session_id)
        keys = self._keys.keys()
        if not keys:
            raise Refusal(Reason.SHARING_OFF)
        self._repository.forget_expired(self._clock())
        if len(self._valid(holder.tenant, session)) >= MOST_OF_A_SESSION:
            raise Refusal(Reason.TOO_MANY_SHARES)
        now_ms = self._clock()
        share = Share(
            id=secrets.token_urlsafe(16),
            tenant=holder.tenant,
            session_id=session,
            created_at=now_ms,
            expires_at=now_ms + valid_for_hours * HOUR_MS,
            created_by=holder.name,
            at=at,
        )
        await self._repository.add(share)
        return share, sign(share, keys[0])

    async def revoke(self, tenant: str, session_id: str, share_id: str) -> None:
        """
        Raises:
            Refusal: unknown_session, unknown_share, kafka_unavailable, not_ready, and what ClickHouse adds.
        """
        session = await self._session(tenant, session_id)
        if share_id not in [share.id for share in self._valid(tenant, session)]:
            raise Refusal(Reason.UNKNOWN_SHARE)
        await self._repository.remove(share_id)

    async def _session(self, tenant: str, session_id: str) -> uuid.UUID:
        return uuid.UUID((await self._sessions.recorded(tenant, session_id)).session_id)

    def _valid(self, tenant: str, session: uuid.UUID) -> list[Share]:
        now_ms = self._clock()
        return [each for each in self._repository.of_session(tenant, session) if each.expires_at > now_ms]
