"""Instants as people write and read them."""

import pytest

from playhead.dead_letters.instant import instant, spelt

NOW = 1_764_000_000_000


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("90s", NOW - 90_000),
        ("2h", NOW - 7_200_000),
        ("30m", NOW - 1_800_000),
        ("3d", NOW - 3 * 86_400_000),
        ("2025-11-24", 1_763_942_400_000),
        ("2025-11-24T16:00", NOW),
        ("2025-11-24 17:00:00+01:00", NOW),
    ],
)
def test_an_instant_is_read(text: str, at: int) -> None:
    assert instant(text, NOW) == at


@pytest.mark.parametrize("text", ["", "yesterday", "2w", "-3h", "2025-13-01"])
def test_other_text_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match="90m, 2h, 3d"):
        instant(text, NOW)


def test_an_instant_is_spelt_to_the_millisecond() -> None:
    assert spelt(NOW + 7) == "2025-11-24 16:00:00.007Z"


@pytest.mark.parametrize("at", [10**18, -(10**18), 2**63])
def test_a_time_that_no_calendar_has_is_a_number(at: int) -> None:
    assert spelt(at) == str(at)
