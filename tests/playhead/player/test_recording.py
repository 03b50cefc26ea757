import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playhead.checkout import RECORDINGS
from playhead.player.recording import NoTimestamp, read, read_folder, timed

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.just("timestamp"), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize("recording", read_folder(RECORDINGS), ids=lambda recording: recording.name)
def test_a_shift_of_a_real_event_touches_nothing_but_its_timestamp(recording) -> None:
    for event in recording.events:
        was, now = json.loads(event.text), json.loads(event.shifted(86_400_000))
        assert now.pop("timestamp") == was.pop("timestamp") + 86_400_000
        assert now == was
        digits = str(event.at).encode()
        assert event.text.rindex(digits) == event.start
        assert event.shifted(0) == event.text
        assert timed(event.shifted(5)).shifted(-5) == event.text


@given(
    st.dictionaries(st.text() | st.just("data"), JSON, max_size=4),
    JSON,
    st.integers(0, 2**43),
    st.integers(-9, 9),
)
def test_the_events_own_timestamp_is_found_wherever_it_stands(before, after, at, by) -> None:
    event = {**before, "timestamp": at, "after": after}
    for text in (json.dumps(event), json.dumps(event, separators=(",", ":"), ensure_ascii=False)):
        assert json.loads(timed(text.encode()).shifted(by)) == {**event, "timestamp": at + by}


@pytest.mark.parametrize(
    ("text", "shifted"),
    [
        (
            b'{"type":3,"data":{"timestamp":7},"timestamp":7}',
            b'{"type":3,"data":{"timestamp":7},"timestamp":8}',
        ),
        (b'{"timestamp":7,"data":{"timestamp":7}}', b'{"timestamp":8,"data":{"timestamp":7}}'),
        (
            b'{"data":{"timestamp":7}, "timestamp" : 7 ,"x":1}',
            b'{"data":{"timestamp":7}, "timestamp" : 8 ,"x":1}',
        ),
        (
            b'{"data":"\\"timestamp\\":7}","timestamp":7.25}',
            b'{"data":"\\"timestamp\\":7}","timestamp":8.25}',
        ),
    ],
)
def test_another_timestamp_in_the_data_is_left_alone(text: bytes, shifted: bytes) -> None:
    assert timed(text).shifted(1) == shifted


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'{"timestamp":"7"}', b'{"timestamp":1e3}', b"{", b"7"])
def test_what_is_no_event_is_refused(text: bytes) -> None:
    with pytest.raises(NoTimestamp):
        timed(text)


def write(folder: Path, name: str, content: bytes) -> Path:
    file = folder / name
    file.write_bytes(gzip.compress(content))
    return file


def test_a_bad_line_is_named(tmp_path: Path) -> None:
    file = write(tmp_path, "a.jsonl.gz", b'{"timestamp":1}\n\n{"x":1}\n')
    with pytest.raises(NoTimestamp, match=r"a.jsonl.gz, line 3"):
        read(file)


def test_an_empty_recording_and_an_empty_folder_are_errors(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no"):
        read_folder(tmp_path)
    with pytest.raises(ValueError, match="holds no event"):
        read(write(tmp_path, "a.jsonl.gz", b"\n"))


def test_a_folders_recordings_come_by_name_with_their_facts(tmp_path: Path) -> None:
    write(tmp_path, "b.jsonl.gz", b'{"timestamp":9}\n')
    write(tmp_path, "a.jsonl.gz", b'{"timestamp":5}\n{"timestamp":2}\n')
    first, second = read_folder(tmp_path)
    assert (first.name, first.first_at, first.last_at, first.raw_bytes) == ("a", 2, 5, 30)
    assert second.name == "b"
