"""The playability of each window of a session."""

from query_api.playability.decide import Playability, decide
from query_api.playability.repository import PlayabilityRepository
from query_api.sessions.repository import SessionWithWindowsRow


class PlayabilityService:
    def __init__(self, repository: PlayabilityRepository) -> None:
        self._repository = repository

    async def of(self, session: SessionWithWindowsRow) -> dict[str, Playability]:
        """By window.

        Raises:
            Refusal: clickhouse_unavailable, query_timeout.
        """
        windows = zip(
            session.window_ids,
            session.window_events,
            session.window_first_at_ms,
            session.window_playable_at_ms,
            session.window_missing_seqs,
            strict=True,
        )
        playable = zip(session.window_ids, session.window_playable_at_ms, strict=True)
        stored = await self._repository.windows(
            connection_id=session.connection_id,
            session_id=session.session_id,
            playable_at={window_id: at for window_id, at in playable if at is not None},
        )
        return {
            window_id: decide(
                events=events,
                first_at=first_at,
                playable_at=playable_at,
                missing_seqs=missing_seqs,
                stored=stored.get(window_id),
            )
            for window_id, events, first_at, playable_at, missing_seqs in windows
        }
