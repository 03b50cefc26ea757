"""From where a window plays, and why not from its beginning, or not at all."""

from typing import Any

import pytest

from query_api.playability.decide import BEGINNING_MS, decide
from query_api.playability.repository import NOTHING_STORED, WindowRow

T = 1_000_000


def stored(
    *snapshots: tuple[int, int], lowest_seq: int = 0, before: int = 0, in_all: int | None = None
) -> WindowRow:
    return WindowRow(
        window_id="w",
        lowest_seq=lowest_seq,
        batches_before_playable=before,
        full_snapshots=list(snapshots),
        full_snapshots_in_all=len(snapshots) if in_all is None else in_all,
    )


def why(row: WindowRow | None, **facts: Any) -> str | None:
    given: dict[str, Any] = {"events": 9, "first_at": T, "playable_at": T, "missing_seqs": []}
    return decide(**(given | facts), stored=row).reason


@pytest.mark.parametrize(
    ("row", "events", "reason"),
    [
        (None, 0, "no_events"),
        (None, 4, "no_full_snapshot"),
        (stored(lowest_seq=2), 4, "no_full_snapshot"),
        (stored((T, 0)), 4, "no_meta"),
    ],
)
def test_a_window_that_cannot_be_played_says_what_it_lacks(
    row: WindowRow | None, events: int, reason: str
) -> None:
    assert why(row, events=events, playable_at=None) == reason


def test_a_window_that_begins_with_its_snapshot_plays_whole() -> None:
    assert why(stored((T, 0), (T + 9, 4))) is None


def test_a_window_whose_recorder_began_in_an_earlier_session_plays_whole() -> None:
    """All that this session has of it plays, for it took a snapshot when the visitor came back."""
    assert why(stored((T, 57), lowest_seq=57)) is None


@pytest.mark.parametrize("missing_seqs", [[], [0], [3, 70]])
def test_where_batches_come_before_the_first_snapshot_and_earlier_ones_are_lost_it_says_so(
    missing_seqs: list[int],
) -> None:
    row = stored((T + 100, 9), lowest_seq=1, before=3)

    assert why(row, playable_at=T + 100, missing_seqs=missing_seqs) == "first_part_missing"


def test_what_is_missing_behind_the_first_snapshot_is_not_the_first_part() -> None:
    row = stored((T + 100, 1), before=1)

    assert why(row, playable_at=T + 100, missing_seqs=[5]) is None
    assert why(row, playable_at=T + 100, missing_seqs=[0]) == "first_part_missing"


@pytest.mark.parametrize("seq", [-1, 4])
def test_where_nothing_is_lost_a_late_snapshot_is_the_recorder_s(seq: int) -> None:
    row = stored((T + BEGINNING_MS + 1, seq), lowest_seq=min(seq, 0), before=3)

    assert why(row, playable_at=T + BEGINNING_MS + 1) == "no_full_snapshot_at_beginning"
    assert why(row, playable_at=T + BEGINNING_MS) is None


def test_it_tells_from_where_and_each_snapshot() -> None:
    told = decide(
        events=9,
        first_at=T,
        playable_at=T + 5,
        missing_seqs=[],
        stored=stored((T + 5, 0), (T + 9, 1), in_all=700),
    )

    assert told.from_at == T + 5
    assert told.full_snapshots == [(T + 5, 0), (T + 9, 1)]
    assert told.full_snapshots_in_all == 700
    assert NOTHING_STORED.full_snapshots == []
