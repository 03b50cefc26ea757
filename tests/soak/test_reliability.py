"""The table goes between its marks, and the rest of the page stays."""

from pathlib import Path

from sessionizer.worker.steps import Step
from tests.soak.actions import Action, killed_at
from tests.soak.ledger import Ledger, table
from tests.soak.reliability import BEGIN, END, write_table


def test_a_page_that_is_not_there_is_begun(tmp_path: Path) -> None:
    page = tmp_path / "reliability.md"
    write_table(page, ["the table"])
    assert page.read_text().startswith("# Reliability\n")
    assert "the table" in page.read_text()


def test_the_table_replaces_the_one_before_and_nothing_else(tmp_path: Path) -> None:
    page = tmp_path / "reliability.md"
    page.write_text(f"# Reliability\n\nbefore\n{BEGIN}\nthe old one\n{END}\nafter\n")
    write_table(page, ["the new one"])
    text = page.read_text()
    assert "the old one" not in text
    assert text.startswith("# Reliability\n\nbefore\n")
    assert text.endswith(f"the new one\n{END}\nafter\n")


def test_what_was_done_after_the_last_comparison_is_not_survived() -> None:
    ledger = Ledger()
    ledger.did(killed_at(Step.BEFORE_COMMIT))
    ledger.did(Action.KILL)
    ledger.all_rows_are_right()
    ledger.did(Action.KILL)
    assert (ledger.kills(), ledger.kills_survived()) == (3, 2)
    assert "| **3** | **2** |" in table(ledger)[-1]


def test_the_end_of_the_soak_is_no_part_of_it() -> None:
    ledger = Ledger()
    ledger.closed = True
    ledger.did(Action.KILL)
    assert ledger.kills() == 0
