"""What a benchmark hands over: rows, printed as a table and kept as `benchmarks/results/<name>.json`."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Measure:
    """One row.

    Attributes:
        peer: what it is compared with, if anything; `ratio` is then value by peer_value.
        goal: the number to reach; `bound` says from which side, `of_ratio` that it is the ratio that counts.
        holds: None where there is no goal.
    """

    measure: str
    value: float
    unit: str
    peer: str | None = None
    peer_value: float | None = None
    goal: float | None = None
    bound: Literal["at most", "at least"] = "at most"
    also: bool = True
    """A further condition of the goal that the number does not show."""
    of_ratio: bool = False

    @property
    def ratio(self) -> float | None:
        return self.value / self.peer_value if self.peer_value else None

    @property
    def holds(self) -> bool | None:
        if self.goal is None:
            return None
        reached = self.ratio if self.of_ratio else self.value
        if reached is None:
            raise ValueError(f"{self.measure}: a goal for a ratio, and nothing to compare with")
        within = reached <= self.goal if self.bound == "at most" else reached >= self.goal
        return within and self.also


def show(name: str, measures: Sequence[Measure]) -> None:
    """Print the table."""
    table = Table("measure", "value", "unit", "peer", "ratio", "goal", "holds", title=name)
    for one in measures:
        table.add_row(
            one.measure,
            f"{one.value:,.6g}",
            one.unit,
            "" if one.peer is None else f"{one.peer}: {one.peer_value:,.6g}",
            "" if one.ratio is None else f"{one.ratio:.2f}",
            "" if one.goal is None else f"{one.bound} {one.goal:,.6g}{' x' * one.of_ratio}",
            {True: "yes", False: "NO", None: ""}[one.holds],
        )
    Console(width=160).print(table)


def report(name: str, measures: Sequence[Measure]) -> None:
    """Print the table and replace the result file."""
    show(name, measures)
    rows = [
        {
            "measure": one.measure,
            "value": round(one.value, 3),
            "unit": one.unit,
            "peer": one.peer,
            "peer_value": one.peer_value,
            "ratio": one.ratio,
            "goal": one.goal,
            "holds": one.holds,
        }
        for one in measures
    ]
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(rows, indent=2) + "\n")
