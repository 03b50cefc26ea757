from pathlib import Path

import pytest

from playhead.checkout import RECORDINGS
from playhead.importing.problems import Unimportable
from playhead.importing.recorded_events import RecordedEvents
from playhead.player.recording import read_folder
from schemas.rrweb_event import LATEST_AT
from tests.playhead.importing import files


def read(file: Path) -> list[bytes]:
    return [event.text for event in RecordedEvents(file)]


EVENTS = files.events(5)
PACKED = [files.pack(files.marked(event)) for event in EVENTS]


@pytest.mark.parametrize("form", [files.array, files.pretty, files.page, files.lines, files.pages])
@pytest.mark.parametrize("name", ["recording", "recording.gz"])
def test_every_form_gives_the_same_events_in_their_own_bytes(
    tmp_path: Path, form: files.Form, name: str
) -> None:
    assert read(files.write(tmp_path, name, form(EVENTS))) == EVENTS
    assert read(files.write(tmp_path, name, form(PACKED))) == [files.marked(event) for event in EVENTS]
    mixed = [PACKED[0], *EVENTS[1:]]
    assert read(files.write(tmp_path, name, form(mixed))) == [files.marked(EVENTS[0]), *EVENTS[1:]]


@pytest.mark.parametrize("recording", read_folder(RECORDINGS), ids=lambda recording: recording.name)
def test_a_real_recording_is_read_as_the_player_reads_it(recording) -> None:
    read = [(event.text, event.at) for event in RecordedEvents(RECORDINGS / f"{recording.name}.jsonl.gz")]
    assert read == [(event.text, event.at) for event in recording.events]


def test_each_event_knows_its_time_and_its_place(tmp_path: Path) -> None:
    lines = files.write(tmp_path, "a", files.array(EVENTS[:2]) + b"\n\n" + EVENTS[2])
    assert [event.place for event in RecordedEvents(lines)] == [
        "line 1, event 1",
        "line 1, event 2",
        "line 3, event 3",
    ]
    one = files.write(tmp_path, "a", files.pretty(EVENTS[:2]))
    assert [event.place for event in RecordedEvents(one)] == ["event 1", "event 2"]
    fractions = files.write(tmp_path, "a", b'{"type":3,"timestamp":1700000000000.75}')
    assert [event.at for event in RecordedEvents(fractions)] == [1_700_000_000_000]


def test_a_field_named_events_does_not_make_an_event_a_page(tmp_path: Path) -> None:
    event = b'{"type":5,"events":[1],"timestamp":1}'
    assert read(files.write(tmp_path, "a", event)) == [event]


def test_half_a_character_becomes_what_the_collector_makes_of_it(tmp_path: Path) -> None:
    event = rb'{"type":5,"data":"\ud83d","timestamp":1}'
    mended = rb'{"type":5,"data":"\ufffd","timestamp":1}'
    marked = mended[:-1] + b',"v":"v1"}'
    for form in (files.array, files.lines):
        assert read(files.write(tmp_path, "a", form([event]))) == [mended]
        packed = files.pack(event[:-1] + b',"v":"v1"}')
        assert read(files.write(tmp_path, "a", form([packed]))) == [marked]


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (b"7", "no rrweb event"),
        (b"{}", "no rrweb event: .*type"),
        (b'{"type":3}', "no rrweb event: .*timestamp"),
        (b'{"type":3,"timestamp":"1"}', "no rrweb event"),
        (b'{"type":-1,"timestamp":1}', "no rrweb event"),
        (b'{"type":65536,"timestamp":1}', "no rrweb event"),
        (b'{"type":3,"timestamp":-1}', "no rrweb event"),
        (b'{"type":3,"timestamp":%d}' % (LATEST_AT + 1), "no rrweb event"),
        (b'{"type":3,"timestamp":1,"data":"\xff"}', "no rrweb event: .*utf-8"),
        (b"[[]]", "no rrweb event"),
        (b'[{"type":3,"timestamp":1},"hello"]', "event 4.*does not unpack"),
        (b'{"events":7}', "no rrweb event"),
        (b'{"type":3,"timestamp":1,"data":' + b"[" * 5_000 + b"]" * 5_000 + b"}", "nested too deep"),
        (b'{"type":3,', "line 4, event 3: "),
    ],
)
def test_what_is_no_event_is_named_by_line_and_number(tmp_path: Path, document: bytes, why: str) -> None:
    good = files.lines(EVENTS[:2])
    with pytest.raises(Unimportable, match=why) as raised:
        read(files.write(tmp_path, "a", good + b"\n" + document + b"\n"))
    assert str(raised.value).startswith("line 4, event ")


@pytest.mark.parametrize("type_and_time", [(0, 0), (65_535, LATEST_AT)])
def test_what_the_collector_still_takes_is_taken(tmp_path: Path, type_and_time: tuple[int, int]) -> None:
    event = b'{"type":%d,"timestamp":%d}' % type_and_time
    assert read(files.write(tmp_path, "a", event)) == [event]


@pytest.mark.parametrize("content", [b"", b"\n", b"[]", b'{"events":[]}'])
def test_a_file_without_an_event_is_an_error(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Unimportable, match="it holds no event"):
        read(files.write(tmp_path, "a", content))


def test_a_page_that_names_a_next_one_is_known_to_be_unfinished(tmp_path: Path) -> None:
    def unfinished(content: bytes) -> bool:
        recorded = RecordedEvents(files.write(tmp_path, "a", content))
        assert list(recorded)
        return recorded.unfinished

    assert unfinished(files.page(EVENTS, "more"))
    assert unfinished(files.page(EVENTS) + b"\n" + files.page(EVENTS, "more"))
    assert not unfinished(files.pages(EVENTS))
    assert not unfinished(files.page(EVENTS, "more") + b"\n" + files.lines(EVENTS))
    assert not unfinished(files.lines(EVENTS))
