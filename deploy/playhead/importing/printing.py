"""Outcomes as a table, and as one line. Pure.

Names and reasons hold what is in files and answers: what a terminal would obey is spelt out.
"""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from playhead.dead_letters.instant import spelt
from playhead.dead_letters.printing import printable
from playhead.importing.run import Outcome


def table_of(outcomes: Sequence[Outcome]) -> Table:
    table = Table(box=None)
    table.add_column("file", overflow="fold")
    for column in ("events", "batches", "MB"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("first event", no_wrap=True)
    table.add_column("visitor", overflow="fold")
    table.add_column("outcome", overflow="fold", ratio=1)
    for outcome in outcomes:
        cells = (_name(outcome), *_figures(outcome), _said(outcome))
        table.add_row(*(Text(printable(cell)) for cell in cells))
    return table


def _name(outcome: Outcome) -> str:
    surveyed = outcome.surveyed
    return (
        str(outcome.file)
        if surveyed is None or surveyed.window is None
        else f"{outcome.file} {surveyed.window}"
    )


def _figures(outcome: Outcome) -> tuple[str, str, str, str, str]:
    surveyed, sent = outcome.surveyed, outcome.sent
    return (
        "" if surveyed is None else f"{surveyed.events:,}",
        "" if sent is None else f"{sent.batches:,}",
        "" if surveyed is None else f"{surveyed.raw_bytes / 1e6:.1f}",
        "" if surveyed is None else spelt(surveyed.first_at),
        "" if outcome.sender is None else outcome.sender.visitor,
    )


def _said(outcome: Outcome) -> str:
    if outcome.why is not None:
        return outcome.why
    if outcome.surveyed is not None and outcome.surveyed.unfinished:
        return "imported; its last page names a next one (next_cursor), which is not in the file"
    return "imported"


def total(outcomes: Sequence[Outcome]) -> str:
    """One line: what was imported, and how many files were not."""
    sent = [outcome.sent for outcome in outcomes if outcome.sent is not None]
    failed = len(outcomes) - len(sent)
    events = sum(each.events for each in sent)
    not_whole = f"; {failed} failed" if failed else ""
    return f"{len(sent)} of {len(outcomes)} files, {events:,} events imported{not_whole}"
