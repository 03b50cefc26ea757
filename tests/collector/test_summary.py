"""The envelope's facts are those of the events."""

import json

import pytest
import xxhash
from hypothesis import given
from hypothesis import strategies as st

from collector.decode import decode
from collector.summary import HREF_MAX_CHARS, Summary, hash_events, summarise
from tests.collector.builders import AT, array, event, event_texts, full_snapshot, meta


def summary_of(*events: bytes) -> Summary:
    return summarise(decode(array(*events), 20_000).events)


@given(st.lists(event_texts(), min_size=1, max_size=6))
def test_times_and_counts_are_those_of_the_events(events):
    summary = summary_of(*events)
    read = [json.loads(text) for text in events]
    times = [int(one["timestamp"]) for one in read]
    assert (summary.events, summary.first_at, summary.last_at) == (len(read), min(times), max(times))
    assert list(summary.full_snapshots_at) == sorted(
        at for at, one in zip(times, read, strict=True) if one["type"] == 2
    )
    metas = [at for at, one in zip(times, read, strict=True) if one["type"] == 4]
    assert summary.meta_at == min(metas, default=None)


@pytest.mark.parametrize(
    ("timestamps", "in_order"),
    [
        ([AT], True),
        ([AT, AT, AT + 1], True),
        ([AT + 1, AT], False),
        ([AT + 0.5, AT + 0.25], False),
        ([AT, AT + 0.5, AT + 1], True),
        ([AT, AT + 2, AT + 1], False),
    ],
)
def test_it_tells_whether_the_events_are_in_order(timestamps, in_order):
    assert summary_of(*map(event, timestamps)).in_order is in_order


def test_a_fraction_of_a_ms_is_cut_off():
    summary = summary_of(event(AT + 0.9), full_snapshot(AT + 1.9), meta(AT + 0.1))
    assert (summary.first_at, summary.last_at) == (AT, AT + 1)
    assert summary.full_snapshots_at == (AT + 1,)
    assert summary.meta_at == AT


def test_the_facts_are_those_of_the_earliest_meta():
    summary = summary_of(
        meta(AT + 5, "https://late.example/", 1, 2),
        meta(AT, "https://early.example/", 800, 600),
        event(AT - 9),
    )
    assert (summary.meta_at, summary.href, summary.width, summary.height) == (
        AT,
        "https://early.example/",
        800,
        600,
    )


def test_of_metas_at_the_same_time_the_first_counts():
    assert (
        summary_of(meta(AT, "https://a.example/"), meta(AT, "https://b.example/")).href
        == "https://a.example/"
    )


def test_without_a_meta_there_are_no_facts():
    summary = summary_of(event(), full_snapshot())
    assert (summary.meta_at, summary.href, summary.width, summary.height) == (None, None, None, None)


@pytest.mark.parametrize("data", [None, 5, [], {"href": 5}, {"href": None}, {}])
def test_a_meta_of_another_shape_has_no_facts_and_is_no_refusal(data):
    summary = summary_of(json.dumps({"type": 4, "data": data, "timestamp": AT}).encode(), event())
    assert (summary.meta_at, summary.href) == (AT, None)


def test_a_meta_without_data_has_no_facts():
    assert summary_of(b'{"type":4,"timestamp":7}').meta_at == 7


@pytest.mark.parametrize(
    ("width", "kept"), [(1_280.5, 1_280), (0, 0), (-1, None), (2**31, None), (10**40, None)]
)
def test_a_size_is_whole_and_sane(width, kept):
    assert summary_of(meta(width=width)).width == kept


def test_a_long_address_is_cut():
    assert summary_of(meta(href="data:" + "x" * 50_000)).href == ("data:" + "x" * 50_000)[:HREF_MAX_CHARS]


@given(st.lists(event_texts(), min_size=1, max_size=6))
def test_each_event_has_its_hash(events):
    expected = [xxhash.xxh3_64_intdigest(text).to_bytes(8, "little") for text in events]
    assert hash_events(array(*events)) == b"".join(expected)
    assert hash_events(b"[ " + b" ,\n".join(events) + b" ]") == b"".join(expected)
