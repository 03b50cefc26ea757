from pathlib import Path

import pytest

from playhead.importing.problems import Unimportable
from playhead.importing.recorded_events import Event
from playhead.importing.survey import Digest, survey
from tests.playhead.importing import files

EVENTS = [*files.events(3, start_at=5_000), *files.events(2, start_at=1_000)]


def test_a_survey_tells_what_is_in_a_file(tmp_path: Path) -> None:
    seen = survey(files.write(tmp_path, "a", files.lines(EVENTS)))
    assert (seen.events, seen.raw_bytes) == (5, sum(map(len, EVENTS)))
    assert (seen.first_at, seen.last_at, seen.unfinished) == (1_000, 5_020, False)
    assert survey(files.write(tmp_path, "b", files.page(EVENTS, "more"))).unfinished


def test_the_digest_is_of_the_events_and_not_of_how_they_are_written_down(tmp_path: Path) -> None:
    def digest(content: bytes, name: str = "a") -> str:
        return survey(files.write(tmp_path, name, content)).digest

    forms = (files.array, files.pretty, files.page, files.lines, files.pages)
    digests = {digest(form(EVENTS), name) for form in forms for name in ("a", "b.gz")}
    packed = {digest(form([files.pack(files.marked(event)) for event in EVENTS])) for form in forms}
    assert (len(digests), len(packed)) == (1, 1)
    assert len(digests.pop()) == 32
    assert digest(files.lines(EVENTS[:-1])) != digest(files.lines(EVENTS))
    assert digest(files.lines(EVENTS[::-1])) != digest(files.lines(EVENTS))


def test_where_an_event_ends_is_part_of_the_digest() -> None:
    def digest(*texts: bytes) -> str:
        over = Digest()
        assert len(list(over.over(Event(text, 0, 1, None) for text in texts))) == len(texts)
        return over.hex()

    assert digest(b"ab", b"c") != digest(b"a", b"bc") != digest(b"abc")


@pytest.mark.parametrize("name", ["absent", "."])
def test_a_file_that_cannot_be_read_is_said_to_be_so(tmp_path: Path, name: str) -> None:
    with pytest.raises(Unimportable, match="it cannot be read: "):
        survey(tmp_path / name)


def test_one_bad_event_is_found_before_anything_is_sent(tmp_path: Path) -> None:
    with pytest.raises(Unimportable, match="line 6, event 6"):
        survey(files.write(tmp_path, "a", files.lines(EVENTS) + b"{}"))
