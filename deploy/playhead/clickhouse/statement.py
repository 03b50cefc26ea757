"""Where things are in a statement's text: an INSERT's data, the answer's FORMAT. Pure.

This routes requests; it decides nothing about what a user may do (that is `policy.py`, on the engine's own
parse). So a text that fools this lexer gets an error from the engine and nothing else.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Literal, NamedTuple

_TOKEN = re.compile(
    rb"""
    (?P<blank>\s+|--[^\n]*|\#[ !][^\n]*|/\*.*?\*/)
    |(?P<quoted>'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`(?:[^`\\]|\\.|``)*`)
    |(?P<heredoc>\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)
    |(?P<word>[A-Za-z_][\w$]*)
    |(?P<open>[(\[{])
    |(?P<close>[)\]}])
    |(?P<other>\d[\w.]*|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_DATA_FOLLOWS = re.compile(rb"[ \t\f]*;?[ \t\f]*\r?\n?")

_ASSIGNS = re.compile(rb"\s+\w+\s*=")

_INPUT = re.compile(rb"\bFROM\s+input\s*\(", re.IGNORECASE)

Kind = Literal["insert", "state", "read", "write"]
READS = frozenset({"SELECT", "WITH", "FROM", "SHOW", "DESCRIBE", "DESC", "EXPLAIN", "EXISTS", "CHECK"})


class Statement(NamedTuple):
    kind: Kind
    """insert: rows follow in `data`; state: SET or USE, which live in a session; read; write: all else."""
    sql: str
    """What the engine is to run. Of an insert the head only, without FORMAT or VALUES."""
    data: bytes
    """The rows that stand in the text itself, behind an insert's head."""
    data_format: str
    out_format: str | None
    """By the statement's own FORMAT clause."""
    selects: bool
    """The engine can give it block by block."""
    into_outfile: bool = False
    takes_input: bool = False
    """INSERT … SELECT … FROM input(…): rows that follow would have to go through the select."""


class _Word(NamedTuple):
    text: str
    start: int
    end: int
    after_start: bool
    """Some token stands before it."""


def _words(text: bytes) -> Iterator[_Word]:
    """The words outside of all brackets, quotes and comments."""
    depth = 0
    seen = False
    for token in _TOKEN.finditer(text):
        match token.lastgroup:
            case "blank":
                continue
            case "open":
                depth += 1
            case "close":
                depth -= 1
            case "word" if depth == 0:
                yield _Word(token[0].decode("ascii"), token.start(), token.end(), seen)
        seen = True


class InsertHead(NamedTuple):
    """An INSERT's head, cut where the engine takes the source of the rows."""

    target: str
    """INSERT INTO … and the columns."""
    settings: str
    """Its SETTINGS clause, or nothing."""


def insert_head(sql: str) -> InsertHead:
    """Cut the head of an insert (`Statement.sql`)."""
    text = sql.encode("utf-8", "surrogateescape")
    # A table may be called settings: the clause is the one that an assignment follows.
    clauses = [
        word for word in _words(text) if word.text.upper() == "SETTINGS" and _ASSIGNS.match(text, word.end)
    ]
    cut = clauses[0].start if clauses else len(text)
    return InsertHead(*(part.decode("utf-8", "surrogateescape") for part in (text[:cut], text[cut:])))


def is_blank(text: bytes) -> bool:
    """Nothing but blanks and comments."""
    return all(token.lastgroup == "blank" for token in _TOKEN.finditer(text))


def read(text: bytes) -> Statement:
    """Read one statement with what follows it. The text may end in binary data after an INSERT's head."""
    first = re.match(rb"(?:\s+|--[^\n]*\n|\#[ !][^\n]*\n|/\*.*?\*/|\()*([A-Za-z]+)", text, re.DOTALL)
    verb = first[1].decode("ascii").upper() if first else ""
    if verb == "INSERT" and (insert := _insert(text)) is not None:
        return insert
    words = [(word.text.upper(), word) for word in _words(text)]
    kind: Kind = "state" if verb in ("SET", "USE") else "read" if verb in READS else "write"
    if verb == "WITH" and any(name == "INSERT" for name, _ in words):
        kind = "write"
    return Statement(
        kind,
        text.decode("utf-8", "surrogateescape"),
        data=b"",
        data_format="",
        out_format=_out_format(text, words),
        selects=kind == "read" and verb in ("SELECT", "WITH", "FROM"),
        takes_input=verb == "INSERT" and _INPUT.search(text) is not None,
        into_outfile=any((one, two) == ("INTO", "OUTFILE") for (one, _), (two, _) in pairwise(words)),
    )


def _insert(text: bytes) -> Statement | None:
    """An INSERT whose rows follow it; None for INSERT … SELECT."""
    words = _words(text)
    for word in words:
        match word.text.upper():
            case "SELECT" | "WITH" | "INFILE" | "WATCH":
                return None
            case "VALUES":
                return _with_data(text, word.start, word.end, "Values")
            case "FORMAT" if word.after_start:
                named = next(words, None)
                if named is None:
                    return None
                if named.text.upper() == "VALUES":
                    return _with_data(text, word.start, named.end, "Values")
                return _with_data(text, word.start, named.end, named.text)
    # No FORMAT and no VALUES: the rows, if any, come in the default input format of the interface.
    return Statement(
        "insert", text.decode("utf-8", "surrogateescape").rstrip(" \t\r\n;"), b"", "Values", None, False
    )


def _with_data(text: bytes, head_end: int, data_from: int, data_format: str) -> Statement:
    follows = _DATA_FOLLOWS.match(text, data_from)
    start = follows.end() if follows else data_from
    head = text[:head_end].decode("utf-8", "surrogateescape")
    return Statement("insert", head.rstrip(), text[start:], data_format, None, False)


def _out_format(text: bytes, words: list[tuple[str, _Word]]) -> str | None:
    """The last FORMAT clause's; a function format(…) is none."""
    found = None
    for (name, word), (_, following) in pairwise(words):
        if name == "FORMAT" and word.after_start and text[word.end : following.start].isspace():
            found = following.text
    return found
