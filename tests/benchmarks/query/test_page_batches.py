import json

import pytest

from benchmarks.query.page_batches import BETWEEN_MS, joined, marked, page, turn_at
from playhead.player.recording import Recording, timed
from tests.benchmarks.query.recorded import pages, recordings

START_AT = 1_795_800_000_000


def test_a_page_moved_in_time_is_the_recording_shifted() -> None:
    for recording, shown in zip(recordings(), pages(), strict=True):
        grown = b",".join(batch.at(START_AT) for batch in shown.batches)
        shift = START_AT - recording.first_at
        assert grown == b",".join(event.shifted(shift) for event in recording.events)


def test_each_event_of_a_batch_ends_where_its_stamp_says() -> None:
    for batch in pages()[0].batches:
        begin, texts = 0, []
        for stamp in batch.stamps:
            texts.append(batch.text[begin : stamp.end])
            begin = stamp.end + 1
        assert [json.loads(text)["timestamp"] for text in texts] == [
            event["timestamp"] for event in json.loads(b"[" + batch.text + b"]")
        ]


def test_the_facts_of_a_batch_are_those_of_its_events() -> None:
    for batch in pages()[0].batches:
        events = json.loads(b"[" + batch.at(START_AT) + b"]")
        times = [event["timestamp"] - START_AT for event in events]
        assert (batch.events, batch.first_ms, batch.last_ms) == (len(events), min(times), max(times))
        assert list(batch.snapshots_ms) == [
            at for at, event in zip(times, events, strict=True) if event["type"] == 2
        ]
        assert batch.raw_bytes == len(b"[" + batch.text + b"]")


def test_a_timestamp_of_other_digits_is_refused() -> None:
    recording = Recording("old", [timed(b'{"type":4,"data":{},"timestamp":12345}')])
    with pytest.raises(ValueError, match="5 digits"):
        page(recording)


def test_a_mark_stands_in_every_snapshot_and_changes_nothing_else() -> None:
    (batch, *_) = (one for one in pages()[0].batches if one.snapshots_ms)
    events = json.loads(b"[" + marked(batch, 17).later(5).at(START_AT) + b"]")
    roots = [
        next(node for node in event["data"]["node"]["childNodes"] if node["type"] == 2)
        for event in events
        if event["type"] == 2
    ]
    assert roots
    for root in roots:
        assert root["attributes"].pop("data-part") == "17"
    assert events == json.loads(b"[" + batch.at(START_AT + 5) + b"]")


def test_joined_pages_follow_one_another_without_touching() -> None:
    two = pages()[:2]
    length_ms = two[0].length_ms + two[1].length_ms + two[0].length_ms
    whole = joined(two, length_ms)
    assert whole.events == 2 * two[0].events + two[1].events
    turns = [
        two[0].batches,
        two[1].batches,
        two[0].batches,
    ]
    begins = [0, two[0].length_ms + BETWEEN_MS, two[0].length_ms + two[1].length_ms + 2 * BETWEEN_MS]
    expected = [
        batch.first_ms + begin for batches, begin in zip(turns, begins, strict=True) for batch in batches
    ]
    assert [batch.first_ms for batch in whole.batches] == expected


def test_the_turn_of_a_moment_is_the_mark_of_its_page() -> None:
    whole = joined(pages(), 200_000)
    marks = [
        (snapshot_ms, batch.text.split(b'"data-part":"')[1].split(b'"')[0])
        for batch in whole.batches
        for snapshot_ms in batch.snapshots_ms[:1]
    ]
    assert len(marks) > 10
    for at_ms, mark in marks:
        assert turn_at(pages(), at_ms) == int(mark)
