"""Buckets of an activity series: on round times of a clock on the wall, through every change of it."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_api.sessions.activity import (
    AIM,
    LENGTHS,
    MOST,
    BucketLength,
    Stretch,
    about_so_many,
    chosen_length,
    edges,
    time_zones,
)
from schemas.rrweb_event import LATEST_AT

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


def at(zone: str, *when: int, fold: int = 0) -> int:
    """ms since the epoch of a year, month, day, hour and minute on a clock in that zone."""
    wall = datetime(*when, tzinfo=ZoneInfo(zone), fold=fold)  # type: ignore[misc,arg-type]
    return int(wall.timestamp() * 1000)


def walls(cut_at: list[int], zone: str) -> list[str]:
    return [datetime.fromtimestamp(each / 1000, ZoneInfo(zone)).strftime("%d %H:%M%z") for each in cut_at]


@pytest.mark.parametrize(
    ("stretch_ms", "length"),
    [
        (1, "PT1M"),
        (100 * MINUTE, "PT1M"),
        (100 * MINUTE + 1, "PT5M"),
        (DAY, "PT15M"),
        (7 * DAY, "PT3H"),
        (30 * DAY, "PT12H"),
        (90 * DAY, "P1D"),
        (366 * DAY, "P1W"),
        (5 * 365 * DAY, "P1M"),
        (20 * 365 * DAY, "P3M"),
        (LATEST_AT, "P1Y"),
    ],
)
def test_the_length_follows_from_the_time(stretch_ms: int, length: BucketLength) -> None:
    assert chosen_length(Stretch(0, stretch_ms)) == length


def test_a_day_is_short_when_the_clock_goes_forward_and_long_when_it_goes_back() -> None:
    zone = "Europe/Berlin"
    spring = edges(Stretch(at(zone, 2026, 3, 28), at(zone, 2026, 3, 31)), "P1D", zone)
    autumn = edges(Stretch(at(zone, 2026, 10, 24), at(zone, 2026, 10, 27)), "P1D", zone)

    assert [b - a for a, b in pairwise(spring)] == [24 * HOUR, 23 * HOUR, 24 * HOUR]
    assert [b - a for a, b in pairwise(autumn)] == [24 * HOUR, 25 * HOUR, 24 * HOUR]


def test_an_hour_that_the_clock_shows_twice_is_two_buckets_and_one_that_it_skips_is_none() -> None:
    zone = "Europe/Berlin"
    autumn = edges(Stretch(at(zone, 2026, 10, 25), at(zone, 2026, 10, 26)), "PT1H", zone)
    spring = edges(Stretch(at(zone, 2026, 3, 29), at(zone, 2026, 3, 30)), "PT1H", zone)

    assert walls(autumn, zone)[1:5] == ["25 01:00+0200", "25 02:00+0200", "25 02:00+0100", "25 03:00+0100"]
    assert len(autumn) - 1 == 25
    assert walls(spring, zone)[1:4] == ["29 01:00+0100", "29 03:00+0200", "29 04:00+0200"]
    assert len(spring) - 1 == 23


def test_buckets_of_several_hours_stay_on_the_round_hours_of_the_day() -> None:
    zone = "Europe/Berlin"
    cut_at = edges(Stretch(at(zone, 2026, 3, 29), at(zone, 2026, 3, 30)), "PT6H", zone)

    assert walls(cut_at, zone) == [
        "29 00:00+0100",
        "29 06:00+0200",
        "29 12:00+0200",
        "29 18:00+0200",
        "30 00:00+0200",
    ]


def test_a_clock_that_is_set_by_half_an_hour() -> None:
    zone = "Australia/Lord_Howe"
    autumn = edges(Stretch(at(zone, 2026, 4, 5, 0), at(zone, 2026, 4, 5, 4)), "PT1H", zone)
    spring = edges(Stretch(at(zone, 2026, 10, 4, 0), at(zone, 2026, 10, 4, 4)), "PT1H", zone)

    assert walls(autumn, zone) == [
        "05 00:00+1100",
        "05 01:00+1100",
        "05 02:00+1030",
        "05 03:00+1030",
        "05 04:00+1030",
    ]
    assert walls(spring, zone) == [
        "04 00:00+1030",
        "04 01:00+1030",
        "04 02:30+1100",
        "04 03:00+1100",
        "04 04:00+1100",
    ]


def test_a_day_without_a_midnight_begins_when_it_begins() -> None:
    zone = "America/Sao_Paulo"
    cut_at = edges(Stretch(at(zone, 2018, 11, 3), at(zone, 2018, 11, 6)), "P1D", zone)

    assert walls(cut_at, zone) == ["03 00:00-0300", "04 01:00-0200", "05 00:00-0200", "06 00:00-0200"]


def test_a_day_that_a_zone_left_out_has_no_bucket() -> None:
    zone = "Pacific/Apia"
    cut_at = edges(Stretch(at(zone, 2011, 12, 29), at(zone, 2012, 1, 1)), "P1D", zone)

    assert walls(cut_at, zone) == ["29 00:00-1000", "31 00:00+1400", "01 00:00+1400"]


def test_a_midnight_that_comes_twice_begins_the_day_at_the_first() -> None:
    zone = "America/Havana"
    cut_at = edges(Stretch(at(zone, 2026, 10, 31), at(zone, 2026, 11, 3)), "P1D", zone)

    assert walls(cut_at, zone) == ["31 00:00-0400", "01 00:00-0400", "02 00:00-0500", "03 00:00-0500"]


def test_hours_where_the_zone_is_off_by_a_quarter() -> None:
    zone = "Asia/Kathmandu"
    start = at("UTC", 2026, 11, 27, 12)

    assert walls(edges(Stretch(start, start + HOUR), "PT1H", zone), zone) == [
        "27 17:00+0545",
        "27 18:00+0545",
        "27 19:00+0545",
    ]


@pytest.mark.parametrize(
    ("length", "first", "last"),
    [
        ("P1W", (2026, 11, 23), (2026, 12, 7)),
        ("P1M", (2026, 11, 1), (2026, 12, 1)),
        ("P3M", (2026, 10, 1), (2027, 1, 1)),
        ("P1Y", (2026, 1, 1), (2027, 1, 1)),
    ],
)
def test_weeks_begin_on_monday_and_months_on_their_first(
    length: BucketLength, first: tuple[int, ...], last: tuple[int, ...]
) -> None:
    zone = "America/New_York"
    cut_at = edges(Stretch(at(zone, 2026, 11, 27, 12), at(zone, 2026, 11, 30, 1)), length, zone)

    assert (cut_at[0], cut_at[-1]) == (at(zone, *first), at(zone, *last))


zones = st.sampled_from(sorted(time_zones()))
starts = st.integers(0, LATEST_AT - 400 * DAY)


@st.composite
def asked(draw: st.DrawFn) -> tuple[Stretch, BucketLength]:
    from_at = draw(starts)
    length = draw(st.sampled_from(LENGTHS))
    most = draw(st.sampled_from([MINUTE, HOUR, DAY, 400 * DAY]))
    stretch = Stretch(from_at, from_at + draw(st.integers(1, most)))
    if about_so_many(stretch, length) > 300:
        length = chosen_length(stretch)
    return stretch, length


@given(asked(), zones)
def test_buckets_hold_the_stretch_without_a_gap_and_none_lies_outside(
    one: tuple[Stretch, BucketLength], zone: str
) -> None:
    stretch, length = one
    cut_at = edges(stretch, length, zone)

    assert cut_at == sorted(set(cut_at))
    assert cut_at[0] <= stretch.from_at < cut_at[1]
    assert cut_at[-2] < stretch.to_at <= cut_at[-1]


@given(starts, st.integers(1, 400), zones)
def test_a_bucket_of_a_day_is_that_days_date_and_no_other(start: int, days: int, zone: str) -> None:
    def date(moment: int) -> object:
        return (
            (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=moment))
            .astimezone(ZoneInfo(zone))
            .date()
        )

    cut_at = edges(Stretch(start, start + min(days, 40) * DAY), "P1D", zone)

    dates = [date(each) for each in cut_at]
    assert len(set(dates)) == len(dates)
    for begins, ends in pairwise(cut_at):
        assert date(begins) == date(ends - 1)


@given(starts, st.integers(1, 400 * DAY))
def test_a_chosen_length_makes_about_what_a_chart_can_show(start: int, lasts: int) -> None:
    stretch = Stretch(start, start + lasts)

    assert len(edges(stretch, chosen_length(stretch), "UTC")) - 1 <= AIM + 2


def test_the_longest_time_there_is_makes_no_more_than_the_most() -> None:
    whole = Stretch(0, LATEST_AT)

    assert len(edges(whole, chosen_length(whole), "Pacific/Kiritimati")) - 1 <= MOST
