"""The lists of what the read-only user may name: a name a line, `#` begins a comment."""

from importlib.resources import files


def names(of: str) -> frozenset[str]:
    """The names of one list: functions, table_functions, system_tables or settings."""
    lines = (files(__name__) / f"{of}.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))
