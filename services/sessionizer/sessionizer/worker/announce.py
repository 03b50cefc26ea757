"""The records of `playhead.sessions` that a block asks for: sessions' states, and receipts of erasures."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from uuid import UUID

from schemas import session as contract
from schemas.session import ErasureReceipt, Remains, SessionState, WindowState
from schemas.topic import SESSIONS
from sessionizer.core.effects import Erasing
from sessionizer.core.versions import SessionVersion
from sessionizer.sink.erase import ErasedRows
from sessionizer.worker.transaction import Outgoing

EPOCH = date(1970, 1, 1)


def announcements(
    announced: Iterable[SessionVersion],
    erased: Iterable[tuple[Erasing, ErasedRows]],
    kept_ms: Mapping[str, int],
) -> Iterator[Outgoing]:
    """A record for each session, each session that was erased, and each receipt.

    Args:
        kept_ms: how long each topic that has data of visitors keeps it.
    """
    for erasing, rows in erased:
        for session_id in rows.session_ids:
            yield Outgoing(topic=SESSIONS, key=contract.session_key(session_id), value=None)
        receipt = receipt_of(erasing, rows, kept_ms)
        yield Outgoing(
            topic=SESSIONS, key=contract.receipt_key(receipt.erasure_id), value=contract.encode(receipt)
        )
    for version in announced:
        state = state_of(version)
        yield Outgoing(
            topic=SESSIONS, key=contract.session_key(state.session_id), value=contract.encode(state)
        )


def receipt_of(erasing: Erasing, rows: ErasedRows, kept_ms: Mapping[str, int]) -> ErasureReceipt:
    erasure = erasing.erasure
    return ErasureReceipt(
        erasure_id=UUID(bytes=erasure.erasure_id),
        tenant_id=erasure.tenant,
        connection_id=erasure.connection,
        scope="visitor" if erasure.session_id is None else "session",
        accepted_at=erasure.received_at,
        session_ids=rows.session_ids,
        batches=rows.batches,
        events=rows.events,
        remains=tuple(
            Remains(topic=topic, until=erasure.received_at + kept) for topic, kept in sorted(kept_ms.items())
        ),
    )


def state_of(version: SessionVersion) -> SessionState:
    return SessionState(
        tenant_id=version.tenant_id,
        connection_id=version.connection_id,
        session_id=UUID(bytes=version.session_id),
        visitor=version.visitor,
        visitor_id=version.visitor_id,
        started_at=version.started_at,
        first_event_at=version.first_event_at,
        last_event_at=version.last_event_at,
        status=version.status,
        completed_at=version.completed_at,
        completion_reason=version.completion_reason,
        landing_url=version.landing_url,
        user_agent=version.user_agent,
        country=version.country,
        events=version.events,
        batches=version.batches,
        raw_bytes=version.raw_bytes,
        replayable=version.replayable,
        windows=tuple(
            WindowState(
                id=window.id,
                first_at=window.first_at,
                last_at=window.last_at,
                skew_ms=window.skew_ms,
                events=window.events,
                batches=window.batches,
                playable_at=window.playable_at,
                missing=window.missing,
                missing_seqs=window.missing_seqs,
                ended=window.ended,
            )
            for window in version.windows
        ),
        expires_on=(EPOCH + timedelta(days=version.expires_on)).isoformat(),
        version=version.version,
    )
