"""The engine's parse of a statement, as `EXPLAIN AST` writes it: a line a node. Pure."""

import re
from typing import NamedTuple

_LINE = re.compile(r" *(?P<kind>[A-Za-z]+(?:::[A-Za-z]+)?)(?: (?P<rest>.*))?")
_REST = re.compile(r"(?P<name>.*?)(?: \(alias .*\))?(?: ?\(children \d+\))?")


class Node(NamedTuple):
    kind: str
    """`Function`, `TableIdentifier` …"""
    name: str
    """Of a function its name, of an identifier its parts joined by dots; raw, without quotes."""


def nodes(explained: str) -> list[Node]:
    """Every node of the tree.

    A quoted name may hold a line end and so write lines of its own. They add nodes; none can be hidden so.

    Raises:
        ValueError: a line is no node.
    """
    found = []
    for line in explained.splitlines():
        if not line.strip():
            continue
        matched = _LINE.fullmatch(line)
        if matched is None:
            raise ValueError(line)
        rest = _REST.fullmatch(matched["rest"] or "")
        found.append(Node(matched["kind"], rest["name"] if rest else ""))
    return found
