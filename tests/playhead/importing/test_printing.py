from pathlib import Path

from rich.console import Console

from playhead.importing.printing import table_of, total
from playhead.importing.run import Outcome
from playhead.importing.sending import Sent
from playhead.importing.survey import Survey
from playhead.player.send import Window

SURVEY = Survey(Path("a.json"), 1_234, 5_600_000, 1_700_000_000_000, 1_700_000_060_000, "f" * 32, False)
SENDER = Window("secret-key", "ann", "w", "Browser/1")
WHOLE = Outcome(Path("a.json"), None, SURVEY, SENDER, Sent(1_234, 7))
UNFINISHED = Outcome(
    Path("b.json"), None, Survey(Path("b.json"), 1, 2, 3, 4, "e" * 32, True), SENDER, Sent(1, 1)
)
BAD = Outcome(Path("c\x1b[31m.json"), "line 3, event 3 is no rrweb event")


def shown(*outcomes: Outcome) -> str:
    console = Console(width=200)
    with console.capture() as captured:
        console.print(table_of(outcomes))
    return captured.get()


def test_the_table_says_what_became_of_each_file_and_never_the_key() -> None:
    header, whole, unfinished, bad = shown(WHOLE, UNFINISHED, BAD).splitlines()
    assert header.split() == ["file", "events", "batches", "MB", "first", "event", "visitor", "outcome"]
    assert whole.split() == ["a.json", "1,234", "7", "5.6", "2023-11-14", "22:13:20.000Z", "ann", "imported"]
    assert "its last page names a next one" in unfinished
    assert "\x1b" not in bad
    assert bad.split()[0] == r"c\x1b[31m.json"
    assert bad.rstrip().endswith("line 3, event 3 is no rrweb event")
    assert "secret-key" not in shown(WHOLE, UNFINISHED, BAD)


def test_the_total_counts_what_was_imported_and_what_was_not() -> None:
    assert total([WHOLE, UNFINISHED]) == "2 of 2 files, 1,235 events imported"
    assert total([WHOLE, BAD]) == "1 of 2 files, 1,234 events imported; 1 failed"
