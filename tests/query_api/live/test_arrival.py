"""The ids of a live stream, and what is no id."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_api.live.arrival import LARGEST_OFFSET, LARGEST_PARTITION, Arrival, EventId, id_of, read_id
from query_api.problems import Refusal

arrivals = st.builds(Arrival, st.integers(0, LARGEST_PARTITION), st.integers(0, LARGEST_OFFSET))


@given(arrivals)
def test_an_id_is_partition_and_offset_and_is_read_back(at: Arrival) -> None:
    assert str(id_of(at, None)) == f"{at.partition}-{at.offset}"
    assert read_id(str(id_of(at, None))) == EventId(at, None)


@given(arrivals, st.integers(0, LARGEST_OFFSET))
def test_up_to_its_horizon_an_id_says_where_that_is(at: Arrival, horizon: int) -> None:
    written = id_of(at, Arrival(at.partition, horizon))

    assert read_id(str(written)) == written
    assert (written.horizon is None) is (at.offset > horizon)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "-",
            "1",
            "1-",
            "-1",
            "1-2-",
            "1-2-3-4",
            "a-1",
            "1-b",
            "1 -2",
            " 1-2",
            "1-2\n",
            "0x1-2",
            "1.0-2",
        ),
        *("-1-2", "1--2", "+1-2", "65536-0", "0-9223372036854775808", "1-5-4", "1-5-9223372036854775808"),
        *("٣-٤", "1" * 64, "1-" + "9" * 40),
    ],
)
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_id(text)
    assert refused.value.facts.status == 400
