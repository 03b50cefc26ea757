"""Puts the table of a soak into docs/reliability.md, between two marks."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

REPORT = Path("docs") / "reliability.md"
BEGIN = "<!-- soak: begin; written by `make soak-sessionizer` -->"
END = "<!-- soak: end -->"
HEADING = "## Killed by the hundred"


def write_table(page: Path, lines: Sequence[str]) -> None:
    """Replace what is between the marks; a page without them gets them at its end."""
    text = page.read_text() if page.exists() else "# Reliability\n"
    if BEGIN not in text:
        text = f"{text.rstrip()}\n\n{HEADING}\n\n{BEGIN}\n{END}\n"
    before, rest = text.split(BEGIN, 1)
    _, after = rest.split(END, 1)
    today = datetime.now(UTC).date().isoformat()
    page.write_text(f"{before}{BEGIN}\n{today}: " + "\n".join([*lines, f"{END}{after}"]))
