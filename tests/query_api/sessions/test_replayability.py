import pytest

from query_api.sessions.replayability import why_not


@pytest.mark.parametrize(
    ("replayable", "events", "landing_url", "reason"),
    [
        (True, 12, "https://shop.example/", None),
        # A Meta may say no address.
        (True, 12, "", None),
        (False, 0, "", "no_events"),
        (False, 12, "", "no_meta"),
        (False, 12, "https://shop.example/", "no_full_snapshot"),
    ],
)
def test_a_session_that_cannot_be_played_says_what_it_lacks(
    replayable: bool, events: int, landing_url: str, reason: str | None
) -> None:
    assert why_not(replayable=replayable, events=events, landing_url=landing_url) == reason
