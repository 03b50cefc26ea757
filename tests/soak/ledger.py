"""What was done, what was survived, and what went wrong; the table of it."""

import statistics
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from sessionizer.worker.steps import Step
from tests.soak.actions import Action, killed_at

KILLS = (*map(killed_at, Step), Action.KILL)
"""Rows that count as kills of a worker."""


@dataclass
class Entry:
    times: int = 0
    survived: int = 0
    """Those after which all rows were found right."""
    ready_s: list[float] = field(default_factory=list)
    """From the action to a worker that is ready, or to state that is written again after a server's fault."""


@dataclass
class Totals:
    rounds: int = 0
    compared: int = 0
    """Rows, over all rounds."""
    records: int = 0
    sessions: int = 0
    recordings: int = 0
    events: int = 0
    dead_letters: int = 0
    receipts: int = 0
    changelog_records: int = 0
    changelog_end: int = 0


class Ledger:
    def __init__(self) -> None:
        self.entries = {name: Entry() for name in (*map(killed_at, Step), *Action)}
        self.ended_themselves: Counter[str] = Counter()
        """Workers that stopped rather than guess, by reason."""
        self.failures: list[str] = []
        self.totals = Totals()
        self.closed = False
        """What is done from now on is the end of the soak, and no part of it."""

    def did(self, name: str) -> None:
        if not self.closed:
            self.entries[name].times += 1

    def ready(self, name: str, after_s: float) -> None:
        self.entries[name].ready_s.append(after_s)

    def failed(self, what: str) -> None:
        self.failures.append(what)

    def all_rows_are_right(self) -> None:
        """What was done so far was survived."""
        for entry in self.entries.values():
            entry.survived = entry.times

    def kills(self) -> int:
        return sum(self.entries[name].times for name in KILLS)

    def deaths_at_steps(self) -> int:
        return sum(self.entries[killed_at(step)].times for step in Step)

    def kills_survived(self) -> int:
        return sum(self.entries[name].survived for name in KILLS)

    def counts(self) -> str:
        """In one line."""
        steps = " ".join(f"{step}={self.entries[killed_at(step)].times}" for step in Step)
        others = " ".join(f"{action.name.lower()}={self.entries[action].times}" for action in Action)
        return f"{steps} {others}"


def table(ledger: Ledger) -> list[str]:
    """In Markdown."""
    lines = [
        "| what was done | times | survived | ready again after, median | slowest |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, entry in ledger.entries.items():
        median = f"{statistics.median(entry.ready_s):.1f} s" if entry.ready_s else "–"
        slowest = f"{max(entry.ready_s):.1f} s" if entry.ready_s else "–"
        lines.append(f"| {name} | {entry.times} | {entry.survived} | {median} | {slowest} |")
    kills = [ledger.entries[name] for name in KILLS]
    ready = [seconds for entry in kills for seconds in entry.ready_s]
    median = f"{statistics.median(ready):.1f} s" if ready else "–"
    slowest = f"{max(ready):.1f} s" if ready else "–"
    lines.append(
        f"| **workers killed with -9, in all** | **{ledger.kills()}** | **{ledger.kills_survived()}** "
        f"| {median} | {slowest} |"
    )
    return lines


def summary(ledger: Ledger, elapsed_s: float, seed: int) -> list[str]:
    totals = ledger.totals
    lines = [
        f"{elapsed_s / 60:.0f} minutes with seed {seed}; {totals.rounds} times everything was compared, "
        f"{totals.compared:,} rows in all. At the end the log had {totals.records:,} records and the tables "
        f"{totals.sessions:,} sessions, {totals.recordings:,} batches and {totals.events:,} events; "
        f"{totals.dead_letters:,} dead letters, {totals.receipts:,} erasures. Of {totals.changelog_end:,} "
        f"offsets of the changelog, compaction had left {totals.changelog_records:,} records.",
    ]
    lines += _reasons(ledger.ended_themselves.most_common())
    return lines


def _reasons(counted: Iterable[tuple[str, int]]) -> list[str]:
    told = [f"{count} × {reason}" for reason, count in counted]
    return [f"Workers that ended themselves rather than guess: {'; '.join(told)}."] if told else []
