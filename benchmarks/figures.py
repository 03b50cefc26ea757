"""Puts the figures of a benchmark's last whole run into its README: `python -m benchmarks.figures NAME`."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.result import RESULTS

BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"


def table(rows: Sequence[dict[str, Any]]) -> str:
    """The rows of a result file in Markdown."""
    lines = ["| measure | value | beside | ratio | goal | holds |", "|---|---|---|---|---|---|"]
    for row in rows:
        peer = "" if row["peer"] is None else f"{row['peer']}: {_number(row['peer_value'])}"
        ratio = "" if row["ratio"] is None else f"{row['ratio']:.2f}"
        goal = "" if row["goal"] is None else _number(row["goal"])
        holds = {True: "yes", False: "**no**", None: ""}[row["holds"]]
        value = f"{_number(row['value'])} {row['unit']}"
        lines.append(f"| {row['measure']} | {value} | {peer} | {ratio} | {goal} | {holds} |")
    return "\n".join(lines)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def replaced(text: str, figures: str) -> str:
    """The text with other figures between its marks.

    Raises:
        ValueError: a mark is missing.
    """
    before, found, rest = text.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not (found and ended):
        raise ValueError(f"no {BEGIN} … {END}")
    return f"{before}{BEGIN}\n{figures}\n{END}{after}"


def readme(name: str) -> Path:
    return Path(__file__).parent / name / "README.md"


if __name__ == "__main__":
    (name,) = sys.argv[1:]
    figures = table(json.loads((RESULTS / f"{name}.json").read_text()))
    readme(name).write_text(replaced(readme(name).read_text(), figures))
